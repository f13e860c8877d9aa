package dev.millrace.app.demo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Compares tables of a source PostgreSQL with their copies in DuckDB or PostgreSQL by content: row counts and a checksum over all
 * columns that doesn't depend on the order of rows, each value brought to one text by its source type. Metadata columns
 * ({@code __millrace_*}) and rows marked deleted at the destination don't count. Only when that differs are both read again to name
 * the keys. Nothing may change on either side meanwhile. Not thread-safe; leaves the connections open.
 */
public final class Comparison {
    private static final int NAMED = 10;
    private static final int NAMEABLE_ROWS = 500_000;
    private static final String DELETED = "__millrace_deleted";
    private static final String SEPARATOR = "\u001f";

    private final Connection source;
    private final Connection destination;

    /** Which table is the copy of which; names as they are, unquoted. */
    public record Pair(String sourceSchema, String sourceTable, String destinationSchema, String destinationTable) {
        String source() {
            return quoted(sourceSchema) + "." + quoted(sourceTable);
        }

        String destination() {
            return destinationSchema.isEmpty()
                    ? quoted(destinationTable)
                    : quoted(destinationSchema) + "." + quoted(destinationTable);
        }
    }

    /** @param differences the first of them, one sentence each; empty when the two are equal */
    public record Result(Pair pair, long sourceRows, long destinationRows, List<String> differences) {
        public Result {
            differences = List.copyOf(differences);
        }

        public boolean equal() {
            return differences.isEmpty();
        }
    }

    /** @param source a PostgreSQL; autocommit is switched off while reading, so that rows come in portions */
    public Comparison(Connection source, Connection destination) {
        this.source = source;
        this.destination = destination;
    }

    /** Reads both tables whole; a table or column that the destination lacks is a difference, not an error. */
    public Result compare(Pair pair) throws SQLException {
        List<Column> columns = columns(source, pair.source());
        List<String> key = keyOf(pair, columns);
        List<Column> copies;
        try {
            copies = columns(destination, pair.destination());
        } catch (SQLException e) {
            return new Result(
                    pair,
                    checksum(source, select(pair.source(), columns, ""), columns).rows,
                    0,
                    List.of("the destination's table can't be read: " + e.getMessage()));
        }
        Map<String, String> copyNames = copies.stream()
                .collect(Collectors.toMap(copy -> copy.name.toLowerCase(Locale.ROOT), Column::name, (a, b) -> a));
        List<String> differences = new ArrayList<>();
        List<Column> shared = new ArrayList<>();
        for (Column column : columns) {
            if (copyNames.containsKey(column.name.toLowerCase(Locale.ROOT))) {
                shared.add(column);
            } else {
                differences.add("column " + column.name + " is missing at the destination");
            }
        }
        List<Column> there = shared.stream()
                .map(column -> new Column(copyNames.get(column.name.toLowerCase(Locale.ROOT)), column.type))
                .toList();
        String live = copyNames.containsKey(DELETED)
                ? " WHERE NOT coalesce(" + quoted(copyNames.get(DELETED)) + ", false)"
                : "";
        String sourceQuery = select(pair.source(), shared, "");
        String destinationQuery = select(pair.destination(), there, live);
        Checksum expected = checksum(source, sourceQuery, shared);
        Checksum found = checksum(destination, destinationQuery, shared);
        if (!expected.sameAs(found)) {
            differences.addAll(
                    expected.rows > NAMEABLE_ROWS
                            ? List.of("the contents differ; with " + expected.rows + " rows the keys are not named")
                            : named(sourceQuery, destinationQuery, shared, key));
        }
        return new Result(pair, expected.rows, found.rows, differences);
    }

    private record Column(String name, String type) {}

    /** Sums of the rows' digests: the same in every order, and a row twice is not a row less. */
    private static final class Checksum {
        private long rows;
        private long first;
        private long second;

        void add(MessageDigest digest, String row) {
            ByteBuffer bytes = ByteBuffer.wrap(digest.digest(row.getBytes(StandardCharsets.UTF_8)));
            rows++;
            first += bytes.getLong();
            second += bytes.getLong();
        }

        boolean sameAs(Checksum other) {
            return rows == other.rows && first == other.first && second == other.second;
        }
    }

    /** What is done with each row: its cells in comparable form, null for NULL. */
    private interface Rows {
        void take(List<String> cells);
    }

    private Checksum checksum(Connection side, String query, List<Column> columns) throws SQLException {
        Checksum checksum = new Checksum();
        MessageDigest digest = sha256();
        read(side, query, columns, cells -> checksum.add(digest, joined(cells)));
        return checksum;
    }

    private List<String> named(String sourceQuery, String destinationQuery, List<Column> columns, List<String> key)
            throws SQLException {
        Map<String, List<String>> expected = new HashMap<>();
        Map<String, Integer> seenHere = new HashMap<>();
        read(source, sourceQuery, columns, cells -> expected.put(keyText(cells, columns, key, seenHere), cells));
        List<String> differences = new ArrayList<>();
        Map<String, Integer> seenThere = new HashMap<>();
        read(destination, destinationQuery, columns, cells -> {
            String at = keyText(cells, columns, key, seenThere);
            List<String> original = expected.remove(at);
            if (original == null) {
                differences.add(at + " is at the destination only");
            } else if (!original.equals(cells)) {
                differences.add(at + " differs in " + differing(original, cells, columns));
            }
        });
        expected.keySet().stream().sorted().forEach(at -> differences.add(at + " is missing at the destination"));
        if (differences.size() <= NAMED) {
            return differences;
        }
        List<String> first = new ArrayList<>(differences.subList(0, NAMED));
        first.add("and " + (differences.size() - NAMED) + " more");
        return first;
    }

    private static String keyText(
            List<String> cells, List<Column> columns, List<String> key, Map<String, Integer> seen) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (key.contains(columns.get(i).name)) {
                parts.add(columns.get(i).name + "=" + cells.get(i));
            }
        }
        String text = "row " + String.join(", ", parts);
        int times = seen.merge(text, 1, Integer::sum);
        return times == 1 ? text : text + " (number " + times + ")";
    }

    private static String differing(List<String> original, List<String> copy, List<Column> columns) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            if (!Objects.equals(original.get(i), copy.get(i))) {
                text.append(text.isEmpty() ? "" : "; ")
                        .append(columns.get(i).name)
                        .append(": ")
                        .append(brief(original.get(i)))
                        .append(" became ")
                        .append(brief(copy.get(i)));
            }
        }
        return text.toString();
    }

    private static String brief(String cell) {
        return cell == null ? "NULL" : "'" + (cell.length() > 60 ? cell.substring(0, 60) + "…" : cell) + "'";
    }

    private static void read(Connection side, String query, List<Column> columns, Rows rows) throws SQLException {
        boolean autoCommit = side.getAutoCommit();
        side.setAutoCommit(false);
        try (Statement statement = side.createStatement()) {
            statement.setFetchSize(5_000);
            try (ResultSet result = statement.executeQuery(query)) {
                while (result.next()) {
                    List<String> cells = new ArrayList<>(columns.size());
                    for (int i = 0; i < columns.size(); i++) {
                        cells.add(ComparableText.of(result, i + 1, columns.get(i).type));
                    }
                    rows.take(cells);
                }
            }
        } finally {
            side.rollback();
            side.setAutoCommit(autoCommit);
        }
    }

    private static List<Column> columns(Connection side, String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = side.createStatement();
                ResultSet none = statement.executeQuery("SELECT * FROM " + table + " LIMIT 0")) {
            ResultSetMetaData data = none.getMetaData();
            for (int i = 1; i <= data.getColumnCount(); i++) {
                String name = data.getColumnName(i);
                columns.add(new Column(name, data.getColumnTypeName(i)));
            }
        }
        return columns;
    }

    /** The primary key's columns; all columns when there is none. */
    private List<String> keyOf(Pair pair, List<Column> columns) throws SQLException {
        List<String> key = new ArrayList<>();
        try (ResultSet keys = source.getMetaData().getPrimaryKeys(null, pair.sourceSchema(), pair.sourceTable())) {
            while (keys.next()) {
                key.add(keys.getString("COLUMN_NAME"));
            }
        }
        return key.isEmpty() ? columns.stream().map(Column::name).toList() : key;
    }

    private static String select(String table, List<Column> columns, String where) {
        String names = columns.stream().map(column -> quoted(column.name)).collect(Collectors.joining(", "));
        return "SELECT " + (names.isEmpty() ? "1" : names) + " FROM " + table + where;
    }

    private static String joined(List<String> cells) {
        StringBuilder row = new StringBuilder();
        for (String cell : cells) {
            // The length keeps cells apart, whatever is in them; NULL has none.
            row.append(cell == null ? "-" : cell.length()).append(SEPARATOR).append(cell == null ? "" : cell);
        }
        return row.toString();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
