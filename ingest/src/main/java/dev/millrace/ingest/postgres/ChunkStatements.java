package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The statements that read tables by key ranges. Keys are compared as rows, {@code (a, b) > (x, y)}, which the key's index answers; each
 * value is a literal cast to its column's type, so that the comparison is the column's own, with its collation.
 */
final class ChunkStatements {
    private ChunkStatements() {}

    /** The text forms of the key that stands {@code rows} rows behind {@code after}; only the one row found is turned into text. */
    static String boundary(CatalogueTable table, byte[] after, long rows) {
        List<CatalogueColumn> key = table.keyColumns();
        String names = names(key);
        String texts = key.stream()
                .map(c -> c.type().textExpression(Quoted.identifier(c.name())))
                .collect(Collectors.joining(", "));
        return "SELECT " + texts + " FROM (SELECT " + names + " FROM " + from(table)
                + where(conditions(table, after, null)) + " ORDER BY " + names + " OFFSET " + (rows - 1)
                + " LIMIT 1) boundary";
    }

    /** A binary COPY of the range's rows, in whatever order the server finds them cheapest. */
    static String copyRange(CatalogueTable table, List<CatalogueColumn> columns, byte[] after, byte[] upTo) {
        List<String> conditions = conditions(table, after, upTo);
        boolean plain = !table.partitioned()
                && conditions.isEmpty()
                && columns.stream().noneMatch(c -> c.type().copiedAsText());
        if (plain) { // without a query the server reads faster
            return "COPY " + Quoted.table(table.name()) + " (" + names(columns) + ") TO STDOUT (FORMAT binary)";
        }
        return copy(table, columns, conditions);
    }

    /** A binary COPY of the row with that key. */
    static String copyKey(CatalogueTable table, List<CatalogueColumn> columns, byte[] key) {
        return copy(table, columns, List.of(compare(table, key, "=")));
    }

    /** Some rows in text form. */
    static String preview(CatalogueTable table, int rows) {
        String names = names(table.columns());
        String texts = table.columns().stream()
                .map(c -> c.type().textExpression(Quoted.identifier(c.name())))
                .collect(Collectors.joining(", "));
        return "SELECT " + texts + " FROM (SELECT " + names + " FROM " + from(table) + " LIMIT " + rows + ") preview";
    }

    private static String copy(CatalogueTable table, List<CatalogueColumn> columns, List<String> conditions) {
        String fields = columns.stream()
                .map(c -> c.type().copyExpression(Quoted.identifier(c.name())))
                .collect(Collectors.joining(", "));
        return "COPY (SELECT " + fields + " FROM " + from(table) + where(conditions) + ") TO STDOUT (FORMAT binary)";
    }

    /** ONLY, because tables that inherit from this one are tables of their own in the change log; a root stands for its partitions. */
    private static String from(CatalogueTable table) {
        return (table.partitioned() ? "" : "ONLY ") + Quoted.table(table.name());
    }

    private static String where(List<String> conditions) {
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    private static List<String> conditions(CatalogueTable table, byte[] after, byte[] upTo) {
        List<String> conditions = new ArrayList<>();
        addBound(conditions, table, after, ">");
        addBound(conditions, table, upTo, "<=");
        return conditions;
    }

    private static void addBound(List<String> conditions, CatalogueTable table, byte[] key, String operator) {
        if (key == null) {
            return;
        }
        conditions.add(compare(table, key, operator));
        List<CatalogueColumn> columns = table.keyColumns();
        if (table.partitioned()
                && columns.size()
                        > 1) { // follows from the comparison of rows, by which the server excludes no partition
            CatalogueColumn first = columns.get(0);
            String leading = operator.equals(">") ? " >= " : " <= ";
            conditions.add(Quoted.identifier(first.name())
                    + leading
                    + literal(first, KeyForm.decode(key).get(0)));
        }
    }

    private static String compare(CatalogueTable table, byte[] key, String operator) {
        List<CatalogueColumn> columns = table.keyColumns();
        List<String> values = KeyForm.decode(key);
        if (columns.isEmpty() || values.size() != columns.size()) {
            throw MillraceException.external(
                    "TABLE_CHANGED",
                    "Cannot read table " + table.name() + " by its key",
                    "the key has " + columns.size() + " columns now, it had " + values.size(),
                    "The table has to be loaded again.",
                    null);
        }
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            literals.add(literal(columns.get(i), values.get(i)));
        }
        return columns.size() == 1
                ? names(columns) + " " + operator + " " + literals.get(0)
                : "(" + names(columns) + ") " + operator + " (" + String.join(", ", literals) + ")";
    }

    private static String literal(CatalogueColumn column, String value) {
        return Quoted.literal(value) + "::" + column.type().sourceType();
    }

    private static String names(List<CatalogueColumn> columns) {
        return columns.stream().map(column -> Quoted.identifier(column.name())).collect(Collectors.joining(", "));
    }
}
