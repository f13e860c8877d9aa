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
 * A table function of one connection that gives the rows of the load under way. DuckDB calls it on the thread that executes the statement.
 */
final class RowsFunction {
    /** Functions belong to the database, which all connections of the process share, and stay as long as it is open. */
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final String name = "__millrace_rows_" + NUMBERS.incrementAndGet();
    private final int leastRows;
    private final Threads threads;
    private volatile VectorRows giving;

    /** A statement that asks for the rows. */
    interface Execution {
        long run() throws SQLException;
    }

    private RowsFunction(int leastRows, Threads threads) {
        this.leastRows = leastRows;
        this.threads = threads;
    }

    /**
     * Makes it known to the connection, on which nothing is under way.
     *
     * @param leastRows smaller loads are not for it
     * @param threads the connection's
     */
    static RowsFunction register(DuckDBConnection connection, int leastRows, Threads threads) throws SQLException {
        RowsFunction rows = new RowsFunction(leastRows, threads);
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

    /** Executes the statement, which asks for the rows; where it fails, DuckDB is left with one thread until the next transaction. */
    long giving(VectorRows rows, Execution statement) throws SQLException {
        threads.alone();
        giving = rows;
        long done;
        try {
            done = statement.run();
        } finally {
            giving = null;
        }
        threads.together();
        return done;
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
