package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.TargetName;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What tables are known by. DuckDB numbers them anew whenever it opens the file, so each bears a random mark in its comment, behind whatever else is
 * said there: a table that is dropped and made again has none, and one that is altered or renamed keeps its own. Stateless.
 */
final class TableMarks {
    /** Marks are random: they mean the same in every file. */
    private static final String EVERYWHERE = "duckdb";

    private static final Identity UNMARKED = new Identity(EVERYWHERE, "unmarked");
    private static final Pattern MARK = Pattern.compile(" ?\\[millrace ([0-9a-f-]{36})]");

    private TableMarks() {}

    /** The tables' comments, empty where they have none. */
    static TableFacts<String> comments() {
        return new TableFacts<>(
                "SELECT schema_name, table_name, comment FROM duckdb_tables()"
                        + " WHERE database_name = current_database() AND comment IS NOT NULL",
                row -> row.getString(3),
                "");
    }

    /**
     * What a table with this comment is known by: nothing where somebody has put another one in a mark's place, as that need not be another
     * table.
     */
    static Identity identity(String comment) {
        Matcher mark = MARK.matcher(comment);
        if (mark.find()) {
            return new Identity(EVERYWHERE, mark.group(1));
        }
        return comment.isEmpty() ? UNMARKED : Identity.NONE;
    }

    /** Whether it is a mark that the table is known by. */
    static boolean isMark(Identity identity) {
        return !identity.equals(UNMARKED) && !identity.equals(Identity.NONE);
    }

    /** The comment with a mark of its own. */
    static String marked(String comment) {
        String rest = MARK.matcher(comment).replaceAll("");
        return (rest.isEmpty() ? "Loaded by Millrace" : rest) + " [millrace " + UUID.randomUUID() + "]";
    }

    /** The statement that gives the table its comment. */
    static String statement(TargetName table, String comment) {
        return "COMMENT ON TABLE " + Sql.name(table) + " IS " + Sql.literal(comment);
    }
}
