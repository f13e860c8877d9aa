package dev.millrace.consume.postgres;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.TableChangedException;
import dev.millrace.consume.destination.TargetName;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns what the driver throws into failures with a stable code, by SQLSTATE (PostgreSQL manual, appendix "PostgreSQL Error Codes") and by
 * the kind of the cause. Text is read for one thing only: which row and column a COPY stopped at.
 */
final class PostgresErrors {
    /** "COPY film, line 3, column title: …", in whatever language; the name may hold anything. */
    private static final Pattern COPY_PLACE =
            Pattern.compile("(?s)^COPY .*?, \\S+ (\\d+)(?:, \\S+ ([^:]+))?(?:: .*)?$");

    private static final Pattern FUNCTION = Pattern.compile("(?m)^(PL/|SQL function )");

    /** What is made of an SQLSTATE. */
    private record Known(String code, Category category, String remedy) {
        static Known user(String code, String remedy) {
            return new Known(code, Category.USER, remedy);
        }

        static Known external(String code, String remedy) {
            return new Known(code, Category.EXTERNAL, remedy);
        }
    }

    private static final Known LOGIN = Known.user(
            "LOGIN_FAILED", "Check user and password; the server's pg_hba.conf must admit the user from this machine.");
    private static final Known CHANGED_OUTSIDE = Known.user(
            "TABLE_CHANGED_OUTSIDE",
            "A table or column of ours was dropped or renamed at the destination: undo that, or load the table again:"
                    + " millrace reload schema.table --pipeline NAME");
    private static final Known REFUSED = Known.user(
            "CHANGE_REFUSED",
            "Something at the destination depends on the table's present form (a view, for one): drop it and start again.");
    private static final Known OF_A_FUNCTION = Known.user(
            "TRIGGER_FAILED",
            "A trigger or function of your own at the destination failed. Sessions have an empty search path there: name its tables with"
                    + " their schema, or give it one (ALTER FUNCTION … SET search_path = …), and start again.");
    private static final Known LOST =
            Known.external("CONNECTION_LOST", "Check that the server runs and the network reaches it.");
    private static final Known ENDED =
            Known.external("SERVER_SHUTTING_DOWN", "The session or the server was ended; it is tried again.");
    private static final Known FAILED =
            Known.external("SERVER_FAILED", "The server is out of a resource or failed: see its log.");

    private static final Map<String, Known> BY_STATE = Map.ofEntries(
            Map.entry("28P01", LOGIN),
            Map.entry("28000", LOGIN),
            Map.entry(
                    "3D000",
                    Known.user("DATABASE_NOT_FOUND", "Check the setting 'database', or create it: CREATE DATABASE.")),
            Map.entry(
                    "42501",
                    Known.user(
                            "PRIVILEGE_MISSING",
                            "Let an administrator run: GRANT CREATE ON DATABASE … TO the user, or GRANT USAGE, CREATE ON SCHEMA … and"
                                    + " GRANT SELECT, INSERT, UPDATE, DELETE ON the tables; 'millrace check --connect' names each.")),
            Map.entry(
                    "25006",
                    Known.user(
                            "DESTINATION_READ_ONLY",
                            "This is a standby, or default_transaction_read_only is on: connect to the primary, or set it off for this user.")),
            Map.entry(
                    "53100",
                    Known.external("DESTINATION_FULL", "Free space on the destination's disk; it is tried again.")),
            Map.entry("53300", Known.external("TOO_MANY_CONNECTIONS", "Raise max_connections or close other clients.")),
            Map.entry("42P01", CHANGED_OUTSIDE),
            Map.entry("3F000", CHANGED_OUTSIDE),
            Map.entry("42703", CHANGED_OUTSIDE),
            Map.entry("22P03", CHANGED_OUTSIDE),
            Map.entry(
                    "42P10",
                    Known.user(
                            "KEY_MISSING",
                            "The table needs a primary key or unique constraint on its key columns: ALTER TABLE … ADD PRIMARY KEY.")),
            Map.entry(
                    "54011",
                    Known.user(
                            "TABLE_TOO_WIDE",
                            "PostgreSQL takes 1,600 columns, of which we need five and one more per key column: leave the table out of"
                                    + " 'objects', or load it into DuckDB.")),
            Map.entry("0A000", REFUSED),
            Map.entry("42809", REFUSED),
            Map.entry("428C9", REFUSED),
            Map.entry("2BP01", REFUSED),
            Map.entry("42P16", REFUSED),
            Map.entry("42804", REFUSED),
            Map.entry(
                    "55P03",
                    Known.external(
                            "LOCK_NOT_AVAILABLE", "Another session holds a lock on the table; it is tried again.")),
            Map.entry(
                    "57014",
                    Known.external(
                            "STATEMENT_TIMED_OUT",
                            "It took longer than 'statementTimeout', or was cancelled at the server; it is tried again.")));

    /** By the SQLSTATE's first two characters, none for a failure without one. */
    private static final Map<String, Known> BY_CLASS = Map.of(
            "08", LOST,
            "", LOST,
            "57", ENDED,
            "25", ENDED,
            "53", FAILED,
            "55",
                    Known.external(
                            "SERVER_NOT_READY",
                            "What is needed is in use or closed to us for now, such as a database with ALLOW_CONNECTIONS false; it is tried again."),
            "58", FAILED,
            "XX", FAILED,
            "40", Known.external("SERVER_CONFLICT", "The server broke the transaction off; it is tried again."));

    /**
     * The SQLSTATEs that say nothing about rows, as a regular expression: the classes of connection, transaction, privileges, syntax and catalogue,
     * resources, locks, shutdown and the server's own failures (PostgreSQL manual, "PostgreSQL Error Codes"). Of class 54 an index entry that grew
     * too long, 54000, is a row's. 22P03 is not: cells are written in the form of the column's type, so that a column that takes another is of
     * another type now.
     */
    static final String NOT_DATA = "^(0[0-38ABFLPZ]|2[4568BD]|3[4BDF]|4[02]|5[3578]|54(?!000)|72|F0|HV|XX|22P03)";

    /** What a statement fails with where the table isn't what it was: it is looked at anew, and what is found says what to do. */
    private static final Set<String> SHAPES = Set.of("0A000", "42501", "42804", "42809", "428C9", "42P10");

    private static final Pattern SERVERS = Pattern.compile(NOT_DATA);

    private PostgresErrors() {}

    /**
     * For a failure that has nothing to do with a table's rows.
     *
     * @param what what failed, with its id: "Cannot connect to PostgreSQL at …"
     */
    static MillraceException of(String what, SQLException failure) {
        MillraceException network = network(what, failure);
        if (network != null) {
            return network;
        }
        String state = state(failure);
        Known known = state.startsWith("42") && isOfFunction(failure) ? OF_A_FUNCTION : BY_STATE.get(state);
        if (known == null) {
            known = BY_CLASS.get(state.length() < 2 ? "" : state.substring(0, 2));
        }
        if (known == CHANGED_OUTSIDE || SHAPES.contains(state) && known != OF_A_FUNCTION) {
            return new TableChangedException(known.code, what, why(failure), known.remedy, failure);
        }
        return known == null
                ? MillraceException.internal("DESTINATION_REFUSED", what, why(failure), failure)
                : new MillraceException(known.code, known.category, what, why(failure), known.remedy, failure);
    }

    /** For a failure while {@code table} was loaded or changed; a row's fault becomes a {@link DataException}. */
    static MillraceException at(TargetName table, SQLException failure) {
        if (!isData(failure)) {
            return of("Cannot load table '" + table + "'", failure);
        }
        ServerErrorMessage server = server(failure);
        String column = server == null || server.getColumn() == null ? copyColumn(failure) : server.getColumn();
        return new DataException(code(state(failure)), table.toString(), column, reason(failure));
    }

    private static String code(String state) {
        return state.equals("23503") || state.equals("23001")
                ? DataException.REFERENCE
                : isOfRows(state) ? DataException.DATA : DataException.RULE;
    }

    /** What the server said of a row, as {@link #at} tells it; of no event yet. */
    static DataException.Row row(String state, String message, String detail, String column) {
        boolean none = detail == null || detail.isEmpty();
        return new DataException.Row(
                "", column == null ? "" : column, reason(state, message, none ? null : detail), code(state));
    }

    /**
     * For a failure at the commit; a constraint that was held against a row only then becomes a {@link DataException} of its table, which is not known
     * where a trigger has refused it.
     */
    static MillraceException atCommit(String what, SQLException failure) {
        ServerErrorMessage server = server(failure);
        if (!isData(failure) || server == null) {
            return of(what, failure);
        }
        if (server.getTable() == null || server.getSchema() == null) {
            return new DataException(code(state(failure)), "", "", reason(failure));
        }
        return at(new TargetName(server.getSchema(), server.getTable()), failure);
    }

    /**
     * Whether the row or value is at fault: all but {@link #NOT_DATA}, since a trigger may refuse a row with any SQLSTATE. That of a language's own
     * failures, XX000, is told from the server's by where it was.
     */
    static boolean isData(SQLException failure) {
        String state = state(failure);
        if (!SERVERS.matcher(state).find() && isOfRows(state)) {
            return true;
        }
        ServerErrorMessage server = server(failure); // the driver has states of its own
        boolean ofFunction =
                server != null && server.getWhere() != null && server.getWhere().startsWith("PL/");
        return server != null && (!SERVERS.matcher(state).find() || state.equals("XX000") && ofFunction);
    }

    /** Whether a function was running that isn't ours. */
    private static boolean isOfFunction(SQLException failure) {
        ServerErrorMessage server = server(failure);
        String where = server == null || server.getWhere() == null ? "" : server.getWhere();
        return FUNCTION.matcher(where).find() && !where.contains("__millrace_");
    }

    /** Whether it is an SQLSTATE that the server gives rows it refuses; else a rule of the user's own has given it, or something unknown. */
    private static boolean isOfRows(String state) {
        return state.startsWith("22") || state.startsWith("23") || state.startsWith("P0") || state.startsWith("54");
    }

    static boolean isDuplicate(SQLException failure) {
        return state(failure).equals("23505");
    }

    /** Whether the session is gone, so that what was sent last may or may not have been done. */
    static boolean isLost(SQLException failure) {
        String state = state(failure);
        if (state.isEmpty() || state.startsWith("08") || state.startsWith("57P")) {
            return true;
        }
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    /** The row that a COPY stopped at, from 1; 0 where the server didn't say. */
    static long copyLine(SQLException failure) {
        Matcher place = copyPlace(failure);
        return place.matches() ? Long.parseLong(place.group(1)) : 0;
    }

    private static String copyColumn(SQLException failure) {
        Matcher place = copyPlace(failure);
        return place.matches() && place.group(2) != null ? place.group(2).strip() : "";
    }

    private static Matcher copyPlace(SQLException failure) {
        ServerErrorMessage server = server(failure);
        String where = server == null || server.getWhere() == null ? "" : server.getWhere();
        return COPY_PLACE.matcher(where.substring(where.lastIndexOf("\nCOPY ") + 1)); // behind what a trigger did there
    }

    private static MillraceException network(String what, SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return external(
                        "HOST_UNKNOWN", what, failure, "Check the setting 'host' and this machine's name resolution.");
            }
            if (cause instanceof SSLException) {
                return user(
                        "TLS_FAILED",
                        what,
                        failure,
                        "Check sslMode and sslRootCert; the server's certificate must be signed by it and, for verify-full, name the host.");
            }
            if (cause instanceof ConnectException) {
                return external(
                        "CONNECTION_REFUSED",
                        what,
                        failure,
                        "Check host and port, that the server runs, its listen_addresses, and firewalls between.");
            }
            if (cause instanceof SocketTimeoutException) {
                return external(
                        "CONNECTION_TIMED_OUT",
                        what,
                        failure,
                        "The server did not answer in time: check host, port and firewalls, or raise 'connectTimeout' or 'statementTimeout'.");
            }
        }
        return null;
    }

    /** The SQLSTATE, empty when there is none. */
    static String state(SQLException failure) {
        return failure.getSQLState() == null ? "" : failure.getSQLState();
    }

    /** The server's message, with its detail where that can't hold a whole row, in one line. */
    static String why(SQLException failure) {
        ServerErrorMessage server = server(failure);
        if (server == null || server.getMessage() == null) {
            String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
            return why(state(failure), text, null);
        }
        return why(state(failure), server.getMessage(), server.getDetail());
    }

    private static Reason reason(SQLException failure) {
        ServerErrorMessage server = server(failure);
        return server == null || server.getMessage() == null
                ? new Reason(why(failure), Reason.HIDDEN)
                : reason(state(failure), server.getMessage(), server.getDetail());
    }

    private static Reason reason(String state, String message, String detail) {
        return new Reason(why(state, message, detail), why(state, PostgresWords.withoutValues(message, detail), null));
    }

    private static String why(String state, String message, String detail) {
        boolean wholeRow = state.equals("23502") || state.equals("23514");
        String text = message + (detail == null || wholeRow ? "" : " (" + detail + ")");
        return text.strip().replaceAll("\\s*\\R\\s*", "; ") + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
    }

    private static ServerErrorMessage server(SQLException failure) {
        return failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
    }

    private static MillraceException user(String code, String what, SQLException failure, String remedy) {
        return new MillraceException(code, Category.USER, what, why(failure), remedy, failure);
    }

    private static MillraceException external(String code, String what, SQLException failure, String remedy) {
        return new MillraceException(code, Category.EXTERNAL, what, why(failure), remedy, failure);
    }
}
