package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.postgresql.replication.LogSequenceNumber;

class PostgresSnapshotTest {
    @Test
    void transactionsUnderWayAndBehindXmaxAreNotSeen() {
        PostgresSnapshot snapshot = PostgresSnapshot.parse("100:110:100,105", "0/1A", false);
        assertTrue(snapshot.sees(99));
        assertFalse(snapshot.sees(100));
        assertTrue(snapshot.sees(101));
        assertFalse(snapshot.sees(105));
        assertTrue(snapshot.sees(109));
        assertFalse(snapshot.sees(110));
        assertFalse(snapshot.sees(1_000_000));
        assertArrayEquals(ByteBuffer.allocate(8).putLong(0x1A).array(), snapshot.position());
    }

    @Test
    void shortTransactionNumbersAreExtendedAcrossTheEndOfAnEpoch() {
        long epoch = 1L << 32;
        PostgresSnapshot before =
                PostgresSnapshot.parse((5 * epoch - 10) + ":" + (5 * epoch - 2) + ":" + (5 * epoch - 5), "A/0", false);
        assertTrue(before.sees(0xFFFF_FFF0L));
        assertFalse(before.sees(0xFFFF_FFFBL));
        assertTrue(before.sees(0xFFFF_FFFCL));
        assertFalse(before.sees(0xFFFF_FFFFL));
        assertFalse(before.sees(3), "3 of the next epoch lies behind xmax");
        PostgresSnapshot behind =
                PostgresSnapshot.parse((5 * epoch - 5) + ":" + (5 * epoch + 10) + ":" + (5 * epoch - 5), "A/0", false);
        assertFalse(behind.sees(0xFFFF_FFFBL));
        assertTrue(behind.sees(0xFFFF_FFFEL), "the last of the epoch before xmax's");
        assertTrue(behind.sees(3));
        assertFalse(behind.sees(10));
        assertTrue(behind.sees(0x8000_0100L), "two thousand million back");
    }

    @Test
    void whatIsEncodedIsDecodedAgain() {
        PostgresSnapshot snapshot =
                PostgresSnapshot.parse("4294967300:4294967400:4294967300,4294967350", "FF/1234ABCD", false);
        PostgresSnapshot decoded = PostgresSnapshot.decode(snapshot.encode());
        assertEquals(snapshot.toString(), decoded.toString());
        assertFalse(decoded.sees(4));
        assertTrue(decoded.sees(5));
        assertFalse(decoded.sees(54));
    }

    @Test
    void bytesOfAnotherVersionOrLengthAreRefused() {
        byte[] encoded = PostgresSnapshot.parse("1:3:1", "0/1", false).encode();
        for (int length = 0; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertEquals(
                    "SNAPSHOT_MALFORMED",
                    assertThrows(MillraceException.class, () -> PostgresSnapshot.decode(cut))
                            .code());
        }
        encoded[0] = 9;
        assertThrows(MillraceException.class, () -> PostgresSnapshot.decode(encoded));
    }

    @Test
    void onAStandbyWhatMayBeUnderWayIsNotSeen() {
        PostgresSnapshot snapshot = PostgresSnapshot.decode(
                PostgresSnapshot.parse("100:110:", "0/1A", true).encode());
        assertTrue(snapshot.sees(99));
        assertFalse(snapshot.sees(105));
        assertFalse(snapshot.sees(110));
    }

    @Test
    void aRunningTransactionIsSeenOnlyBySnapshotsTakenAfterItsCommit() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Connection writer = database.connect();
                Statement statement = writer.createStatement();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            writer.setAutoCommit(false);
            statement.execute(
                    "INSERT INTO t VALUES (1); SAVEPOINT a; INSERT INTO t VALUES (2); RELEASE a; SAVEPOINT b; INSERT INTO t VALUES (3)");
            long transaction = one(statement, "SELECT pg_current_xact_id()::text::bigint") & 0xffff_ffffL;
            long subtransaction = one(statement, "SELECT max(xmin::text::bigint) FROM t");
            database.execute("INSERT INTO t VALUES (4)");
            Snapshot during = reader.begin();
            assertFalse(during.sees(transaction));
            assertTrue(subtransaction > transaction);
            writer.commit();
            Snapshot after = reader.begin();
            assertTrue(after.sees(transaction));
            assertFalse(during.sees(transaction), "a snapshot does not change");
            long committed = LogSequenceNumber.valueOf(text(statement, "SELECT pg_current_wal_insert_lsn()::text"))
                    .asLong();
            assertTrue(ByteBuffer.wrap(after.position()).getLong() <= committed);
            assertTrue(ByteBuffer.wrap(during.position()).getLong()
                    < ByteBuffer.wrap(after.position()).getLong());
        }
    }

    @Test
    void whatASnapshotSeesIsWhatItsRowsShowWhileManyTransactionsComeAndGo() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                PostgresChunkReader reader = Reading.reader(Reading.connections(database))) {
            database.execute("CREATE TABLE t (id bigserial, xid bigint DEFAULT pg_current_xact_id()::text::bigint)");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicLong commits = new AtomicLong();
            ExecutorService writers = Executors.newFixedThreadPool(3);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                running.add(writers.submit(() -> write(database, random, stop, commits)));
            }
            List<Seen> all = new ArrayList<>();
            awaitCommits(running, commits, 1);
            for (int i = 0; i < 60; i++) {
                all.add(seen(reader));
            }
            awaitCommits(
                    running,
                    commits,
                    commits.get() + 4); // of three writers, one at least begins behind the last snapshot
            stop.set(true);
            for (Future<?> writer : running) {
                writer.get();
            }
            writers.shutdown();
            List<Long> committed = database.rows("SELECT DISTINCT xid FROM t").stream()
                    .map(Long::parseLong)
                    .toList();
            int unseen = 0;
            for (Seen seen : all) {
                for (long transaction : committed) {
                    boolean visible = seen.visible.contains(transaction);
                    String about = "seed " + seed + ", " + transaction + " in " + seen.snapshot;
                    assertEquals(visible, seen.snapshot.sees(transaction & 0xffff_ffffL), about);
                    unseen += visible ? 0 : 1;
                }
            }
            assertTrue(unseen > 0, "every snapshot saw everything: nothing was tested");
        }
    }

    private static void awaitCommits(List<Future<?>> writers, AtomicLong commits, long wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (commits.get() < wanted) {
            for (Future<?> writer : writers) {
                if (writer.isDone()) {
                    writer.get();
                }
            }
            assertTrue(System.nanoTime() < deadline, () -> commits + " of " + wanted + " commits");
            LockSupport.parkNanos(1_000_000);
        }
    }

    private record Seen(Snapshot snapshot, Set<Long> visible) {}

    private static Seen seen(PostgresChunkReader reader) throws InterruptedException {
        TableName table = new TableName("public", "t");
        Snapshot snapshot = reader.begin();
        Schema schema = new Schema(table, 1, reader.columns(table));
        BatchWriter out = Reading.writer();
        reader.read(schema, null, null, out, Integer.MAX_VALUE, () -> {});
        reader.end();
        return new Seen(
                snapshot,
                Reading.rows(out).stream()
                        .map(row -> Long.parseLong(row.get(1)))
                        .collect(Collectors.toSet()));
    }

    private static Void write(TestDatabase database, SplittableRandom random, AtomicBoolean stop, AtomicLong commits)
            throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stop.get()) {
                statement.execute("INSERT INTO t DEFAULT VALUES");
                for (int i = random.nextInt(4); i > 0; i--) {
                    statement.execute("SAVEPOINT a; INSERT INTO t DEFAULT VALUES; "
                            + (random.nextBoolean() ? "RELEASE a" : "ROLLBACK TO a"));
                }
                if (random.nextInt(4) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                    commits.incrementAndGet();
                }
            }
            connection.rollback();
        }
        return null;
    }

    private static long one(Statement statement, String query) throws Exception {
        return Long.parseLong(text(statement, query));
    }

    private static String text(Statement statement, String query) throws Exception {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
