package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * Turns what the driver throws into failures with a stable code, by SQLSTATE (PostgreSQL manual, appendix "PostgreSQL Error Codes") and by
 * the kind of the cause, never by text, because servers speak many languages.
 */
final class PostgresErrors {
    /** What is made of an SQLSTATE. */
    private record Known(String code, Category category, String remedy) {
        static Known user(String code, String remedy) {
            return new Known(code, Category.USER, remedy);
        }

        static Known external(String code, String remedy) {
            return new Known(code, Category.EXTERNAL, remedy);
        }
    }

    private static final Map<String, Known> BY_STATE = Map.ofEntries(
            Map.entry("28P01", Known.user("LOGIN_FAILED", "Check user and password, and the server's pg_hba.conf.")),
            Map.entry("28000", Known.user("LOGIN_FAILED", "Check user and password, and the server's pg_hba.conf.")),
            Map.entry(
                    "53300",
                    Known.external(
                            "TOO_MANY_CONNECTIONS",
                            "Raise max_connections (or max_wal_senders) or close other clients.")),
            Map.entry(
                    "42501", Known.user("PRIVILEGE_MISSING", "Grant the privilege named above to this source's user.")),
            Map.entry(
                    "42P01",
                    Known.user("TABLE_NOT_FOUND", "The table was dropped or renamed: choose the objects again.")),
            Map.entry(
                    "3F000",
                    Known.user("TABLE_NOT_FOUND", "The table was dropped or renamed: choose the objects again.")),
            Map.entry(
                    "42703",
                    Known.external("TABLE_CHANGED", "A column was dropped or renamed meanwhile; it is read again.")),
            Map.entry("42704", Known.user("OBJECT_MISSING", "Something this source needs at the server is not there.")),
            Map.entry(
                    "55006",
                    Known.external(
                            "SLOT_TAKEN", "Another process streams from this slot: stop it, or name another slot.")),
            Map.entry(
                    "53400",
                    Known.external(
                            "OUT_OF_SLOTS",
                            "Raise the limit that the server names (max_replication_slots and max_wal_senders need a restart), or drop unused slots.")),
            Map.entry(
                    "55000",
                    Known.user(
                            "SOURCE_NOT_READY",
                            "See wal_level and the slot's state: 'millrace check --connect' says more.")),
            Map.entry(
                    "58P01",
                    Known.user(
                            "SLOT_LOST",
                            "The server no longer has the change log. Load everything again: millrace reload --all --pipeline NAME")),
            Map.entry(
                    "57014",
                    Known.external(
                            "QUERY_CANCELLED", "It took longer than 'queryTimeout', or was cancelled at the server.")),
            Map.entry(
                    "55P03",
                    Known.external(
                            "LOCK_NOT_AVAILABLE", "Another session holds a lock on the table; it is tried again.")),
            Map.entry(
                    "25006",
                    Known.user("SERVER_READ_ONLY", "This is a standby or read-only: connect to the primary.")));

    /** By the SQLSTATE's first two characters. */
    private static final Map<String, Known> BY_CLASS = Map.ofEntries(
            Map.entry(
                    "08",
                    Known.external(
                            "CONNECTION_LOST",
                            "Check that the server runs and the network reaches it; it is tried again.")),
            Map.entry(
                    "57",
                    Known.external("SERVER_SHUTTING_DOWN", "The server stops, starts or recovers; it is tried again.")),
            Map.entry("53", Known.external("SERVER_FAILED", "The server is out of a resource or failed: see its log.")),
            Map.entry("58", Known.external("SERVER_FAILED", "The server is out of a resource or failed: see its log.")),
            Map.entry("XX", Known.external("SERVER_FAILED", "The server is out of a resource or failed: see its log.")),
            Map.entry(
                    "40",
                    Known.external("SERVER_CONFLICT", "The server broke the transaction off; it is tried again.")),
            Map.entry("42", Known.user("QUERY_REFUSED", "See the server's reason above.")),
            Map.entry("0A", Known.user("QUERY_REFUSED", "See the server's reason above.")),
            Map.entry("22", Known.user("QUERY_REFUSED", "See the server's reason above.")));

    private static final Known OTHER = Known.external("DATABASE_ERROR", "See the server's reason above and its log.");

    private PostgresErrors() {}

    /** For a failure while connecting and logging in. */
    static MillraceException connecting(PostgresSettings settings, SQLException failure) {
        String what = "Cannot connect to PostgreSQL at " + settings.address();
        return switch (state(failure)) {
            case "28P01", "28000" ->
                make(
                        "LOGIN_FAILED",
                        Category.USER,
                        what,
                        failure,
                        "Check user and password in the pipeline's source; the server's pg_hba.conf must admit the user from this machine"
                                + (settings.password().isEmpty() ? " (no password is set here)." : "."));
            case "3D000" ->
                make(
                        "DATABASE_NOT_FOUND",
                        Category.USER,
                        what,
                        failure,
                        "Check the setting 'database'; psql -l lists what is there.");
            case "08004" -> rejected(settings, what, failure);
            default -> of(what, failure);
        };
    }

    /** The driver itself gave up; of its two reasons one names SSL in every language. */
    private static MillraceException rejected(PostgresSettings settings, String what, SQLException failure) {
        if (text(failure).contains("SSL")) {
            return make(
                    "TLS_FAILED",
                    Category.USER,
                    what,
                    failure,
                    "sslMode is " + settings.sslMode() + ": set ssl = on at the server, or sslMode to prefer.");
        }
        return make(
                "LOGIN_FAILED", Category.USER, what, failure, "Set the setting 'password'; the server asks for one.");
    }

    /**
     * For any other failure.
     *
     * @param what what failed, with its id: "Cannot read table public.film"
     */
    static MillraceException of(String what, SQLException failure) {
        MillraceException network = network(what, failure);
        if (network != null) {
            return network;
        }
        String state = state(failure);
        Known known = BY_STATE.get(state);
        if (known == null) {
            known = BY_CLASS.getOrDefault(state.length() < 2 ? "" : state.substring(0, 2), OTHER);
        }
        return make(known.code, known.category, what, failure, known.remedy);
    }

    /** For a failure while the slot's changes are read. */
    static MillraceException streaming(PostgresSettings settings, SQLException failure) {
        String what = "Cannot read the changes of slot '" + settings.slot() + "'";
        if (state(failure).equals("42704")) {
            return MillraceException.user(
                    "PUBLICATION_MISSING",
                    what,
                    failure.getMessage()
                            + ": the publication was dropped, or made after changes that are still to be read",
                    "Changes meanwhile were not published. " + settings.loadAnew());
        }
        if (state(failure).equals("XX000") && text(failure).contains("could not map file")) {
            return make(
                    "SLOT_UNDECODABLE",
                    Category.USER,
                    what,
                    failure,
                    "The server can't decode its change log at this place, nor will it at another try: a defect of the server. "
                            + settings.loadAnew());
        }
        return of(what, failure);
    }

    /** What went wrong below the protocol, or null. */
    private static MillraceException network(String what, SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Known known = network(cause);
            if (known != null) {
                String why = cause instanceof UnknownHostException
                        ? "no address is known for host '" + cause.getMessage() + "'"
                        : text(cause);
                return make(known.code, known.category, what, why, failure, known.remedy);
            }
        }
        return null;
    }

    private static Known network(Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return Known.external("HOST_UNKNOWN", "Check the setting 'host' and this machine's name resolution.");
        }
        if (cause instanceof SSLException) {
            return Known.user(
                    "TLS_FAILED",
                    "Check sslMode and sslRootCert; the server's certificate must be signed by it and, for verify-full, name the host.");
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return Known.external(
                    "CONNECTION_REFUSED",
                    "Check host and port, that the server runs, its listen_addresses, and firewalls between.");
        }
        if (cause instanceof SocketTimeoutException) {
            return Known.external(
                    "CONNECTION_TIMED_OUT",
                    "The server did not answer in time: check host, port and firewalls, or raise 'connectTimeout' or 'queryTimeout'; it is tried again.");
        }
        if (cause instanceof InterruptedIOException) {
            return Known.external("INTERRUPTED", "");
        }
        return null;
    }

    /** The SQLSTATE, empty when there is none. */
    static String state(SQLException failure) {
        return failure.getSQLState() == null ? "" : failure.getSQLState();
    }

    private static MillraceException make(
            String code, Category category, String what, SQLException failure, String remedy) {
        String state = state(failure);
        String why = text(failure) + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
        return make(code, category, what, why, failure, remedy);
    }

    private static MillraceException make(
            String code, Category category, String what, String why, SQLException failure, String remedy) {
        return new MillraceException(code, category, what, why, remedy, failure);
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
