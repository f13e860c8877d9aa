package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whole rows by place: columns added later stand behind the metadata columns, so a row is given in runs of value and metadata columns. */
final class RowRuns {
    private record Run(RowAppender values, MetadataAppender metadata) {}

    private final List<Run> runs = new ArrayList<>();

    RowRuns(TargetName into, TableLoad load, List<TargetColumn> columns) {
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
    }

    void give(RowCursor row, CellSink to) throws SQLException {
        for (Run run : runs) {
            if (run.values() != null) {
                run.values().append(to, row, row.values());
            } else {
                run.metadata().append(to, row);
            }
        }
    }
}
