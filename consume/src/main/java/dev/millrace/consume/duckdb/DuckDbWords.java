package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of DuckDB's words about a row may be shown where values are not: messages that are known to name columns and constraints only, and the
 * class of the error else.
 */
final class DuckDbWords {
    private static final Pattern NAMES_ONLY = Pattern.compile("(?:Constraint Error: |Failed to append: )*"
            + "(NOT NULL constraint failed: \\S+|CHECK constraint failed on table .*)");
    private static final Pattern KEY = Pattern.compile(
            "(?s)(?:Constraint Error: |Failed to append: )*.*?\\bkey \".*\" (violates (?:primary key|unique) constraint"
                    + "|does not exist in the referenced table|is still referenced by a foreign key).*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern DUPLICATE = Pattern.compile(
            "(?s)(?:Constraint Error: )?(PRIMARY KEY or UNIQUE constraint violation): duplicate key .*");
    private static final Pattern CLASS = Pattern.compile("(?s)([A-Z][A-Za-z ]{1,40} Error)\\b.*");

    private DuckDbWords() {}

    static String withoutValues(String message) {
        if (NAMES_ONLY.matcher(message).matches()) {
            return message;
        }
        Matcher key = KEY.matcher(message);
        if (key.matches()) {
            return "a key " + key.group(1);
        }
        Matcher duplicate = DUPLICATE.matcher(message);
        if (duplicate.matches()) {
            return duplicate.group(1);
        }
        Matcher kind = CLASS.matcher(message);
        return (kind.matches() ? kind.group(1) + ", " : "") + Reason.HIDDEN;
    }
}
