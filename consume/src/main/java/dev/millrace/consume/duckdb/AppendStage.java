package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;

/** Adds a load's rows to a table: straight where they have all their cells, else by way of a temporary table that is filled up first. */
final class AppendStage {
    private static final String ROWS = "__millrace_stage_rows";
    private static final String FILLED = "__millrace_stage_filled";

    private final DuckDBConnection connection;
    private final TableLoad load;
    private final TargetName target;
    private final String into;
    private final List<TargetColumn> order;
    private final List<TargetColumn> values;
    private final List<TargetColumn> metadata;
    private final LackingCells lacking;

    /** @param order the load's columns in the table's order; null where the table has others: then every row is staged */
    AppendStage(DuckDBConnection connection, TableLoad load, TargetName into, List<TargetColumn> order) {
        this.connection = connection;
        this.load = load;
        this.target = into;
        this.into = Sql.name(into);
        this.order = order;
        this.values = load.target().columns().stream()
                .filter(c -> c.role() == Role.VALUE && c.sourceIndex() >= 0)
                .toList();
        this.metadata = load.target().columns().stream()
                .filter(c -> c.role() != Role.VALUE)
                .toList();
        this.lacking = new LackingCells(load);
    }

    void run() throws SQLException {
        if (order == null || anyPartial()) {
            stage();
            fill();
            List<TargetColumn> written = new ArrayList<>(values);
            written.addAll(metadata);
            execute("INSERT INTO " + into + " (" + Sql.names(written) + ") SELECT " + Sql.names(written) + " FROM temp."
                    + FILLED);
            execute("DROP TABLE temp." + FILLED);
        }
        if (order != null) {
            appendWhole();
        }
    }

    private boolean staged(RowCursor row) {
        return order == null || row.values().anyUnchanged();
    }

    private boolean anyPartial() {
        RowCursor row = load.rows();
        while (row.next()) {
            if (row.values().anyUnchanged()) {
                return true;
            }
        }
        return false;
    }

    private void stage() throws SQLException {
        List<TargetColumn> columns = new ArrayList<>(values);
        columns.addAll(metadata);
        List<String> definitions = new ArrayList<>(List.of(Sql.list(
                columns, ", ", column -> Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()))));
        definitions.addAll(lacking.definitions());
        execute("CREATE OR REPLACE TEMP TABLE " + ROWS + " (" + String.join(", ", definitions) + ")");
        RowAppender rows = new RowAppender(load.target().name().toString(), values);
        MetadataAppender meta = new MetadataAppender(metadata, load.loadedAtMicros());
        try (BoundedAppender appender = new BoundedAppender(connection, "temp", "main", ROWS)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (staged(row)) {
                    appender.begin();
                    rows.append(appender.row(), row, row.values());
                    meta.append(appender.row(), row);
                    lacking.append(appender.row(), row);
                    appender.end(BoundedAppender.bytes(row.values()));
                }
            }
        }
    }

    /** What rows lack comes from the newest row of the key; made a table before anything is added. */
    private void fill() throws SQLException {
        List<String> selected = new ArrayList<>(lacking.filled());
        metadata.forEach(column -> selected.add(Sql.column("s", column)));
        String rows = " FROM temp." + ROWS + " AS s";
        if (lacking.any()) {
            String newest = "SELECT * FROM " + into + " AS t WHERE EXISTS (SELECT 1 FROM temp." + ROWS + " AS s WHERE "
                    + lacking.sameOrigin() + ") QUALIFY row_number() OVER (PARTITION BY "
                    + Sql.names(load.target().key()) + " ORDER BY "
                    + Sql.quote(HistoryStage.column(load.target(), Role.SEQUENCE)) + " DESC) = 1";
            rows += " LEFT JOIN (" + newest + ") AS t ON (" + lacking.sameOrigin() + ")";
        }
        execute("CREATE OR REPLACE TEMP TABLE " + FILLED + " AS SELECT " + String.join(", ", selected) + rows);
        execute("DROP TABLE temp." + ROWS);
    }

    private void appendWhole() throws SQLException {
        try (TableRows rows = new TableRows(connection, load, target, order)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (!staged(row)) {
                    rows.append(row);
                }
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
