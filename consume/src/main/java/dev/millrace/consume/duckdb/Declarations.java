package dev.millrace.consume.duckdb;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What people have declared of tables beyond columns and types: as these are made by us they have nothing of it. DuckDB tells most of it in a table's
 * declaration alone. Stateless.
 */
final class Declarations {
    private static final String WORDS =
            "\\b(COLLATE|DEFAULT|NOT NULL|GENERATED|PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY)\\b";
    private static final Pattern WORD = Pattern.compile(WORDS);
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

    /** A table as we make it. */
    private static final Declaration PLAIN = new Declaration(false, false, Set.of(), Set.of(), Set.of());

    private static final Declaration VIEW = new Declaration(true, false, Set.of(), Set.of(), Set.of());

    private Declarations() {}

    /**
     * One table's.
     *
     * @param bound whether it has constraints, defaults, indexes or the like, which another table in its place would lack
     * @param generated names of generated columns, in lower case; likewise the others
     * @param collated columns whose texts are compared by a collation
     * @param needed columns that are NOT NULL without a default
     */
    record Declaration(boolean view, boolean bound, Set<String> generated, Set<String> collated, Set<String> needed) {}

    /** Of all tables and views that aren't plain. */
    static TableFacts<Declaration> all() {
        return new TableFacts<>(
                "SELECT schema_name, table_name, sql, index_count > 0, false FROM duckdb_tables()"
                        + " WHERE database_name = current_database() AND (index_count > 0 OR regexp_matches(sql, "
                        + Sql.literal(WORDS)
                        + ")) UNION ALL SELECT schema_name, view_name, '', false, true FROM duckdb_views()"
                        + " WHERE database_name = current_database() AND NOT internal",
                row -> row.getBoolean(5) ? VIEW : declared(row.getString(3), row.getBoolean(4)),
                PLAIN);
    }

    /**
     * Reads what stands between the outermost parentheses, by commas; what is in inner ones, or a literal, is an expression or a type.
     *
     * @param sql as DuckDB prints it
     */
    static Declaration declared(String sql, boolean indexed) {
        Found found = new Found();
        found.bound = indexed;
        StringBuilder item = new StringBuilder();
        int depth = 0;
        char quote = 0;
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            boolean quoted = quote != 0;
            if (quoted) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '(') {
                depth++;
                continue;
            } else if (c == ')') {
                depth--;
            }
            boolean ends = !quoted && (c == ',' && depth == 1 || c == ')' && depth == 0);
            if (ends) {
                found.add(item.toString().strip());
                item.setLength(0);
            } else if (depth == 1 && c != '\'' && quote != '\'') {
                item.append(c);
            }
        }
        return new Declaration(false, found.bound, found.generated, found.collated, found.needed);
    }

    /** What was read so far. */
    private static final class Found {
        private final Set<String> generated = new HashSet<>();
        private final Set<String> collated = new HashSet<>();
        private final Set<String> needed = new HashSet<>();
        private boolean bound;

        private void add(String item) {
            int end = item.indexOf(' ');
            String name = end < 0 ? item : item.substring(0, end);
            if (item.startsWith("\"")) {
                end = 1;
                while (end < item.length() && (item.charAt(end) != '"' || item.startsWith("\"\"", end))) {
                    end += item.charAt(end) == '"' ? 2 : 1;
                }
                name = item.substring(1, end).replace("\"\"", "\"");
                end++;
            }
            String folded = name.toLowerCase(Locale.ROOT);
            boolean ofTable = !item.startsWith("\"") && WORD.matcher(item).lookingAt();
            String rest = end < 0 || end >= item.length()
                    ? ""
                    : QUOTED.matcher(item.substring(end)).replaceAll("");
            bound |= ofTable || WORD.matcher(rest).find();
            if (rest.contains("GENERATED ALWAYS")) {
                generated.add(folded);
            }
            if (rest.contains(" COLLATE ")) {
                collated.add(folded);
            }
            boolean filled = rest.contains(" DEFAULT");
            if (!ofTable && !filled && (rest.contains(" NOT NULL") || rest.contains(" PRIMARY KEY"))) {
                needed.add(folded);
            }
        }
    }
}
