package dev.millrace.consume.duckdb;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** {@code main.__millrace_positions}: per pipeline the epoch of its owner and the log index committed, -1 before the first commit. */
final class PositionTable {
    private static final String TABLE = "main.__millrace_positions";

    /** Behind a pipeline's name, which has no such character. */
    private static final String REPLAYS = "#replays";

    private final String pipeline;

    PositionTable(String pipeline) {
        this.pipeline = pipeline;
    }

    void make(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS " + TABLE
                    + " (pipeline VARCHAR, epoch BIGINT, log_index BIGINT, updated_at TIMESTAMP WITH TIME ZONE)");
        }
    }

    boolean exists(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT 1 FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = 'main'"
                                + " AND table_name = '__millrace_positions'")) {
            return rows.next();
        }
    }

    /** Raises the epoch and returns it. */
    long claim(Connection connection) throws SQLException {
        try (PreparedStatement raise = connection.prepareStatement(
                        "UPDATE " + TABLE + " SET epoch = epoch + 1, updated_at = now() WHERE pipeline = ?");
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, 1, -1, now())")) {
            raise.setString(1, pipeline);
            if (raise.executeUpdate() == 0) {
                insert.setString(1, pipeline);
                insert.executeUpdate();
            }
        }
        return epoch(connection);
    }

    /** The epoch now, -1 when there is none. */
    long epoch(Connection connection) throws SQLException {
        return number(connection, "epoch", pipeline).orElse(-1L);
    }

    Optional<Long> committed(Connection connection) throws SQLException {
        return number(connection, "log_index", pipeline).filter(index -> index >= 0);
    }

    /** False when the epoch is another. */
    boolean advance(Connection connection, long epoch, long logIndex) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE " + TABLE + " SET log_index = ?, updated_at = now() WHERE pipeline = ? AND epoch = ?")) {
            statement.setLong(1, logIndex);
            statement.setString(2, pipeline);
            statement.setLong(3, epoch);
            return statement.executeUpdate() == 1;
        }
    }

    /** The newest replay of failed events that is committed, 0 before the first. */
    long replayed(Connection connection) throws SQLException {
        return number(connection, "log_index", pipeline + REPLAYS).orElse(0L);
    }

    /** Writes a replay's number, in a row of its own. */
    void replayed(Connection connection, long number) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                        "UPDATE " + TABLE + " SET log_index = ?, updated_at = now() WHERE pipeline = ?");
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, 0, ?, now())")) {
            update.setLong(1, number);
            update.setString(2, pipeline + REPLAYS);
            if (update.executeUpdate() == 0) {
                insert.setString(1, pipeline + REPLAYS);
                insert.setLong(2, number);
                insert.executeUpdate();
            }
        }
    }

    private Optional<Long> number(Connection connection, String column, String row) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + column + " FROM " + TABLE + " WHERE pipeline = ?")) {
            statement.setString(1, row);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }
}
