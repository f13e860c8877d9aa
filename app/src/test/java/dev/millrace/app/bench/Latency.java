package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Commit at the source to visible at the destination. One thread commits at a fixed rate and notes when each commit returned, the caller's
 * looks at the destination about every half millisecond.
 */
final class Latency {
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final TestDatabase source;
    private final TestDatabase target;

    Latency(TestDatabase source, TestDatabase target) {
        this.source = source;
        this.target = target;
    }

    static void create(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE beats (id integer PRIMARY KEY, n bigint NOT NULL, note text); INSERT INTO beats VALUES (1, 0, 'first')");
    }

    /** The nanoseconds of each transaction, sorted, at {@code rate} transactions a second for some seconds. */
    long[] measure(int rate, int seconds) throws SQLException, InterruptedException {
        int count = rate * seconds;
        long[] committed = new long[count];
        long[] latencies = new long[count];
        try (Connection from = source.connect();
                Connection to = target.connect();
                PreparedStatement look = to.prepareStatement("SELECT n FROM public.beats WHERE id = 1");
                PreparedStatement beat = from.prepareStatement("UPDATE beats SET n = ? WHERE id = 1")) {
            long base = number(look);
            SQLException[] failure = new SQLException[1];
            Thread writer = new Thread(() -> write(beat, base, rate, committed, failure), "beats");
            writer.start();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) + LONGEST_NANOS;
            for (int seen = 0; seen < count; ) {
                int visible = (int) (number(look) - base);
                long now = System.nanoTime();
                for (; seen < visible; seen++) {
                    long at = at(committed, seen);
                    latencies[seen] = at == 0 ? 0 : Math.max(0, now - at); // 0: seen before the commit had returned
                }
                if (now - deadline > 0) {
                    throw new IllegalStateException("seen " + seen + " of " + count);
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
            writer.join();
            if (failure[0] != null) {
                throw failure[0];
            }
        }
        Arrays.sort(latencies);
        return latencies;
    }

    private static long at(long[] committed, int index) {
        synchronized (committed) {
            return committed[index];
        }
    }

    private static void write(PreparedStatement beat, long base, int rate, long[] committed, SQLException[] failure) {
        long start = System.nanoTime();
        try {
            for (int i = 0; i < committed.length; i++) {
                LockSupport.parkNanos(start + i * TimeUnit.SECONDS.toNanos(1) / rate - System.nanoTime());
                beat.setLong(1, base + i + 1);
                beat.executeUpdate();
                long now = System.nanoTime();
                synchronized (committed) {
                    committed[i] = now;
                }
            }
        } catch (SQLException e) {
            failure[0] = e;
        }
    }

    private static long number(PreparedStatement look) throws SQLException {
        try (ResultSet row = look.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }
}
