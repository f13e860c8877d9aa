package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.FencedException;
import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The bookkeeping table: per pipeline the committed log index and the epoch of the instance that may commit; where tables are loaded apart, a row
 * for each of them too, named {@code pipeline/table}, which counts while it is further on than the pipeline's. An instance takes no lock on
 * its row before it commits; the commit's UPDATE names the epoch, so of two instances only the one that claimed last can end a transaction,
 * whatever the other one has open. Stateless; the connection's thread.
 */
final class Positions {
    static final String TABLE = "__millrace_positions";

    /** Between a pipeline's name, which has no such character, and a table's. */
    private static final String SEPARATOR = "/";

    /** Behind a pipeline's name, which has no such character: the row with the number of its newest replay of failed events. */
    private static final String REPLAYS = "#replays";

    private final String pipeline;
    private final TargetName name;
    private final String quoted;

    Positions(String pipeline, TargetName name) {
        this.pipeline = pipeline;
        this.name = name;
        this.quoted = Quoted.table(name);
    }

    /** What a claim found: the new epoch, and the committed log index if there is one. */
    record Claim(long epoch, Optional<Long> logIndex) {}

    /** Raises the epoch; makes table and row where they are missing. {@code connection} is in autocommit. */
    Claim claim(Connection connection) throws SQLException {
        if (!exists(connection)) {
            make(connection);
        }
        String sql = "INSERT INTO " + quoted + " AS p (pipeline, epoch, updated_at) VALUES (?, 1, now())"
                + " ON CONFLICT (pipeline) DO UPDATE SET epoch = p.epoch + 1, updated_at = now() RETURNING epoch, log_index";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, pipeline);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Claim(row.getLong(1), Optional.ofNullable(row.getObject(2, Long.class)));
            }
        }
    }

    /**
     * The committed log index; empty also where there is no table yet. Waits for a transaction that has moved it and not ended, because one
     * whose connection broke during COMMIT may still be at it over there.
     */
    Optional<Long> logIndex(Connection connection) throws SQLException {
        return exists(connection) ? number(connection, pipeline) : Optional.empty();
    }

    private Optional<Long> number(Connection connection, String row) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT log_index FROM " + quoted + " WHERE pipeline = ? FOR UPDATE")) {
            statement.setString(1, row);
            try (ResultSet found = statement.executeQuery()) {
                return found.next() ? Optional.ofNullable(found.getObject(1, Long.class)) : Optional.empty();
            }
        }
    }

    /** Fails early when another instance holds the claim; the commit decides. */
    void requireEpoch(Connection connection, long epoch) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT epoch FROM " + quoted + " WHERE pipeline = ?")) {
            statement.setString(1, pipeline);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next() || row.getLong(1) != epoch) {
                    throw new FencedException(pipeline);
                }
            }
        }
    }

    /**
     * Writes the log index within the caller's transaction; throws {@link FencedException} when the epoch is another's, and as
     * {@link KnownTables.Used#requireSame}.
     */
    void move(Connection connection, long epoch, long logIndex, KnownTables.Used used) throws SQLException {
        String sql = "UPDATE " + quoted + " SET log_index = ?, updated_at = now() WHERE pipeline = ? AND epoch = ? AND "
                + KnownTables.ARE_THE_SAME;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, logIndex);
            statement.setString(2, pipeline);
            statement.setLong(3, epoch);
            used.set(statement, 4);
            if (statement.executeUpdate() != 1) {
                used.requireSame(connection);
                throw new FencedException(pipeline);
            }
        }
    }

    /** Moves the position within the caller's transaction; throws as {@link #move}. */
    @FunctionalInterface
    interface Move {
        void to(Connection connection, long epoch, long logIndex, KnownTables.Used used) throws SQLException;
    }

    /**
     * Writes one table's log index within the caller's transaction, in a row of its own; throws as {@link #move}. Holds the pipeline's row until the end, shared with other tables' transactions, so that a claim waits for what is being
     * committed, and sees it.
     */
    void moveTable(Connection connection, long epoch, String table, long logIndex, KnownTables.Used used)
            throws SQLException {
        String sql = "WITH claimed AS (SELECT epoch FROM " + quoted
                + " WHERE pipeline = ? AND epoch = ? FOR SHARE) INSERT INTO "
                + quoted + " (pipeline, epoch, log_index, updated_at) SELECT ?, epoch, ?, now() FROM claimed WHERE "
                + KnownTables.ARE_THE_SAME
                + " ON CONFLICT (pipeline) DO UPDATE SET epoch = excluded.epoch, log_index = excluded.log_index, updated_at = now()";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, pipeline);
            statement.setLong(2, epoch);
            statement.setString(3, pipeline + SEPARATOR + table);
            statement.setLong(4, logIndex);
            used.set(statement, 5);
            if (statement.executeUpdate() != 1) {
                used.requireSame(connection);
                throw new FencedException(pipeline);
            }
        }
    }

    /** The log index of every table that is further on than the pipeline. Waits for transactions as {@link #logIndex} does. */
    Map<String, Long> tables(Connection connection) throws SQLException {
        long reached = logIndex(connection).orElse(0L);
        Map<String, Long> tables = new HashMap<>();
        if (!exists(connection)) {
            return tables;
        }
        String prefix = pipeline + SEPARATOR;
        String sql = "SELECT pipeline, log_index FROM " + quoted
                + " WHERE pg_catalog.left(pipeline, ?) = ? AND log_index > ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, prefix.length());
            statement.setString(2, prefix);
            statement.setLong(3, reached);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    tables.put(row.getString(1).substring(prefix.length()), row.getLong(2));
                }
            }
        }
        return tables;
    }

    /** The newest replay committed, 0 before the first; waits as {@link #logIndex} does. */
    long replayed(Connection connection) throws SQLException {
        return exists(connection) ? number(connection, pipeline + REPLAYS).orElse(0L) : 0L;
    }

    /** Writes the replay's number within the caller's transaction, in a row of its own. */
    void replayed(Connection connection, long number) throws SQLException {
        String sql = "INSERT INTO " + quoted + " (pipeline, epoch, log_index, updated_at) VALUES (?, 0, ?, now())"
                + " ON CONFLICT (pipeline) DO UPDATE SET log_index = EXCLUDED.log_index, updated_at = now()";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, pipeline + REPLAYS);
            statement.setLong(2, number);
            statement.executeUpdate();
        }
    }

    private boolean exists(Connection connection) throws SQLException {
        return Catalogue.hasTable(connection, name);
    }

    /** Another pipeline may do the same at the same time: then its table is as good as ours. */
    private void make(Connection connection) throws SQLException {
        Catalogue.makeSchema(connection, name.schema());
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS " + quoted
                            + " (pipeline text PRIMARY KEY, epoch bigint NOT NULL, log_index bigint, updated_at timestamp with time zone NOT NULL)");
        } catch (SQLException e) {
            if (!exists(connection)) {
                throw e;
            }
        }
    }
}
