package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Adds a load's rows to a table: straight where they have all their cells, else by way of a temporary table that is filled up first. */
final class AppendStage {
    private static final String ROWS = "__millrace_stage_rows";
    private static final String FILLED = "__millrace_stage_filled";

    private final Staging staging;
    private final List<TargetColumn> order;
    private final LackingCells lacking;

    /** @param order the load's columns in the table's order; null where the table has others: then every row is staged */
    AppendStage(Staging staging, List<TargetColumn> order) {
        this.staging = staging;
        this.order = order;
        this.lacking = new LackingCells(staging.load());
    }

    void run() throws SQLException {
        if (order == null || anyPartial()) {
            stage();
            fill();
            staging.execute(staging.insert("temp." + FILLED));
            staging.execute("DROP TABLE temp." + FILLED);
        }
        if (order != null) {
            staging.append(order, row -> !staged(row));
        }
    }

    private boolean staged(RowCursor row) {
        return order == null || row.values().anyUnchanged();
    }

    private boolean anyPartial() {
        RowCursor row = staging.load().rows();
        while (row.next()) {
            if (row.values().anyUnchanged()) {
                return true;
            }
        }
        return false;
    }

    private void stage() throws SQLException {
        List<String> definitions = Staging.definitions(staging.written());
        definitions.addAll(lacking.definitions());
        staging.create(ROWS, definitions);
        RowAppender rows = staging.cells(staging.values());
        MetadataAppender meta = staging.metadataCells();
        try (BoundedAppender appender = staging.appender(ROWS)) {
            RowCursor row = staging.load().rows();
            while (row.next()) {
                if (staged(row)) {
                    appender.begin();
                    rows.append(appender.cells(), row, row.values());
                    meta.append(appender.cells(), row);
                    lacking.append(appender.cells(), row);
                    appender.end(BoundedAppender.bytes(row.values()));
                }
            }
        }
    }

    /** What rows lack comes from the newest row of the key; made a table before anything is added. */
    private void fill() throws SQLException {
        List<String> selected = new ArrayList<>(lacking.filled());
        staging.metadata().forEach(column -> selected.add(Sql.column("s", column)));
        String rows = " FROM temp." + ROWS + " AS s";
        if (lacking.any()) {
            String newest = "SELECT * FROM " + staging.into() + " AS t WHERE EXISTS (SELECT 1 FROM temp." + ROWS
                    + " AS s WHERE "
                    + lacking.sameOrigin() + ") QUALIFY row_number() OVER (PARTITION BY "
                    + Sql.names(staging.key()) + " ORDER BY "
                    + Sql.quote(HistoryStage.column(staging.load().target(), Role.SEQUENCE)) + " DESC) = 1";
            rows += " LEFT JOIN (" + newest + ") AS t ON (" + lacking.sameOrigin() + ")";
        }
        staging.execute("CREATE OR REPLACE TEMP TABLE " + FILLED + " AS SELECT " + String.join(", ", selected) + rows);
        staging.execute("DROP TABLE temp." + ROWS);
    }
}
