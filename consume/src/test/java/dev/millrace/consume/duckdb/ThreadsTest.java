package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TenColumns;
import dev.millrace.storage.event.Operation;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ThreadsTest {
    private static final int TIMES = 50;
    private static final int CHUNKS = 20;
    private static final int CHUNK_ROWS = 1_000;

    @TempDir
    Path folder;

    private DuckDbFile file(int threads) {
        return new DuckDbFile("orders", folder.resolve("warehouse.duckdb"), 256L << 20, threads);
    }

    private static long threads(DuckDBConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('threads')")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void theThreadThatExecutesIsTheOneThatIsAskedForRows() throws Exception {
        try (DuckDBConnection connection = file(4).open();
                DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction();
                Statement statement = connection.createStatement()) {
            Asked asked = new Asked();
            builder.withName("asked").withFunction(asked).register(connection);
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE t (id BIGINT)");
            new Threads(connection, 4).alone();
            for (int time = 0; time < TIMES; time++) { // which thread takes it is chance
                asked.given = 0;
                assertEquals(CHUNKS * CHUNK_ROWS, statement.executeUpdate("INSERT INTO t SELECT id FROM asked()"));
            }
            assertTrue(asked.by.contains(Thread.currentThread()));
            assertEquals(1, asked.by.size());
            connection.commit();
        }
    }

    @Test
    void theyAreAllThereAgainAfterwards() throws Exception {
        try (DuckDBConnection connection = file(3).open()) {
            Threads threads = new Threads(connection, 3);
            threads.begin();
            threads.alone();
            threads.alone();
            assertEquals(1, threads(connection));
            threads.together();
            assertEquals(3, threads(connection));
        }
    }

    @Test
    void aTransactionThatFailedGetsThemBackWithTheNext() throws Exception {
        try (DuckDBConnection connection = file(3).open();
                Statement statement = connection.createStatement()) {
            Threads threads = new Threads(connection, 3);
            connection.setAutoCommit(false);
            threads.alone();
            assertThrows(SQLException.class, () -> statement.execute("SELECT error('refused')"));
            connection.rollback();
            threads.together();
            assertEquals(3, threads(connection));
        }
    }

    @Test
    void aConnectionThatFailedLeavesNoTrace() throws Exception {
        try (DuckDBConnection other = file(3).open()) {
            try (DuckDBConnection failed = file(3).open()) {
                new Threads(failed, 3).alone();
            }
            try (DuckDBConnection next = file(3).open()) {
                new Threads(next, 3).begin();
                assertEquals(3, threads(other));
            }
        }
    }

    @Test
    void aLargeLoadLeavesTheDatabaseWithAllOfThem() throws Exception {
        Pipe pipe = new Pipe(folder);
        TenColumns.fill(pipe, 3 * VectorRows.LEAST_ROWS, Operation.READ);
        try (Destination destination = pipe.destination();
                DuckDBConnection other = file(2).open()) {
            pipe.drain(pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults()));
            assertEquals(2, threads(other));
        }
        assertEquals(
                List.of(Integer.toString(3 * VectorRows.LEAST_ROWS)), pipe.query("SELECT count(*) FROM public.wide"));
    }

    /** Gives numbers, and keeps in mind by which threads it was asked for them. */
    private static final class Asked implements DuckDBTableFunction<Object, Object, Object> {
        private final Set<Thread> by = ConcurrentHashMap.newKeySet();
        private long given;

        @Override
        public Object bind(DuckDBTableFunctionBindInfo info) {
            info.addResultColumn("id", DuckDBColumnType.BIGINT);
            return this;
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
            by.add(Thread.currentThread());
            if (given == (long) CHUNKS * CHUNK_ROWS) {
                return 0;
            }
            for (int row = 0; row < CHUNK_ROWS; row++) {
                chunk.vector(0).setLong(row, given++);
            }
            return CHUNK_ROWS;
        }
    }
}
