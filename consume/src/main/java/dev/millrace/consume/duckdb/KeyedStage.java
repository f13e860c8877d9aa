package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.storage.batch.Cells;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A load of a table with a key that may hold rows of the same keys, in this order: rows that lack cells take them from the rows as they were,
 * deleted or left keys are deleted or marked, keys that come anew are deleted, and the rows are appended, marked where they were deleted again.
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

    private final Staging staging;
    private final TableLoad load;
    private final String into;
    private final List<TargetColumn> values;
    private final List<TargetColumn> metadata;
    private final List<TargetColumn> key;
    /** Quoted names of the table's other columns: dropped at the source or not ours. A row keeps them, also under a new key. */
    private final List<String> kept;

    private final List<TargetColumn> order;
    private final RowPlan plan;
    private long whole;
    private long gone;
    private long filled;
    private long inPlace;

    /**
     * @param kept the table's columns that the rows lack
     * @param order the load's columns in the table's order; null where the table has others
     */
    KeyedStage(Staging staging, List<String> kept, List<TargetColumn> order) {
        this.staging = staging;
        this.load = staging.load();
        this.into = staging.into();
        this.values = staging.values();
        this.metadata = staging.metadata();
        this.key = staging.key();
        this.kept = kept.stream().map(Sql::quote).toList();
        this.plan = new RowPlan(load, order != null && kept.isEmpty());
        this.order = order;
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
            execute("DELETE FROM " + into + " AS t USING temp." + KEYS + " AS s WHERE " + staging.sameKey());
        }
        execute("DROP TABLE temp." + KEYS);
        write();
    }

    private void write() throws SQLException {
        if (whole > 0) {
            staging.append(order, row -> plan.way(row) == RowPlan.WHOLE);
        }
        String insert = "INSERT INTO " + into + " (" + Sql.names(staging.written());
        String select = ") SELECT " + Sql.names(staging.written());
        if (inPlace > 0) { // what was not there to be updated; the cells such a row lacks are NULL
            execute(insert + select + " FROM temp." + ROWS + " AS s WHERE " + WAY
                    + " >= 0 AND NOT EXISTS (SELECT 1 FROM " + into + " AS t WHERE " + staging.sameKey() + ")");
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
        staging.create(KEYS, Staging.definitions(key));
        RowAppender keys = staging.cells(key);
        try (BoundedAppender appender = staging.appender(KEYS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                int way = plan.way(row);
                if (load.onDelete() != OnDelete.IGNORE && isGone(way)) {
                    gone++;
                }
                if (way >= 0) {
                    inPlace++;
                } else if (way != RowPlan.GONE) {
                    appender.begin();
                    keys.append(appender.cells(), row, row.values());
                    appender.end(0);
                    whole += way == RowPlan.WHOLE ? 1 : 0;
                    filled += way == RowPlan.FILLED ? 1 : 0;
                }
            }
        }
    }

    /** Whether a key goes by the row asked about last. One that is to be marked, not deleted, is told by a row of its own where another left it. */
    private boolean isGone(int way) {
        return way == RowPlan.GONE || plan.moved() && load.onDelete() == OnDelete.HARD;
    }

    /** The rows that do not stand for themselves, each with the key it takes cells from. */
    private void rows() throws SQLException {
        List<String> columns = Staging.definitions(staging.written());
        columns.add(WAY + " INTEGER");
        for (int i = 0; i < plan.mask().length; i++) {
            columns.add(MASK + i + " BIGINT");
        }
        for (int i = 0; i < key.size(); i++) {
            columns.add(ORIGIN + i + " " + DuckDbTypes.name(key.get(i).dataType()));
        }
        staging.create(ROWS, columns);
        RowAppender rows = staging.cells(values);
        RowAppender origins = staging.cells(key);
        MetadataAppender meta = staging.metadataCells();
        try (BoundedAppender appender = staging.appender(ROWS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                int way = plan.way(row);
                if (way >= RowPlan.FILLED) {
                    Cells image = row.values();
                    appender.begin();
                    rows.append(appender.cells(), row, image);
                    meta.append(appender.cells(), row);
                    appender.row().append(way);
                    for (long word : plan.mask()) {
                        appender.row().append(word);
                    }
                    origins.append(appender.cells(), row, plan.moved() ? row.origin() : image);
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
        staging.create(GONE, Staging.definitions(staged));
        RowAppender keys = staging.cells(key);
        MetadataAppender meta = staging.metadataCells();
        try (BoundedAppender appender = staging.appender(GONE)) {
            RowCursor row = load.rows();
            while (row.next()) {
                int way = plan.way(row);
                if (isGone(way)) {
                    appender.begin();
                    keys.append(appender.cells(), row, way == RowPlan.GONE ? row.values() : row.origin());
                    meta.append(appender.cells(), row);
                    appender.end(0);
                }
            }
        }
    }

    private String deleteGone() {
        return "DELETE FROM " + into + " AS t USING temp." + GONE + " AS s WHERE " + staging.sameKey();
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
                + staging.sameKey() + " AND t."
                + Sql.quote(HistoryStage.column(load.target(), TargetColumn.Role.DELETED))
                + " IS NOT TRUE";
    }

    private String updateInPlace(int set) {
        List<TargetColumn> updated = new ArrayList<>(plan.present(set));
        updated.removeIf(TargetColumn::inKey);
        updated.addAll(metadata);
        return "UPDATE " + into + " AS t SET "
                + Sql.list(updated, ", ", c -> Sql.quote(c.name()) + " = " + Sql.column("s", c)) + " FROM temp." + ROWS
                + " AS s WHERE s." + WAY + " = " + set + " AND " + staging.sameKey();
    }

    private void execute(String sql) throws SQLException {
        staging.execute(sql);
    }
}
