package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;

/**
 * Appends whole rows straight into a table. An appender goes by place, and columns added later stand behind the metadata columns; so the
 * row is appended in runs of value and metadata columns, as the table has them.
 */
final class TableRows implements AutoCloseable {
    private record Run(RowAppender values, MetadataAppender metadata) {}

    private final List<Run> runs = new ArrayList<>();
    private final BoundedAppender appender;

    /** @param columns the target's columns in the table's order */
    TableRows(DuckDBConnection connection, TableLoad load, TargetName into, List<TargetColumn> columns)
            throws SQLException {
        int end;
        for (int start = 0; start < columns.size(); start = end) {
            boolean value = columns.get(start).role() == Role.VALUE;
            end = start + 1;
            while (end < columns.size() && (columns.get(end).role() == Role.VALUE) == value) {
                end++;
            }
            List<TargetColumn> run = columns.subList(start, end);
            runs.add(
                    value
                            ? new Run(new RowAppender(into.toString(), run), null)
                            : new Run(null, new MetadataAppender(run, load.loadedAtMicros())));
        }
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
        for (Run run : runs) {
            if (run.values() != null) {
                run.values().append(appender.row(), row, row.values());
            } else {
                run.metadata().append(appender.row(), row);
            }
        }
        appender.end(BoundedAppender.bytes(row.values()));
    }

    @Override
    public void close() throws SQLException {
        appender.close();
    }
}
