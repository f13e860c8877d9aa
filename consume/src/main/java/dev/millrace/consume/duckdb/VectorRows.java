package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.duckdb.DuckDbTypes.ColumnKind;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBTableFunctionBindInfo;

/**
 * Whole rows of a load straight into a table, by one statement that asks for them a chunk at a time: the rows go from the vectors into the
 * table's row groups, where an appender gathers and flushes them, and costs a call into DuckDB for each text. What is the same in all rows
 * DuckDB fills in. Confined to one thread.
 */
final class VectorRows {
    /** Fewer rows are appended: planning a statement costs as much as some hundred of them. */
    static final int LEAST_ROWS = 1_000;

    /** For wider rows a chunk takes too much memory, which is not counted, and each is asked for column by column. */
    private static final int MOST_COLUMNS = 250;

    /** Decoded bytes of a chunk, which DuckDB does not count while it is filled. */
    private static final long CHUNK_BYTES = 4L << 20;

    private final TableLoad load;
    private final TargetName into;
    private final List<TargetColumn> columns;
    /** Those of the columns that differ from row to row. */
    private final List<TargetColumn> given;

    private final Staging.Choice chosen;
    private final RowRuns runs;
    private final VectorCells cells;
    private final RowCursor row;
    private long rows;
    private Throwable failure;

    /** @param columns the target's columns in the table's order */
    VectorRows(TableLoad load, TargetName into, List<TargetColumn> columns, Staging.Choice chosen) {
        this.load = load;
        this.into = into;
        this.columns = columns;
        this.chosen = chosen;
        this.given =
                columns.stream().filter(column -> !isConstant(load, column)).toList();
        this.runs = new RowRuns(into, load, given);
        this.cells = new VectorCells(given.stream().map(VectorRows::kind).toList());
        this.row = load.rows();
    }

    /** Whether vectors take values of all the columns' types. Text that need not be JSON is not checked for it. */
    static boolean takes(TableLoad load, List<TargetColumn> columns) {
        for (TargetColumn column : columns) {
            boolean json = kind(column) == ColumnKind.JSON;
            if (!VectorCells.takes(kind(column), DuckDbTypes.digits(column.dataType()))
                    || json && column.role() == Role.VALUE && !isJson(load, column)) {
                return false;
            }
        }
        return columns.size() <= MOST_COLUMNS;
    }

    private static boolean isJson(TableLoad load, TargetColumn column) {
        return column.sourceIndex() < 0
                || switch (load.schema().columns().get(column.sourceIndex()).type()) {
                    case LIST, MAP, LIST_MAP -> true;
                    default -> false;
                };
    }

    /** Whether DuckDB refused a JSON text, which it looks at where rows are selected, and takes as it is where they are appended. */
    static boolean isRefusedJson(SQLException error) {
        return String.valueOf(error.getMessage()).contains("Malformed JSON");
    }

    private static boolean isConstant(TableLoad load, TargetColumn column) {
        return column.role() == Role.LOADED_AT || column.role() == Role.DELETED && load.historical();
    }

    private static ColumnKind kind(TargetColumn column) {
        return DuckDbTypes.kind(column.dataType());
    }

    /** @throws SQLException what DuckDB refuses; what a row is refused for before is thrown as it is */
    void insert(DuckDBConnection connection, RowsFunction function) throws SQLException {
        List<String> selected = new ArrayList<>();
        for (TargetColumn column : columns) {
            selected.add(
                    switch (column.role()) {
                        case LOADED_AT -> TableLoader.instant(load.loadedAtMicros());
                        case DELETED -> load.historical() ? "false" : given(column);
                        default -> given(column);
                    });
        }
        String sql = "INSERT INTO " + Sql.name(into) + " (" + Sql.names(columns) + ") SELECT "
                + String.join(", ", selected) + " FROM " + function.call();
        long inserted;
        try (Statement statement = connection.createStatement()) {
            inserted = function.giving(this, () -> statement.executeUpdate(sql));
        } catch (SQLException e) {
            throw cause(e);
        }
        if (inserted != rows) {
            throw new IllegalStateException("of " + rows + " rows " + inserted + " came into table '" + into + "'");
        }
    }

    /** The value that a row gives. */
    private String given(TargetColumn column) {
        return VectorCells.value(
                kind(column),
                DuckDbTypes.digits(column.dataType()),
                DuckDbTypes.scale(column.dataType()),
                name(given.indexOf(column)));
    }

    private SQLException cause(SQLException told) {
        if (failure instanceof RuntimeException refused) {
            throw refused;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof SQLException first ? first : told;
    }

    private static String name(int number) {
        return "c" + number;
    }

    void bind(DuckDBTableFunctionBindInfo info) {
        for (int i = 0; i < given.size(); i++) {
            info.addResultColumn(name(i), VectorCells.type(kind(given.get(i))));
        }
    }

    /** Fills the chunk and tells how many rows it has got; none where there are no more. */
    long fill(DuckDBDataChunkWriter chunk) {
        try {
            int most = VectorCells.most(chunk);
            int count = 0;
            long bytes = 0;
            cells.begin(chunk);
            while (count < most && bytes < CHUNK_BYTES && next()) {
                cells.beginRow();
                runs.give(row, cells);
                bytes += BoundedAppender.bytes(row.values());
                count++;
            }
            cells.end();
            rows += count;
            return count;
        } catch (SQLException e) {
            failure = e;
            throw new IllegalStateException(e);
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    private boolean next() {
        while (row.next()) {
            if (chosen.takes(row)) {
                return true;
            }
        }
        return false;
    }
}
