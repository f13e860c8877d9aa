package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The statements that let the versions in a shadow follow on those of its table: what is not there any more ends with the load, what is as it
 * was goes on, and the rest ends where the shadow's versions begin.
 *
 * @param completed when the load was complete, a literal
 * @param now a literal
 */
record ShadowHistory(TargetTable table, TargetName shadow, String completed, String now) {
    private static final String LATEST = "\"__millrace_stage_latest\"";

    List<String> statements() {
        String target = Quoted.table(table.name());
        String other = Quoted.table(shadow);
        String current = VersionStage.column(table, Role.CURRENT);
        String from = VersionStage.column(table, Role.VALID_FROM);
        String to = VersionStage.column(table, Role.VALID_TO);
        String sequence = VersionStage.column(table, Role.SEQUENCE);
        String first = "(SELECT DISTINCT ON (" + key("") + ") * FROM " + other + " ORDER BY " + key("") + ", "
                + sequence + ")";
        String gone = VersionStage.end(table.name(), table, completed, now) + " WHERE t." + current
                + " AND NOT EXISTS (SELECT FROM " + other + " f WHERE " + sameKey() + ")";
        String latest = "(SELECT " + key("") + ", max(CASE WHEN " + current + " THEN " + from + " ELSE " + to
                + " END) AS " + LATEST + " FROM " + target + " GROUP BY " + key("") + ")";
        String floor = "UPDATE " + other + " f SET " + from + " = t." + LATEST + ", " + to + " = CASE WHEN f." + to
                + " IS NOT NULL THEN greatest(f." + to + ", t." + LATEST + ") END FROM " + latest + " t WHERE f." + from
                + " < t." + LATEST + " AND " + sameKey();
        String going = "WITH same AS (DELETE FROM " + other + " v USING " + first + " f, " + target + " t WHERE v."
                + sequence + " = f." + sequence + " AND " + sameKey("v") // rows that came of one event may share it
                + " AND t." + current + " AND " + sameKey() + " AND " + values("t")
                + " = " + values("f") + " RETURNING v.*) UPDATE " + target + " t SET " + to + " = f." + to + ", "
                + current + " = false, " + VersionStage.column(table, Role.LOADED_AT) + " = " + now
                + " FROM same f WHERE t." + current + " AND NOT f." + current + " AND " + sameKey();
        String ended = VersionStage.end(table.name(), table, "f." + from, now) + " FROM " + first + " f WHERE t."
                + current + " AND " + sameKey();
        String columns = TableStatements.names(table.columns());
        String insert = "INSERT INTO " + target + " (" + columns + ") SELECT " + columns + " FROM " + other;
        return List.of(gone, floor, going, ended, insert, TableStatements.drop(shadow));
    }

    private String key(String prefix) {
        return table.key().stream()
                .map(column -> prefix + Quoted.identifier(column.name()))
                .collect(Collectors.joining(", "));
    }

    private String sameKey() {
        return sameKey("t");
    }

    private String sameKey(String alias) {
        return "(" + key(alias + ".") + ") = (" + key("f.") + ")";
    }

    /** All source columns as text, which json needs that has no comparison. */
    private String values(String alias) {
        return table.columns().stream()
                .filter(column -> column.role() == Role.VALUE && column.sourceIndex() >= 0)
                .map(TargetColumn::name)
                .map(name -> alias + "." + Quoted.identifier(name))
                .collect(Collectors.joining(", ", "ROW(", ")::text"));
    }
}
