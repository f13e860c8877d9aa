package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;

/** Appends whole rows straight into a table. */
final class TableRows implements AutoCloseable {
    private final RowRuns runs;
    private final BoundedAppender appender;

    /** @param columns the target's columns in the table's order */
    TableRows(DuckDBConnection connection, TableLoad load, TargetName into, List<TargetColumn> columns)
            throws SQLException {
        runs = new RowRuns(into, load, columns);
        appender = new BoundedAppender(connection, "", into.schema(), into.name());
    }

    /** The target's columns in the order of the table's {@code names}; null where the table has others, or not all of them. */
    static List<TargetColumn> inOrder(List<String> names, List<TargetColumn> columns) {
        List<TargetColumn> found = new ArrayList<>();
        for (String name : names) {
            for (TargetColumn column : columns) {
                if (column.name().equalsIgnoreCase(name)) {
                    found.add(column);
                }
            }
        }
        return found.size() == names.size() && names.size() == columns.size() ? found : null;
    }

    void append(RowCursor row) throws SQLException {
        appender.begin();
        runs.give(row, appender.cells());
        appender.end(BoundedAppender.bytes(row.values()));
    }

    @Override
    public void close() throws SQLException {
        appender.close();
    }
}
