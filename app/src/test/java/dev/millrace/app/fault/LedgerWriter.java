package dev.millrace.app.fault;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One of a ledger's writers: commits transactions over a connection of its own, and over a new one when that breaks. A COMMIT that was not
 * answered is looked up: its server process is ended and waited for (by an advisory lock that every transaction holds), and then the
 * transaction's own row in {@code journal} is there or is not. Used by one thread at a time.
 */
final class LedgerWriter {
    private static final long OUTAGE_NANOS = TimeUnit.SECONDS.toNanos(240);
    private static final long RETRY_MILLIS = 50;
    private static final int LOCK_CLASS = 734;

    final LedgerBook book = new LedgerBook();
    final LedgerChanges changes;
    private final TestDatabase database;
    private final SplittableRandom random;
    private final int number;
    private final int pauseMillis;
    private final AtomicLong committed;
    /** Condition that finds the last connection's process at the server. */
    private String server = "false";

    private boolean commitSent;
    private long entry;
    private long outageSince;

    /**
     * @param random the writer's own
     * @param pauseMillis how long it waits at most between two transactions
     * @param committed where it counts its transactions
     */
    LedgerWriter(TestDatabase database, SplittableRandom random, Place place, int pauseMillis, AtomicLong committed) {
        this.database = database;
        this.random = random;
        this.number = place.number();
        this.pauseMillis = pauseMillis;
        this.committed = committed;
        this.changes = new LedgerChanges(book, random, number, place.writers());
    }

    /** Which of how many writers, from 0. */
    record Place(int number, int writers) {}

    /** Writes until {@code stopped}, and until it is known what was committed. Throws when nothing can be committed for four minutes. */
    void write(CountDownLatch stopped) throws SQLException, InterruptedException {
        do {
            try (Connection connection = connect()) {
                settle(connection);
                while (stopped.getCount() > 0) {
                    transaction(connection, stopped);
                    stopped.await(random.nextInt(pauseMillis), TimeUnit.MILLISECONDS);
                }
            } catch (SQLException e) {
                requireShortOutage(e);
                stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } while (stopped.getCount() > 0 || commitSent || book.mark() > 0);
    }

    private void requireShortOutage(SQLException e) throws SQLException {
        long now = System.nanoTime();
        outageSince = outageSince == 0 ? now : outageSince;
        if (now - outageSince > OUTAGE_NANOS) {
            throw e;
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password());
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("socketTimeout", "60");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + database.host() + ":" + database.port() + "/" + database.database(), properties);
    }

    /** Takes back or keeps what the last connection left, and makes this one the last. */
    private void settle(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '20s'");
            statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + server);
            statement.execute("SELECT pg_advisory_lock(" + LOCK_CLASS + ", " + number + "), pg_advisory_unlock("
                    + LOCK_CLASS + ", " + number + ")");
            if (commitSent && isThere(connection, entry)) {
                book.keep();
                committed.incrementAndGet();
                outageSince = 0;
            } else {
                book.undoTo(0);
            }
            commitSent = false;
            try (ResultSet self = statement.executeQuery("SELECT format('pid = %s AND backend_start = %L', pid,"
                    + " backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid()")) {
                self.next();
                server = self.getString(1);
            }
        }
        connection.setAutoCommit(false);
    }

    private static boolean isThere(Connection connection, long entry) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1 FROM journal WHERE entry = ?")) {
            statement.setLong(1, entry);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private void transaction(Connection connection, CountDownLatch stopped) throws SQLException, InterruptedException {
        lock(connection);
        entry = changes.appendEntry(connection);
        int size = 1 + random.nextInt(8);
        for (int i = 0; i < size; i++) {
            changes.random(connection);
        }
        switch (random.nextInt(60)) {
            case 0, 1, 2, 3 -> toSavepoint(connection);
            case 4 -> stopped.await(random.nextInt(150), TimeUnit.MILLISECONDS); // others commit meanwhile
            case 5 -> {
                if (random.nextInt(5) == 0) {
                    changes.appendMany(connection);
                }
            }
            case 6, 7, 8 -> {
                connection.rollback();
                book.undoTo(0);
                return;
            }
            default -> {}
        }
        commit(connection);
    }

    private void lock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCK_CLASS + ", " + number + ")");
        }
    }

    private void toSavepoint(Connection connection) throws SQLException {
        int mark = book.mark();
        Savepoint savepoint = connection.setSavepoint();
        changes.random(connection);
        changes.random(connection);
        if (random.nextBoolean()) {
            connection.rollback(savepoint);
            book.undoTo(mark);
        } else {
            connection.releaseSavepoint(savepoint);
        }
    }

    private void commit(Connection connection) throws SQLException {
        commitSent = true;
        connection.commit();
        commitSent = false;
        book.keep();
        committed.incrementAndGet();
        outageSince = 0; // not before: a database that is there and refuses every transaction is away too
    }

    /** The first rows, in one transaction. */
    void create(int rows) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            changes.openVault(connection);
            for (int i = 0; i < rows; i++) {
                changes.openAccount(connection);
                if (i % 20 == 0) {
                    changes.insertItem(connection);
                }
                changes.appendEntry(connection);
            }
            commit(connection);
        }
    }
}
