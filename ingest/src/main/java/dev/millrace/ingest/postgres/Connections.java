package dev.millrace.ingest.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/**
 * Opens the connections of one source, from fields and never from a URL a user wrote. Every connection, the walsender's too, gets the same
 * session, because the text form of a value depends on it: dates in ISO form, intervals in ISO 8601, time zone UTC, floats in their
 * shortest exact form, bytea in hex, money in the C locale, and an empty search path (type and table names come qualified, and nobody's
 * function stands in front of the server's own).
 *
 * <p>Thread-safe. Failures are {@link dev.millrace.config.error.MillraceException}s; the caller closes what it gets.
 */
final class Connections {
    private static final String SESSION =
            "SELECT set_config('datestyle', 'ISO, YMD', false), set_config('intervalstyle', 'iso_8601', false),"
                    + " set_config('timezone', 'UTC', false), set_config('extra_float_digits', '3', false),"
                    + " set_config('bytea_output', 'hex', false), set_config('xmloption', 'content', false),"
                    + " set_config('lc_monetary', 'C', false), set_config('lc_numeric', 'C', false),"
                    + " set_config('quote_all_identifiers', 'off', false), set_config('search_path', '', false),"
                    // a server whose client's machine has died would keep the session, its snapshot and the slot for
                    // hours
                    + " set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),"
                    + " set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '30000', false),"
                    // of later versions
                    + " (SELECT count(set_config(name, '0', false)) FROM pg_catalog.pg_settings"
                    + " WHERE name IN ('transaction_timeout', 'idle_session_timeout'))";

    private static final Duration ANSWER_MARGIN = Duration.ofSeconds(5);
    /** Between a statement and its first row the server may have to look through much of a table. */
    static final int ROWS_SILENCE_MILLIS = 600_000;

    private static final int SLOT_READERS_KEPT = 8;

    private final PostgresSettings settings;
    private final Queue<Integer> slotReaders = new ConcurrentLinkedQueue<>();

    Connections(PostgresSettings settings) {
        this.settings = settings;
    }

    PostgresSettings settings() {
        return settings;
    }

    /** For reading rows: read-only, without a statement time-out (a chunk takes as long as it takes). */
    Connection reading() {
        return ordinary(
                ROWS_SILENCE_MILLIS,
                "set_config('default_transaction_read_only', 'on', false), set_config('statement_timeout', '0', false),"
                        + " set_config('lock_timeout', "
                        + millis(settings.lockTimeout())
                        + ", false), set_config('idle_in_transaction_session_timeout', '0', false)");
    }

    /** For asking the catalogue: read-only, each statement within the settings' time-out. */
    Connection asking() {
        return asking(answerMillis());
    }

    /** As {@link #asking}, but a server that doesn't answer soon is taken for unreachable. */
    Connection askingSoon() {
        return asking(Math.min(
                answerMillis(),
                Math.toIntExact(settings.peerTimeout().multipliedBy(2).toMillis())));
    }

    private Connection asking(int silenceMillis) {
        return ordinary(
                silenceMillis,
                "set_config('default_transaction_read_only', 'on', false), set_config('statement_timeout', "
                        + millis(settings.queryTimeout())
                        + ", false), set_config('lock_timeout', "
                        + millis(settings.lockTimeout())
                        + ", false)");
    }

    /** For the slot, the publications and checks: may write, each statement within the settings' time-out. */
    Connection administering() {
        return ordinary(
                answerMillis(),
                "set_config('statement_timeout', "
                        + millis(settings.queryTimeout())
                        + ", false), set_config('lock_timeout', "
                        + millis(settings.lockTimeout())
                        + ", false)");
    }

    /**
     * For reading a slot by its SQL function: a statement takes as long as it takes, and ends soon when we are gone where the server can tell
     * (since 14). As with a walsender, values are printed in this session.
     */
    Connection decoding() {
        Connection connection = ordinary(
                answerMillis(),
                "set_config('statement_timeout', '0', false), set_config('lock_timeout', "
                        + millis(settings.lockTimeout())
                        + ", false), set_config('idle_in_transaction_session_timeout', '0', false)");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT set_config(name, '5s', false) FROM pg_catalog.pg_settings"
                    + " WHERE name = 'client_connection_check_interval'");
            return readsSlot(connection);
        } catch (SQLException e) {
            closeAfter(connection, e);
            throw PostgresErrors.connecting(settings, e);
        }
    }

    /** A walsender on the database: takes replication commands, and SQL by the simple protocol. */
    Connection replicating() {
        Properties properties = properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
        // Logical decoding prints values in the walsender's session, so what must not change is set before its first
        // command too.
        return readsSlot(open(
                properties,
                answerMillis(),
                SESSION + ", set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)"));
    }

    private Connection readsSlot(Connection connection) {
        try {
            slotReaders.add(connection.unwrap(PGConnection.class).getBackendPID());
            if (slotReaders.size() > SLOT_READERS_KEPT) {
                slotReaders.remove();
            }
            return connection;
        } catch (SQLException e) {
            closeAfter(connection, e);
            throw PostgresErrors.connecting(settings, e);
        }
    }

    /** The server's processes of our latest connections that read the slot: one whose connection broke may still have it there. */
    List<Integer> slotReaders() {
        return List.copyOf(slotReaders);
    }

    private Connection ordinary(int silenceMillis, String more) {
        Properties properties = properties();
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
        return open(properties, silenceMillis, SESSION + ", " + more);
    }

    /** A little longer than the server lets a statement run, so that the server's own word comes first. */
    int answerMillis() {
        return Math.toIntExact(settings.queryTimeout().plus(ANSWER_MARGIN).toMillis());
    }

    /** @param silenceMillis how long the connection may keep us waiting for a byte, once it is open */
    private Connection open(Properties properties, int silenceMillis, String session) {
        Connection connection = null;
        try {
            connection = new Driver().connect(url(), properties);
            if (connection == null) {
                throw new IllegalStateException("the driver does not know its own URL form");
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute(session);
            }
            // A network that dies without a word must not hold us, now or later.
            connection.setNetworkTimeout(Runnable::run, silenceMillis);
            return connection;
        } catch (SQLException e) {
            closeAfter(connection, e);
            throw PostgresErrors.connecting(settings, e);
        }
    }

    private static void closeAfter(Connection connection, SQLException failure) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** Host and database come as properties, not in the URL, so that nothing in them is ever read as a parameter. */
    private static String url() {
        return "jdbc:postgresql://";
    }

    private Properties properties() {
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
        int seconds = Math.toIntExact(Math.max(1, settings.connectTimeout().toSeconds()));
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.APPLICATION_NAME.set(properties, settings.applicationName());
        return properties;
    }

    private static String millis(Duration time) {
        return "'" + time.toMillis() + "'";
    }
}
