package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of the server's words about a row may be shown where values are not. Only what is known to name columns, constraints, types and limits
 * is let through: a trigger may say anything, and a server in another language says it in words that aren't known.
 */
final class PostgresWords {
    private static final String NAME = "\"[^\"]*\"";

    /** Whole messages (PostgreSQL's sources, "errmsg" in execMain.c, nbtinsert.c, ri_triggers.c, varchar.c, numeric.c and their like). */
    private static final Pattern NAMES_ONLY = Pattern.compile(String.join(
            "|",
            "null value in column " + NAME + "(?: of relation " + NAME + ")? violates not-null constraint",
            "new row for relation " + NAME + " violates check constraint " + NAME,
            "new row for relation " + NAME + " violates partition constraint",
            "no partition of relation " + NAME + " found for row",
            "value for domain \\S+ violates check constraint " + NAME,
            "domain \\S+ does not allow null values",
            "duplicate key value violates unique constraint " + NAME,
            "conflicting key value violates exclusion constraint " + NAME,
            "(?:insert or update|update or delete) on table " + NAME
                    + " violates (?:RESTRICT setting of )?foreign key constraint " + NAME + "(?: on table " + NAME
                    + ")?",
            "value too long for type [a-z ]+\\(\\d+\\)",
            "numeric field overflow",
            "(?:smallint|integer|bigint|numeric|date|timestamp|interval) out of range",
            "index row size \\d+ exceeds (?:btree version \\d+ )?maximum \\d+ for index " + NAME,
            "index row requires \\d+ bytes, maximum size is \\d+"));

    /** Messages that end with a value. */
    private static final Pattern NO_INPUT =
            Pattern.compile("(?s)(invalid input (?:syntax|value) for (?:type |enum )?[a-z_ ]+): .*");

    /** Details of the first form hold a key, those of the second limits only. */
    private static final Pattern KEY =
            Pattern.compile("(?s)Key \\((.*?)\\)=\\(.*\\) (already exists|is not present in table " + NAME
                    + "|is (?:still )?referenced from table " + NAME + ")\\.");

    private static final Pattern LIMITS = Pattern.compile(
            "A field with precision \\d+, scale -?\\d+ (?:must round to an absolute value less than [0-9^]+|cannot hold an infinite value)\\.");

    private PostgresWords() {}

    /** @param detail may be null */
    static String withoutValues(String message, String detail) {
        Matcher input = NO_INPUT.matcher(message);
        if (input.matches()) {
            return input.group(1);
        } else if (!NAMES_ONLY.matcher(message).matches()) {
            return Reason.HIDDEN;
        }
        Matcher key = KEY.matcher(detail == null ? "" : detail);
        if (key.matches()) {
            return message + " (Key (" + key.group(1) + ")=(***) " + key.group(2) + ".)";
        }
        return message + (detail != null && LIMITS.matcher(detail).matches() ? " (" + detail + ")" : "");
    }
}
