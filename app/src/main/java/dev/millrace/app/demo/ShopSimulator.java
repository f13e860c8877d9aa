package dev.millrace.app.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shop at work on a Pagila database: customers rent, return, pay and move, films get new texts, and a few rentals and payments are
 * taken back. One business act is one transaction, some over several tables. Which act, which customer and which film follow from the
 * seed, so a run repeats on the same data. Goes on from whatever state the database is in.
 *
 * <p>{@link #start()} once: one daemon thread named {@code shop-simulator} works at a steady rate; while the database can't be reached
 * it tries again every second. {@link #close()} is idempotent and waits for the act under way, 10 seconds at most.
 */
public final class ShopSimulator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShopSimulator.class);

    private final Callable<Connection> connections;
    private final double transactionsPerSecond;
    private final SplittableRandom random;
    private final AtomicLong done = new AtomicLong();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread named = new Thread(work, "shop-simulator");
        named.setDaemon(true);
        return named;
    });
    private Connection connection;
    private Shop shop;
    private long pausedUntilNanos;

    /** @param connections opens a new connection in autocommit; asked again after a failure */
    public ShopSimulator(Callable<Connection> connections, double transactionsPerSecond, long seed) {
        if (!(transactionsPerSecond > 0 && transactionsPerSecond <= 10_000)) {
            throw new IllegalArgumentException("rate " + transactionsPerSecond + " is not within 0 to 10000");
        }
        this.connections = connections;
        this.transactionsPerSecond = transactionsPerSecond;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Makes what the shop needs and Pagila lacks: a partition for payments of today. To be called before a pipeline reads the database,
     * since a new partition means reading its table again. Repeatable.
     */
    public static void prepare(Connection connection) throws SQLException {
        Shop.prepare(connection);
    }

    public void start() {
        long periodNanos = Math.max(1, (long) (1e9 / transactionsPerSecond));
        var unused = thread.scheduleAtFixedRate(this::tick, 0, periodNanos, TimeUnit.NANOSECONDS);
    }

    /** How many transactions were committed. */
    public long transactions() {
        return done.get();
    }

    /** Does so many acts now, on the caller's thread; not while started. */
    public void transact(int count) throws SQLException {
        try {
            for (int i = 0; i < count; i++) {
                actOnce();
            }
        } finally {
            disconnect();
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                thread.shutdownNow();
                LOG.warn("shop: the last transaction did not end within 10 s");
                return;
            }
            disconnect();
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("shop: closing the connection failed: {}", e.getMessage());
        }
    }

    /** Must not throw: the executor would silently stop. */
    private void tick() {
        if (pausedUntilNanos != 0 && System.nanoTime() - pausedUntilNanos < 0) {
            return;
        }
        try {
            actOnce();
            pausedUntilNanos = 0;
        } catch (SQLException | RuntimeException e) {
            if (pausedUntilNanos == 0) {
                LOG.warn("shop: {}; trying again every second", e.getMessage());
            }
            pausedUntilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            try {
                disconnect();
            } catch (SQLException again) {
                LOG.debug("shop: closing a broken connection failed", again);
            }
        }
    }

    private void actOnce() throws SQLException {
        if (connection == null) {
            connect();
        }
        try {
            shop.act();
            connection.commit();
            done.incrementAndGet();
        } catch (SQLException e) {
            if (!connection.isClosed()) {
                connection.rollback();
            }
            throw e;
        }
    }

    private void connect() throws SQLException {
        try {
            connection = connections.call();
        } catch (SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new SQLException("cannot connect: " + e.getMessage(), e);
        }
        connection.setAutoCommit(false);
        shop = new Shop(connection, random);
    }

    private void disconnect() throws SQLException {
        Connection old = connection;
        connection = null;
        shop = null;
        if (old != null) {
            old.close();
        }
    }
}
