package dev.millrace.app.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits what {@code pg_dump} writes into its steps: statements, and {@code COPY … FROM stdin} blocks with their data, which end with a
 * line {@code \.}. Knows quotes, dollar quotes and comments as in the PostgreSQL manual, 4.1 Lexical Structure; no other psql commands.
 */
final class SqlScript {
    /** @param data the rows of a COPY in its text format; null for a plain statement */
    record Step(String sql, String data) {}

    private final String text;
    private int position;

    private SqlScript(String text) {
        this.text = text;
    }

    static List<Step> steps(String text) {
        return new SqlScript(text).steps();
    }

    private List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        int start = 0;
        while (position < text.length()) {
            if (text.charAt(position) != ';') {
                skipOne();
                continue;
            }
            String sql = text.substring(start, position).strip();
            position++;
            if (sql.endsWith("FROM stdin")) {
                steps.add(new Step(withoutLeadingComments(sql), copyData()));
            } else {
                steps.add(new Step(sql, null));
            }
            start = position;
        }
        if (!withoutLeadingComments(text.substring(start)).isEmpty()) {
            throw new IllegalArgumentException("the script ends within a statement");
        }
        return steps;
    }

    /** The data after a COPY's line, up to the line that ends it. */
    private String copyData() {
        int start = text.indexOf('\n', position) + 1;
        int end = text.startsWith("\\.\n", start) ? start : text.indexOf("\n\\.\n", start) + 1;
        if (start == 0 || end == 0) {
            throw new IllegalArgumentException("the data of a COPY has no end");
        }
        position = end + 3;
        return text.substring(start, end);
    }

    /** Moves over one character, or over a whole quoted text or comment. */
    private void skipOne() {
        char c = text.charAt(position);
        if (c == '\'' || c == '"') {
            // A doubled quote closes and opens again at once: the same in the end.
            skipTo(Character.toString(c), position + 1);
        } else if (text.startsWith("--", position)) {
            skipTo("\n", position);
        } else if (text.startsWith("/*", position)) {
            skipTo("*/", position + 2);
        } else if (c == '$' && dollarTag() != null) {
            String tag = dollarTag();
            skipTo(tag, position + tag.length());
        } else {
            position++;
        }
    }

    /** {@code $$} or {@code $name$} at the position; null for a parameter or a lone dollar. */
    private String dollarTag() {
        int end = position + 1;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
            end++;
        }
        boolean parameter = end > position + 1 && Character.isDigit(text.charAt(position + 1));
        boolean closed = end < text.length() && text.charAt(end) == '$';
        return closed && !parameter ? text.substring(position, end + 1) : null;
    }

    private void skipTo(String end, int from) {
        int found = text.indexOf(end, from);
        if (found < 0) {
            throw new IllegalArgumentException("a quote or comment has no end: "
                    + text.substring(position, Math.min(text.length(), position + 40)));
        }
        position = found + end.length();
    }

    private static String withoutLeadingComments(String sql) {
        String rest = sql.strip();
        while (rest.startsWith("--")) {
            int end = rest.indexOf('\n');
            rest = end < 0 ? "" : rest.substring(end).strip();
        }
        return rest;
    }
}
