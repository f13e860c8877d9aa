package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Commit at the source to visible at the destination. One thread commits transactions of two changed rows at a fixed rate and notes when each
 * commit returned; the caller's asks the destination about every half millisecond how many it has.
 */
final class Latency {
    /** Rows that a transaction changes: one of {@code orders} and the mark. */
    static final int CHANGES = 2;

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String TRANSACTION =
            "WITH changed AS (UPDATE orders SET quantity = quantity + 1 WHERE id = ?) UPDATE mark SET n = ?";

    private final TestDatabase source;
    private final long rows;

    /** @param rows of {@code orders}, with ids from 1 */
    Latency(TestDatabase source, long rows) {
        this.source = source;
        this.rows = rows;
    }

    /** How many transactions can be seen at the destination, of those that were ever made. */
    interface Destination {
        long seen() throws SQLException, IOException, InterruptedException;
    }

    /** The milliseconds of the transactions of some seconds, {@code rate} a second: p50, p90, p99 and the longest. */
    Map<String, Double> measure(int rate, int seconds, Destination destination)
            throws SQLException, IOException, InterruptedException {
        int count = rate * seconds;
        long[] committed = new long[count];
        double[] millis = new double[count];
        long base = MixedTable.marked(source);
        SQLException[] failure = new SQLException[1];
        Thread writer = new Thread(() -> write(base, rate, committed, failure), "marks");
        writer.start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) + LONGEST_NANOS;
            for (int seen = 0; seen < count; ) {
                int visible = (int) Math.min(count, destination.seen() - base);
                long now = System.nanoTime();
                for (; seen < visible; seen++) {
                    long at = at(committed, seen);
                    millis[seen] = at == 0 ? 0 : Math.max(0, now - at) / 1e6; // 0: seen before the commit had returned
                }
                if (now - deadline > 0) {
                    throw new IllegalStateException("seen " + seen + " of " + count);
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        } finally {
            writer.join();
        }
        if (failure[0] != null) {
            throw failure[0];
        }
        Arrays.sort(millis);
        return Map.of(
                "p50", millis[count / 2],
                "p90", millis[count * 9 / 10],
                "p99", millis[count * 99 / 100],
                "longest", millis[count - 1]);
    }

    private static long at(long[] committed, int index) {
        synchronized (committed) {
            return committed[index];
        }
    }

    private void write(long base, int rate, long[] committed, SQLException[] failure) {
        try (Connection connection = source.connect();
                PreparedStatement transaction = connection.prepareStatement(TRANSACTION)) {
            long start = System.nanoTime();
            for (int i = 0; i < committed.length; i++) {
                LockSupport.parkNanos(start + i * TimeUnit.SECONDS.toNanos(1) / rate - System.nanoTime());
                transaction.setLong(1, 1 + (base + i) * 7919 % rows);
                transaction.setLong(2, base + i + 1);
                transaction.executeUpdate();
                long now = System.nanoTime();
                synchronized (committed) {
                    committed[i] = now;
                }
            }
        } catch (SQLException e) {
            failure[0] = e;
        }
    }
}
