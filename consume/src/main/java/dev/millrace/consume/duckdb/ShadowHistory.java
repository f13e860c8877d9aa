package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import java.util.List;

/**
 * The statements that let the versions in a shadow follow on those of its table: what is not there any more ends with the load, what is as it
 * was goes on, and the rest ends where the shadow's versions begin.
 *
 * @param completed when the load was complete, an expression
 * @param now an expression
 */
record ShadowHistory(TargetTable table, TargetName shadow, String completed, String now) {
    private static final String SAME = "temp.__millrace_stage_same";
    private static final String LATEST = "__millrace_stage_latest";

    List<String> statements() {
        String target = Sql.name(table.name());
        String other = Sql.name(shadow);
        String current = name(Role.CURRENT);
        String from = name(Role.VALID_FROM);
        String to = name(Role.VALID_TO);
        String sequence = name(Role.SEQUENCE);
        String first = "(SELECT * FROM " + other + " QUALIFY row_number() OVER (PARTITION BY " + Sql.names(table.key())
                + " ORDER BY " + sequence + ") = 1)";
        String gone = "UPDATE " + target + " AS t" + HistoryStage.end(table, completed, now) + " WHERE t." + current
                + " AND NOT EXISTS (SELECT 1 FROM " + other + " AS f WHERE " + sameKey() + ")";
        String latest = "(SELECT " + Sql.names(table.key()) + ", max(CASE WHEN " + current + " THEN " + from + " ELSE "
                + to + " END) AS " + LATEST + " FROM " + target + " GROUP BY " + Sql.names(table.key()) + ")";
        String floor = "UPDATE " + other + " AS f SET " + from + " = t." + LATEST + ", " + to + " = CASE WHEN f." + to
                + " < t." + LATEST + " THEN t." + LATEST + " ELSE f." + to + " END FROM " + latest + " AS t WHERE f."
                + from + " < t." + LATEST + " AND " + sameKey();
        String same = "CREATE OR REPLACE TEMP TABLE __millrace_stage_same AS SELECT f.* FROM " + first + " AS f JOIN "
                + target + " AS t ON (" + sameKey() + ") WHERE t." + current + sameValues();
        String going = "UPDATE " + target + " AS t SET " + to + " = f." + to + ", " + current + " = false, "
                + name(Role.LOADED_AT) + " = " + now + " FROM " + SAME + " AS f WHERE t." + current + " AND NOT f."
                + current + " AND " + sameKey();
        String kept = "DELETE FROM " + other + " AS v USING " + SAME + " AS f WHERE v." + sequence + " = f." + sequence
                + " AND " + sameKey("v"); // rows that came of one event may share it
        String ended = "UPDATE " + target + " AS t" + HistoryStage.end(table, "f." + from, now) + " FROM " + first
                + " AS f WHERE t." + current + " AND " + sameKey();
        String columns = Sql.names(table.columns());
        return List.of(
                gone,
                floor,
                same,
                going,
                kept,
                "DROP TABLE " + SAME,
                ended,
                "INSERT INTO " + target + " (" + columns + ") SELECT " + columns + " FROM " + other,
                "DROP TABLE " + other);
    }

    private String name(Role role) {
        return Sql.quote(HistoryStage.column(table, role));
    }

    private String sameKey() {
        return sameKey("t");
    }

    private String sameKey(String alias) {
        return Sql.list(table.key(), " AND ", column -> Sql.column(alias, column) + " = " + Sql.column("f", column));
    }

    private String sameValues() {
        List<TargetColumn> values = table.columns().stream()
                .filter(column -> column.role() == Role.VALUE && column.sourceIndex() >= 0)
                .toList();
        StringBuilder same = new StringBuilder();
        values.forEach(column -> same.append(" AND ")
                .append(Sql.exact("t", column))
                .append(" IS NOT DISTINCT FROM ")
                .append(Sql.exact("f", column)));
        return same.toString();
    }
}
