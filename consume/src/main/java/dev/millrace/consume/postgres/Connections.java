package dev.millrace.consume.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Opens the connections of one destination, from fields and never from a URL a user wrote. Every session has time zone UTC, an empty search
 * path (nobody's function or table stands in front of what is meant), bounded waits, and commits that are durable where the server's own
 * setting would let a power cut take them back. A policy that hides rows makes a statement fail rather than pass over them. Stateless and thread-safe; the caller closes what it gets.
 */
final class Connections {
    private static final Duration READ_MARGIN = Duration.ofSeconds(5);

    /** A server whose client's machine has died would keep the session, and its locks, for hours. */
    private static final String NOTICES_US_DEAD =
            "set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),"
                    + " set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '30000', false),"
                    // what is set for the user may not end our sessions either; of later versions
                    + " (SELECT count(set_config(name, '0', false)) FROM pg_catalog.pg_settings"
                    + " WHERE name IN ('transaction_timeout', 'idle_session_timeout'))";

    /**
     * 64 MB to sort and join a window's rows in, of which a statement takes what it needs; with the server's usual 4 MB they go through files.
     * Where more is set it stays.
     */
    private static final String ROOM_FOR_A_WINDOW =
            "(SELECT set_config('work_mem', '65536', false) FROM pg_catalog.pg_settings"
                    + " WHERE name = 'work_mem' AND setting::bigint < 65536)";

    private final PostgresSettings settings;

    Connections(PostgresSettings settings) {
        this.settings = settings;
    }

    PostgresSettings settings() {
        return settings;
    }

    /** For loads: one statement may take as long as the settings say, and a window's rows are sorted and joined in memory. */
    Connection loading() {
        return open(settings.statementTimeout(), ", " + ROOM_FOR_A_WINDOW);
    }

    /** For checks, descriptions and the position: no statement takes longer than the lock time-out and ten seconds. */
    Connection asking() {
        return open(settings.lockTimeout().plusSeconds(10), "");
    }

    /** For asking how another connection is: answers within the connect time-out, or not at all. */
    Connection probing() {
        return open(settings.connectTimeout(), "");
    }

    private Connection open(Duration statementTimeout, String more) {
        Connection connection = null;
        try {
            connection = connect(settings.connectTimeout());
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SELECT set_config('datestyle', 'ISO, YMD', false), set_config('timezone', 'UTC', false),"
                                + " set_config('bytea_output', 'hex', false), set_config('extra_float_digits', '3', false),"
                                + " set_config('search_path', '', false), set_config('statement_timeout', '"
                                + statementTimeout.toMillis()
                                + "', false), set_config('lock_timeout', '"
                                + settings.lockTimeout().toMillis()
                                + "', false), set_config('idle_in_transaction_session_timeout', '"
                                + settings.statementTimeout().toMillis()
                                + "', false), set_config('row_security', 'off', false),"
                                + " set_config('default_transaction_isolation', 'read committed', false),"
                                + " set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
                                + " ELSE current_setting('synchronous_commit') END, false), "
                                + NOTICES_US_DEAD
                                + more);
            }
            connection.setNetworkTimeout(
                    Runnable::run,
                    Math.toIntExact(statementTimeout.plus(READ_MARGIN).toMillis()));
            return connection;
        } catch (SQLException e) {
            closeAfter(connection, e);
            throw PostgresErrors.of("Cannot connect to PostgreSQL at " + settings.address(), e);
        }
    }

    /** A connection as the driver gives it, without our session. */
    Connection connect(Duration readTimeout) throws SQLException {
        Properties properties = new Properties();
        PGProperty.PG_HOST.set(properties, settings.host());
        PGProperty.PG_PORT.set(properties, Integer.toString(settings.port()));
        PGProperty.PG_DBNAME.set(properties, settings.database());
        PGProperty.USER.set(properties, settings.user());
        settings.password().ifPresent(password -> PGProperty.PASSWORD.set(properties, password.reveal()));
        PGProperty.SSL_MODE.set(properties, settings.sslMode());
        settings.values()
                .optionalPath("sslRootCert")
                .ifPresent(file -> PGProperty.SSL_ROOT_CERT.set(properties, file.toString()));
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(
                properties, false); // it may hold values of rows, and messages are logged
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds(settings.connectTimeout()));
        PGProperty.LOGIN_TIMEOUT.set(
                properties, seconds(settings.connectTimeout().multipliedBy(2)));
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds(readTimeout));
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
        PGProperty.APPLICATION_NAME.set(properties, "millrace-" + settings.pipeline());
        Connection connection = new Driver().connect("jdbc:postgresql://", properties);
        if (connection == null) {
            throw new IllegalStateException("the driver does not know its own URL form");
        }
        return connection;
    }

    /** Closes a connection that failed; a failure to do so is kept with the first one. */
    static void closeAfter(Connection connection, Exception failure) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }

    private static int seconds(Duration time) {
        return Math.toIntExact(Math.max(1, time.toSeconds()));
    }
}
