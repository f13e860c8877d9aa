package dev.millrace.consume.duckdb;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.ExhaustedException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.TableChangedException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;

/**
 * What DuckDB's errors mean. The driver gives no SQLSTATE: the class of an error stands before the message's first colon, and inside "IO
 * Error" only the operating system's words tell a full disk from a locked file.
 */
final class DuckDbErrors {
    private final String pipeline;
    private final Path file;

    DuckDbErrors(String pipeline, Path file) {
        this.pipeline = pipeline;
        this.file = file;
    }

    /** The driver could not unpack or load its native library. */
    MillraceException notLoaded(LinkageError error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return MillraceException.resource(
                "DUCKDB_NOT_LOADED",
                "DuckDB database '" + file + "' can't be opened",
                "DuckDB's native library can't be unpacked and loaded: " + cause,
                "The system's temporary folder must be there, writable and on a file system that is not mounted 'noexec';"
                        + " start with MILLRACE_JAVA_OPTIONS=-Djava.io.tmpdir=/another/folder to choose another.",
                error);
    }

    /** @param table what was being loaded, empty where no table was */
    MillraceException explain(SQLException error, String table) {
        String message = message(error);
        String lower = message.toLowerCase(Locale.ROOT);
        String what = "DuckDB database '" + file + "'" + (table.isEmpty() ? "" : " (table '" + table + "')");
        if (lower.contains("could not set lock on file") || lower.contains("conflicting lock")) {
            return MillraceException.external(
                    "DESTINATION_IN_USE",
                    what + " is in use",
                    message,
                    "Close the other program that has the file open, or open it there read-only after Millrace was stopped.",
                    error);
        }
        if (lower.contains("no space left")
                || lower.contains("disk quota exceeded")
                || lower.contains("not enough space")) {
            return MillraceException.external(
                    "DESTINATION_FULL",
                    what + " can't grow",
                    message,
                    "Free space on its disk; loading then goes on by itself.",
                    error);
        }
        if (lower.contains("permission denied") || lower.contains("read-only") || lower.contains("read only")) {
            return MillraceException.user(
                    "DESTINATION_READ_ONLY",
                    what + " can't be written",
                    message,
                    "Make the file and its folder writable for this user.");
        }
        if (lower.contains("not a valid duckdb database") || lower.contains("is a directory")) {
            return MillraceException.user(
                    "DESTINATION_NOT_DUCKDB",
                    what + " can't be opened",
                    message,
                    "Choose another path, or move that file away; if it was this pipeline's, then also " + loadAnew());
        }
        if (lower.contains("data corruption error")
                || lower.contains("corrupt database file")
                || lower.contains("could not read enough bytes from file")
                || lower.contains("this wal was created for")) {
            return MillraceException.user(
                    "DESTINATION_DAMAGED",
                    what + " is damaged",
                    message,
                    "Move the file away, or put a backup in its place, and " + loadAnew());
        }
        return byClass(error, message, lower, what, table);
    }

    private String loadAnew() {
        return "run 'millrace reload --all --pipeline " + pipeline + "': everything is loaded again.";
    }

    static boolean isNoSuchTable(SQLException error) {
        return message(error).startsWith("Catalog Error: Table with name");
    }

    /** Some begin with a line break. */
    private static String message(SQLException error) {
        return String.valueOf(error.getMessage()).strip();
    }

    private static MillraceException byClass(
            SQLException error, String message, String lower, String what, String table) {
        if (lower.startsWith("conversion error")
                || lower.startsWith("constraint error")
                || lower.startsWith("failed to append") && lower.contains(" constraint")
                || lower.contains("out of range error")
                || lower.startsWith("invalid input error")
                || lower.contains("invalid unicode")) {
            boolean reference = lower.contains("foreign key constraint");
            Reason why = new Reason(message, DuckDbWords.withoutValues(message));
            return new DataException(reference ? DataException.REFERENCE : DataException.DATA, table, "", why);
        }
        if (lower.contains("out of memory error")
                || lower.contains("failed to allocate data")
                || lower.contains("could not allocate block")
                || lower.contains("failed to pin block")) {
            return new ExhaustedException(
                    what + " ran out of memory", message, "Raise 'memoryLimit' of the destination.", error);
        }
        if (lower.startsWith("catalog error")
                || lower.startsWith("binder error")
                || lower.startsWith("dependency error")) {
            return new TableChangedException(
                    "DESTINATION_CHANGED",
                    what + " is not as expected",
                    message,
                    "Undo the change made to the table by hand, or drop it and run 'millrace reload' for the object that is loaded into"
                            + " it; 'millrace mapping list' names that.",
                    error);
        }
        return MillraceException.external(
                "DESTINATION_FAILED", what + " failed", message, "It is tried again by itself.", error);
    }
}
