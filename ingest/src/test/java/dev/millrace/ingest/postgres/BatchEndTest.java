package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where batches end, in numbers of events; windows are cut there. */
@Timeout(300)
class BatchEndTest {
    private static final int LIMIT = 100;

    @Test
    void batchesOfAStreamEndWithTransactions() throws Exception {
        endWithTransactions(1L << 50);
    }

    @Test
    void batchesOfAStreamThatIsFarBehindEndWithTransactions() throws Exception {
        endWithTransactions(50_000);
    }

    private static void endWithTransactions(long catchUpFrom) throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            PostgresSource source = new PostgresSource(
                    Reading.connections(database, database.user(), catchUpFrom).settings());
            try (Following following = Following.of(source, "t")) {
                following.stop();
                insert(database, 0, 7, 60);
                insert(database, 1_000, 70, 20);
                insert(database, 5_000, 1_000, 1);
                following.open();
                read(following);
            }
        }
    }

    private static void read(Following following) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(200);
        boolean endsBefore = true;
        for (int events = 0; events < 60 * 7 + 20 * 70 + 1_000; ) {
            events += following.read(LIMIT, 1 << 20).size();
            following.acknowledge();
            boolean ends = following.last.endsTransaction();
            assertTrue(ends || events >= 60 * 7, "a transaction of seven is in two batches at " + events);
            assertTrue(
                    ends || endsBefore || events > 60 * 7 + 20 * 70,
                    "two batches in a row end inside transactions that are smaller, at " + events);
            endsBefore = ends;
            assertTrue(System.nanoTime() < deadline, "only " + events + " events came");
        }
    }

    private static void insert(TestDatabase database, int from, int rows, int transactions) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            int first = from + i * rows;
            database.execute("INSERT INTO t SELECT generate_series(" + first + ", " + (first + rows - 1) + ")");
        }
    }
}
