package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.batch.Cells;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;

/**
 * A load of a table with a key that may hold rows of the same keys, in this order: rows that lack cells take them from the rows as they were,
 * deleted or left keys are deleted or marked, keys that come anew are deleted, and the rows are appended.
 *
 * <p>It deletes and appends where a MERGE would update, because DuckDB holds what an update writes in memory until the commit, and can neither
 * spill nor shrink it: a few thousand wide rows exceed its limit. Appended rows go to disk as they come. Whole rows never pass a stage, only
 * their keys do. Narrow rows that lack wide cells are updated in place, so that what they lack is neither read nor written.
 */
final class KeyedStage {
    private static final String KEYS = "__millrace_stage_keys";
    private static final String GONE = "__millrace_stage_gone";
    private static final String ROWS = "__millrace_stage_rows";
    private static final String FILLED = "__millrace_stage_filled";
    private static final String WAY = "__millrace_stage_way";
    private static final String FOUND = "__millrace_stage_found";
    private static final String MASK = "__millrace_stage_mask_";
    private static final String ORIGIN = "__millrace_stage_origin_";

    private final DuckDBConnection connection;
    private final TableLoad load;
    private final TargetName target;
    private final String into;
    /** Value columns that the rows have. */
    private final List<TargetColumn> values;

    private final List<TargetColumn> metadata;
    /** All columns that the rows have. */
    private final List<TargetColumn> written;

    private final List<TargetColumn> key;
    /** Quoted names of the table's other columns: dropped at the source or not ours. A row keeps them, also under a new key. */
    private final List<String> kept;

    private final List<TargetColumn> order;
    private final RowPlan plan;
    private final String table;
    private long whole;
    private long gone;
    private long filled;
    private long inPlace;

    /**
     * @param kept the table's columns that the rows lack
     * @param order the load's columns in the table's order; null where the table has others
     */
    KeyedStage(
            DuckDBConnection connection, TableLoad load, TargetName into, List<String> kept, List<TargetColumn> order) {
        this.connection = connection;
        this.load = load;
        this.target = into;
        this.into = Sql.name(into);
        this.values = load.target().columns().stream()
                .filter(c -> c.role() == Role.VALUE && c.sourceIndex() >= 0)
                .toList();
        this.metadata = load.target().columns().stream()
                .filter(c -> c.role() != Role.VALUE)
                .toList();
        this.written = new ArrayList<>(values);
        this.written.addAll(metadata);
        this.key = load.target().key();
        this.kept = kept.stream().map(Sql::quote).toList();
        this.plan = new RowPlan(load, order != null && kept.isEmpty());
        this.order = order;
        this.table = load.target().name().toString();
    }

    void run() throws SQLException {
        keys();
        if (filled + inPlace > 0) {
            rows();
        }
        if (filled > 0) {
            execute(fill());
        }
        if (gone > 0) {
            gone();
            execute(load.onDelete() == OnDelete.HARD ? deleteGone() : markGone());
            execute("DROP TABLE temp." + GONE);
        }
        for (int set = 0; set < plan.sets(); set++) {
            execute(updateInPlace(set));
        }
        if (whole + filled > 0) {
            execute("DELETE FROM " + into + " AS t USING temp." + KEYS + " AS s WHERE " + sameKey());
        }
        execute("DROP TABLE temp." + KEYS);
        write();
    }

    private void write() throws SQLException {
        if (whole > 0) {
            append();
        }
        String insert = "INSERT INTO " + into + " (" + Sql.names(written);
        String select = ") SELECT " + Sql.names(written);
        if (inPlace > 0) { // what was not there to be updated; the cells such a row lacks are NULL
            execute(insert + select + " FROM temp." + ROWS + " AS s WHERE " + WAY
                    + " >= 0 AND NOT EXISTS (SELECT 1 FROM " + into + " AS t WHERE " + sameKey() + ")");
        }
        if (filled > 0) {
            String others = ", " + String.join(", ", kept);
            String from = " FROM temp." + FILLED;
            if (kept.isEmpty()) {
                execute(insert + select + from);
            } else { // new rows leave other columns to their defaults
                execute(insert + others + select + others + from + " WHERE " + FOUND);
                execute(insert + select + from + " WHERE NOT " + FOUND);
            }
            execute("DROP TABLE temp." + FILLED);
        }
        if (filled + inPlace > 0) {
            execute("DROP TABLE temp." + ROWS);
        }
    }

    /** First walk: the keys that make room, and how many rows go which way. */
    private void keys() throws SQLException {
        create(KEYS, definitions(key));
        RowAppender keys = new RowAppender(table, key);
        try (BoundedAppender appender = new BoundedAppender(connection, "temp", "main", KEYS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                int way = plan.way(row);
                if (load.onDelete() != OnDelete.IGNORE && (way == RowPlan.GONE || plan.moved())) {
                    gone++;
                }
                if (way >= 0) {
                    inPlace++;
                } else if (way != RowPlan.GONE) {
                    appender.begin();
                    keys.append(appender.row(), row, row.values());
                    appender.end(0);
                    whole += way == RowPlan.WHOLE ? 1 : 0;
                    filled += way == RowPlan.FILLED ? 1 : 0;
                }
            }
        }
    }

    /** The rows that do not stand for themselves, each with the key it takes cells from. */
    private void rows() throws SQLException {
        List<String> columns = definitions(written);
        columns.add(WAY + " INTEGER");
        for (int i = 0; i < plan.mask().length; i++) {
            columns.add(MASK + i + " BIGINT");
        }
        for (int i = 0; i < key.size(); i++) {
            columns.add(ORIGIN + i + " " + DuckDbTypes.name(key.get(i).dataType()));
        }
        create(ROWS, columns);
        RowAppender rows = new RowAppender(table, values);
        RowAppender origins = new RowAppender(table, key);
        MetadataAppender meta = new MetadataAppender(metadata, load.loadedAtMicros());
        try (BoundedAppender appender = new BoundedAppender(connection, "temp", "main", ROWS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                int way = plan.way(row);
                if (way >= RowPlan.FILLED) {
                    Cells image = row.values();
                    appender.begin();
                    rows.append(appender.row(), row, image);
                    meta.append(appender.row(), row);
                    appender.row().append(way);
                    for (long word : plan.mask()) {
                        appender.row().append(word);
                    }
                    origins.append(appender.row(), row, plan.moved() ? row.origin() : image);
                    appender.end(BoundedAppender.bytes(image));
                }
            }
        }
    }

    private String fill() {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String name = Sql.quote(values.get(i).name());
            selected.add(
                    !plan.anyLacks(i)
                            ? "s." + name
                            : "CASE WHEN s." + MASK + i / RowPlan.MASK_BITS + " & " + (1L << (i % RowPlan.MASK_BITS))
                                    + " <> 0 THEN t." + name + " ELSE s." + name + " END AS " + name);
        }
        for (TargetColumn column : metadata) {
            selected.add(Sql.column("s", column));
        }
        for (String name : kept) {
            selected.add("t." + name);
        }
        List<String> match = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            match.add(Sql.column("t", key.get(i)) + " = s." + ORIGIN + i);
        }
        return "CREATE OR REPLACE TEMP TABLE " + FILLED + " AS SELECT " + String.join(", ", selected) + ", "
                + Sql.column("t", key.get(0)) + " IS NOT NULL AS " + FOUND + " FROM (FROM temp." + ROWS + " WHERE "
                + WAY + " < 0) AS s"
                + " LEFT JOIN " + into + " AS t ON (" + String.join(" AND ", match) + ")";
    }

    /** The keys that are no more: of deleted rows, and those that rows have left. */
    private void gone() throws SQLException {
        List<TargetColumn> staged = new ArrayList<>(key);
        staged.addAll(metadata);
        create(GONE, definitions(staged));
        RowAppender keys = new RowAppender(table, key);
        MetadataAppender meta = new MetadataAppender(metadata, load.loadedAtMicros());
        try (BoundedAppender appender = new BoundedAppender(connection, "temp", "main", GONE)) {
            RowCursor row = load.rows();
            while (row.next()) {
                boolean deleted = plan.way(row) == RowPlan.GONE;
                if (deleted || plan.moved()) {
                    appender.begin();
                    keys.append(appender.row(), row, deleted ? row.values() : row.origin());
                    meta.append(appender.row(), row);
                    appender.end(0);
                }
            }
        }
    }

    private String deleteGone() {
        return "DELETE FROM " + into + " AS t USING temp." + GONE + " AS s WHERE " + sameKey();
    }

    private String markGone() {
        List<String> sets = new ArrayList<>();
        for (TargetColumn column : metadata) {
            switch (column.role()) {
                case DELETED -> sets.add(Sql.quote(column.name()) + " = true");
                case LOADED_AT, SOURCE_MODIFIED_AT ->
                    sets.add(Sql.quote(column.name()) + " = s." + Sql.quote(column.name()));
                default -> {}
            }
        }
        return "UPDATE " + into + " AS t SET " + String.join(", ", sets) + " FROM temp." + GONE + " AS s WHERE "
                + sameKey();
    }

    private String updateInPlace(int set) {
        List<TargetColumn> updated = new ArrayList<>(plan.present(set));
        updated.removeIf(TargetColumn::inKey);
        updated.addAll(metadata);
        return "UPDATE " + into + " AS t SET "
                + Sql.list(updated, ", ", c -> Sql.quote(c.name()) + " = " + Sql.column("s", c)) + " FROM temp." + ROWS
                + " AS s WHERE s." + WAY + " = " + set + " AND " + sameKey();
    }

    private void append() throws SQLException {
        try (TableRows rows = new TableRows(connection, load, target, order)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (plan.way(row) == RowPlan.WHOLE) {
                    rows.append(row);
                }
            }
        }
    }

    private static List<String> definitions(List<TargetColumn> columns) {
        List<String> definitions = new ArrayList<>();
        for (TargetColumn column : columns) {
            definitions.add(Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()));
        }
        return definitions;
    }

    private void create(String name, List<String> columns) throws SQLException {
        execute("CREATE OR REPLACE TEMP TABLE " + name + " (" + String.join(", ", columns) + ")");
    }

    private String sameKey() {
        return Sql.list(key, " AND ", column -> Sql.column("t", column) + " = " + Sql.column("s", column));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
