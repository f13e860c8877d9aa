package dev.millrace.config.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names objects: {@code schema.table}, {@code *} for anything within a part, a part in double quotes taken as it stands; a name without
 * schema is in {@code public} or, where the source has no schemas, in none. Immutable.
 */
public final class ObjectPattern {
    private final String text;
    private final Optional<Pattern> schema;
    private final Pattern table;
    private final boolean manySchemas;
    private final boolean manyTables;

    private ObjectPattern(String text, List<String> parts) {
        this.text = text;
        String last = parts.get(parts.size() - 1);
        this.schema = parts.size() == 1 ? Optional.empty() : Optional.of(part(parts.get(0)));
        this.table = part(last);
        this.manySchemas = parts.size() == 2 && isOpen(parts.get(0));
        this.manyTables = isOpen(last);
    }

    /** Empty when {@code text} is no such name. */
    public static Optional<ObjectPattern> of(String text) {
        List<String> parts = new ArrayList<>();
        int place = 0;
        while (place <= text.length()) {
            int end = text.startsWith("\"", place) ? endOfQuoted(text, place) : text.indexOf('.', place);
            end = end < 0 ? text.length() : end;
            if (end == place || end < text.length() && text.charAt(end) != '.') {
                return Optional.empty();
            }
            parts.add(text.substring(place, end));
            place = end + 1;
        }
        return parts.size() == 1 || parts.size() == 2 ? Optional.of(new ObjectPattern(text, parts)) : Optional.empty();
    }

    /** The place behind the closing quote; behind the text where there is none. */
    private static int endOfQuoted(String text, int begin) {
        int at = begin + 1;
        while (at < text.length()) {
            if (text.charAt(at) != '"') {
                at++;
            } else if (text.startsWith("\"\"", at)) {
                at += 2;
            } else {
                return at + 1;
            }
        }
        return at;
    }

    private static Pattern part(String text) {
        if (isQuoted(text)) {
            String name = text.substring(1, text.length() - 1).replace("\"\"", "\"");
            return Pattern.compile(Pattern.quote(name), Pattern.DOTALL);
        }
        String pattern =
                Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(pattern, Pattern.DOTALL);
    }

    private static boolean isQuoted(String part) {
        return part.length() > 1 && part.startsWith("\"") && part.endsWith("\"");
    }

    private static boolean isOpen(String part) {
        return part.indexOf('*') >= 0 && !isQuoted(part);
    }

    /** Whether tables of several names may match. */
    public boolean manyTables() {
        return manyTables;
    }

    /** Whether tables of several schemas may match. */
    public boolean manySchemas() {
        return manySchemas;
    }

    /** Whether it names that object; {@code schemaName} is empty where the source has no schemas. */
    public boolean matches(String schemaName, String tableName) {
        boolean inSchema = schema.map(pattern -> pattern.matcher(schemaName).matches())
                .orElseGet(() -> schemaName.isEmpty() || schemaName.equals("public"));
        return inSchema && table.matcher(tableName).matches();
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectPattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
