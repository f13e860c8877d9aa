package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;

/**
 * A table function of one connection that gives the rows of the load under way. DuckDB calls it on the thread that executes the statement,
 * or, where it may use several, on one of its own at a time. Of the connection's thread otherwise.
 */
final class RowsFunction {
    /** Functions belong to the database, which all connections of the process share, and stay as long as it is open. */
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final String name = "__millrace_rows_" + NUMBERS.incrementAndGet();
    private final int leastRows;
    private volatile VectorRows giving;

    /** A statement that asks for the rows. */
    interface Execution {
        long run() throws SQLException;
    }

    private RowsFunction(int leastRows) {
        this.leastRows = leastRows;
    }

    /**
     * Makes it known to the connection, on which nothing is under way.
     *
     * @param leastRows smaller loads are not for it
     */
    static RowsFunction register(DuckDBConnection connection, int leastRows) throws SQLException {
        RowsFunction rows = new RowsFunction(leastRows);
        try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
            builder.withName(rows.name).withFunction(rows.new Calls()).register(connection);
        }
        return rows;
    }

    /** Whether it is for the load: large enough, and of types that vectors take. */
    boolean isFor(TableLoad load, List<TargetColumn> columns) {
        return load.rowCount() >= leastRows && VectorRows.takes(load, columns);
    }

    /** As it stands in a statement. */
    String call() {
        return name + "()";
    }

    long giving(VectorRows rows, Execution statement) throws SQLException {
        giving = rows;
        try {
            return statement.run();
        } finally {
            giving = null;
        }
    }

    /** What the driver asks; it wants something to hand on from call to call. */
    private final class Calls implements DuckDBTableFunction<VectorRows, Object, Object> {
        @Override
        public VectorRows bind(DuckDBTableFunctionBindInfo info) {
            VectorRows rows = giving;
            if (rows == null) {
                throw new IllegalStateException(name + " gives rows of a load only");
            }
            rows.bind(info);
            return rows;
        }

        @Override
        public Object init(DuckDBTableFunctionInitInfo info) {
            info.setMaxThreads(1);
            return this;
        }

        @Override
        public Object localInit(DuckDBTableFunctionInitInfo info) {
            return this;
        }

        @Override
        public long apply(DuckDBTableFunctionCallInfo call, DuckDBDataChunkWriter chunk) {
            VectorRows rows = call.getBindData();
            return rows.fill(chunk);
        }
    }
}
