package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What tables are known by. DuckDB numbers them anew whenever it opens the file, so each bears a random mark in its comment, behind whatever else is
 * said there: a table that is dropped and made again has none, and one that is altered or renamed keeps its own.
 *
 * <p>DuckDB's catalogue functions walk through all tables, a tenth of a second where there are thousands. So all comments are read at once, and
 * kept for as long as the file is ours alone. Thread-safe.
 */
final class TableMarks {
    /** Marks are random: they mean the same in every file. */
    private static final String EVERYWHERE = "duckdb";

    private static final Identity UNMARKED = new Identity(EVERYWHERE, "unmarked");
    private static final Pattern MARK = Pattern.compile(" ?\\[millrace ([0-9a-f-]{36})]");

    /** By the table's name; those that have one. */
    private final Map<String, String> comments = new HashMap<>();

    private boolean held;
    private boolean read;

    /** Nobody else can open the file from now on. */
    synchronized void hold() {
        held = true;
    }

    /** Anybody can, again. */
    synchronized void letGo() {
        held = false;
        read = false;
        comments.clear();
    }

    /** The table's comment, empty where it has none. */
    synchronized String comment(Connection connection, TargetName table) throws SQLException {
        if (!read) {
            comments.clear();
            try (Statement statement = connection.createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT schema_name, table_name, comment FROM duckdb_tables()"
                                    + " WHERE database_name = current_database() AND comment IS NOT NULL")) {
                while (rows.next()) {
                    comments.put(key(new TargetName(rows.getString(1), rows.getString(2))), rows.getString(3));
                }
            }
            read = held;
        }
        return comments.getOrDefault(key(table), "");
    }

    /** These tables have these comments now. */
    synchronized void committed(Map<TargetName, String> changed) {
        changed.forEach((table, comment) -> comments.put(key(table), comment));
    }

    private static String key(TargetName table) {
        return Sql.name(table).toLowerCase(Locale.ROOT);
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
