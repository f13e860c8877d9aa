package dev.millrace.storage.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** A database on a {@link TestPostgres}, for one test. Closing it drops it, with its replication slots and whoever is connected. */
public record TestDatabase(String host, int port, String database, String user, String password)
        implements AutoCloseable {

    /** A new connection, in autocommit. */
    public Connection connect() throws SQLException {
        return connectTo(database);
    }

    /** Runs one or more statements on a connection of their own. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Every row of a query, its columns as text joined by {@code |}, NULL as {@code ∅}. */
    public List<String> rows(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String cell = result.getString(i);
                    row.append(i == 1 ? "" : "|").append(cell == null ? "∅" : cell);
                }
                rows.add(row.toString());
            }
            return rows;
        }
    }

    /** Ends these sessions and waits until the server has none of them any more; {@code pids} is a query. */
    public void terminate(String pids) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            terminate(statement, pids);
        }
    }

    /** The server's own waiting form of it is of version 14. */
    private static void terminate(Statement statement, String pids) throws SQLException {
        statement.execute("DO $$DECLARE ended int[] := ARRAY(" + pids + "); tries int := 0; BEGIN"
                + " PERFORM pg_terminate_backend(pid) FROM unnest(ended) pid WHERE pid IS NOT NULL;"
                + " WHILE EXISTS (SELECT FROM pg_stat_get_activity(NULL) WHERE pid = ANY (ended)) LOOP"
                + " tries := tries + 1; IF tries > 6000 THEN RAISE 'sessions % do not end', ended; END IF;"
                + " PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END$$");
    }

    @Override
    public void close() throws SQLException {
        try (Connection connection = connectTo("postgres");
                Statement statement = connection.createStatement()) {
            terminate(statement, "SELECT active_pid FROM pg_replication_slots WHERE database = '" + database + "'");
            statement.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '"
                    + database + "'");
            statement.execute("DROP DATABASE IF EXISTS \"" + database + "\" WITH (FORCE)");
        }
    }

    private Connection connectTo(String name) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        return DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + name, properties);
    }
}
