package dev.millrace.app.fault.shapes;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;

/** Writes to {@code live.rows} on a thread of its own, by the columns that stay; where the table is away for a moment, it tries again. */
final class SteadyWriter {
    private static final String NO_SUCH_TABLE = "42P01";

    private final TestDatabase source;
    private final SplittableRandom random;
    private final Thread thread = new Thread(this::write, "writer");
    private volatile boolean stopped;
    private volatile SQLException failure;
    private long rows;

    SteadyWriter(TestDatabase source, long seed) {
        this.source = source;
        this.random = new SplittableRandom(seed);
    }

    void start() {
        thread.start();
    }

    /** How many rows it has written. */
    long stop() throws InterruptedException, SQLException {
        stopped = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
        return rows;
    }

    /** Whatever came of it; it may not have been started. */
    void end() throws InterruptedException {
        stopped = true;
        thread.join();
    }

    private void write() {
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            for (int id = 1; !stopped; id++) {
                try {
                    statement.execute(statement(id));
                    rows++;
                } catch (SQLException e) {
                    if (!NO_SUCH_TABLE.equals(e.getSQLState())) {
                        throw e;
                    }
                }
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    private String statement(int id) {
        int other = 1 + random.nextInt(id);
        return switch (random.nextInt(6)) {
            case 0, 1 -> "INSERT INTO live.rows (id, v, big) VALUES (" + id + ", 'row " + id + "', repeat('x', 2500))";
            case 2, 3 ->
                "UPDATE live.rows SET v = 'changed " + id + "' WHERE id IN (" + other + ", " + -other % 500 + ")";
            case 4 -> "UPDATE live.rows SET id = " + (id + 10_000_000) + " WHERE id = " + other;
            default -> "DELETE FROM live.rows WHERE id = " + other;
        };
    }
}
