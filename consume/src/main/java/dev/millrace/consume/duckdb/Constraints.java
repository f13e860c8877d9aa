package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What somebody has made a table's rows have to be, as conditions on rows that are staged. Only what holds for certain counts: of a constraint
 * on columns that the rows lack nothing is said.
 */
final class Constraints {
    /** The staged rows, {@code s}: all columns that the load's rows have, and the place of the row. */
    static final String ROWS = "__millrace_stage_refused";

    /** Keys of which the table's rows go before the load's are written, with the place of the row that they go for. */
    static final String LEAVING = "__millrace_stage_leaving";

    static final String PLACE = "__millrace_stage_place";

    private final Connection connection;
    private final TargetName table;
    private final List<TargetColumn> key;
    private final boolean known;
    /** Tables whose rows matter. */
    private final Set<TargetName> tables = new HashSet<>();

    private final Set<String> written = new HashSet<>();
    private final List<Constraint> ofRows = new ArrayList<>();
    private final List<Constraint> betweenRows = new ArrayList<>();

    /**
     * One constraint.
     *
     * @param broken a query of the places of rows that break it
     * @param code as {@link DataException.Row#code}
     */
    record Constraint(String broken, String column, String why, String code) {}

    private Constraints(Staging staging, TargetName table, Connection connection, boolean known) {
        this.connection = connection;
        this.table = table;
        this.key = staging.key();
        this.known = known;
        staging.written().forEach(column -> written.add(column.name().toLowerCase(Locale.ROOT)));
    }

    /**
     * The table's.
     *
     * @param known whether the table holds now what it would for the load, {@link #LEAVING} aside
     */
    static Constraints of(Staging staging, TargetName table, Connection connection, boolean known) throws SQLException {
        Constraints constraints = new Constraints(staging, table, connection, known);
        constraints.read();
        return constraints;
    }

    /** The tables whose rows decide whether a constraint is broken, the load's own aside. */
    Set<TargetName> tables() {
        return tables;
    }

    /** Those that a row breaks whatever the load's others are. */
    List<Constraint> ofRows() {
        return ofRows;
    }

    /** Those that hold between the load's rows: of rows that are alike all but the first break them. */
    List<Constraint> betweenRows() {
        return betweenRows;
    }

    boolean isEmpty() {
        return ofRows.isEmpty() && betweenRows.isEmpty();
    }

    private void read() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT constraint_type, expression, constraint_column_names, referenced_table,"
                                + " referenced_column_names FROM duckdb_constraints() WHERE database_name ="
                                + " current_database() AND " + Sql.isTable(table) + " ORDER BY constraint_index")) {
            while (row.next()) {
                add(row.getString(1), row.getString(2), names(row, 3), row.getString(4), names(row, 5));
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT table_name, constraint_column_names, referenced_column_names"
                                + " FROM duckdb_constraints() WHERE database_name = current_database()"
                                + " AND constraint_type = 'FOREIGN KEY' AND lower(schema_name) = lower("
                                + Sql.literal(table.schema()) + ") AND lower(referenced_table) = lower("
                                + Sql.literal(table.name()) + ")")) {
            while (row.next()) {
                referredTo(row.getString(1), names(row, 2), names(row, 3));
            }
        }
    }

    private static List<String> names(ResultSet row, int column) throws SQLException {
        java.sql.Array names = row.getArray(column);
        return names == null
                ? List.of()
                : Arrays.stream((Object[]) names.getArray())
                        .map(String::valueOf)
                        .toList();
    }

    private void add(String type, String check, List<String> columns, String parent, List<String> parents) {
        if (!columns.stream().allMatch(column -> written.contains(column.toLowerCase(Locale.ROOT)))) {
            return;
        }
        String names = String.join(", ", columns);
        String column = columns.size() == 1 ? columns.get(0) : "";
        switch (type) {
            case "NOT NULL" ->
                ofRows.add(new Constraint(
                        rows(Sql.quote(names) + " IS NULL"),
                        column,
                        "column '" + names + "' can't be NULL",
                        DataException.DATA));
            case "CHECK" -> // one that is neither true nor false is not broken
                ofRows.add(new Constraint(
                        rows("NOT (" + check + ")"), column, "CHECK constraint failed: " + check, DataException.DATA));
            case "UNIQUE", "PRIMARY KEY" -> unique(columns, column, "another row has this value of (" + names + ")");
            case "FOREIGN KEY" -> {
                TargetName other = new TargetName(table.schema(), parent);
                boolean itself = parent.equalsIgnoreCase(table.name()); // the rows may refer to each other
                if (!itself) {
                    tables.add(other);
                    String there = "EXISTS (SELECT 1 FROM " + Sql.name(other) + " AS p WHERE "
                            + pairs("p", parents, "s", columns) + ")";
                    ofRows.add(new Constraint(
                            rows(known(columns) + " AND NOT " + there),
                            column,
                            "table '" + parent + "' has no row with this value of (" + names + ")",
                            DataException.REFERENCE));
                }
            }
            default -> {} // nothing is said of what a later version may have
        }
    }

    private void unique(List<String> columns, String column, String why) {
        if (known) {
            tables.add(table);
            String stays = key.isEmpty()
                    ? ""
                    : " AND NOT EXISTS (SELECT 1 FROM temp." + LEAVING + " AS l WHERE " + sameKey("l", "t") + ")";
            ofRows.add(new Constraint(
                    rows(known(columns) + " AND EXISTS (SELECT 1 FROM " + Sql.name(table) + " AS t WHERE "
                            + pairs("t", columns, "s", columns) + stays + ")"),
                    column,
                    why,
                    DataException.DATA));
        }
        betweenRows.add(new Constraint(
                "SELECT " + PLACE + " FROM temp." + ROWS + " AS s WHERE " + known(columns)
                        + " QUALIFY row_number() OVER (PARTITION BY " + Sql.list(columns, ", ", Sql::quote)
                        + " ORDER BY " + PLACE + ") > 1",
                column,
                why,
                DataException.DATA));
    }

    /** Rows that others refer to: DuckDB takes none of them away, not even to write it again. */
    private void referredTo(String child, List<String> columns, List<String> referred) {
        TargetName other = new TargetName(table.schema(), child);
        boolean itself = child.equalsIgnoreCase(table.name());
        if (key.isEmpty() || itself || !known) {
            return;
        }
        tables.add(table);
        tables.add(other);
        ofRows.add(new Constraint(
                "SELECT l." + PLACE + " FROM temp." + LEAVING + " AS l JOIN " + Sql.name(table) + " AS t ON "
                        + sameKey("l", "t") + " WHERE EXISTS (SELECT 1 FROM "
                        + Sql.name(other) + " AS c WHERE "
                        + pairs("c", columns, "t", referred) + ")",
                "",
                "rows of table '" + child + "' refer to it, and DuckDB neither deletes nor replaces such a row",
                DataException.REFERENCE));
    }

    private static String rows(String broken) {
        return "SELECT " + PLACE + " FROM temp." + ROWS + " AS s WHERE " + broken;
    }

    private static String known(List<String> columns) {
        return Sql.list(columns, " AND ", column -> "s." + Sql.quote(column) + " IS NOT NULL");
    }

    private String sameKey(String one, String other) {
        return Sql.list(key, " AND ", column -> Sql.column(one, column) + " = " + Sql.column(other, column));
    }

    private static String pairs(String one, List<String> ones, String other, List<String> others) {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < ones.size(); i++) {
            pairs.add(one + "." + Sql.quote(ones.get(i)) + " = " + other + "." + Sql.quote(others.get(i)));
        }
        return String.join(" AND ", pairs);
    }
}
