package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetTable;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * A temporary table that rows are staged in, and what is the same in every mode: columns of its own in front, among them the mask (bit i is the i-th
 * value column of the rows: it is UNCHANGED), then the origin's key, then columns under the target's own names.
 *
 * @param name of the temporary table
 * @param numbered whether its first column is {@link RefusedRows#ROW}
 */
record StageTable(String name, TargetTable table, boolean numbered) {
    static final String KIND = "\"__millrace_stage_kind\"";
    static final String MASK = "\"__millrace_stage_mask\"";

    /** A temporary table's name in SQL. */
    static String quoted(String name) {
        return "pg_temp." + Quoted.identifier(name);
    }

    String quoted() {
        return quoted(name);
    }

    /** @param own definitions of the columns in front */
    String create(List<String> own, List<TargetColumn> columns) {
        StringJoiner parts = new StringJoiner(", ", "CREATE TEMPORARY TABLE " + quoted() + " (", ")");
        if (numbered) {
            parts.add(RefusedRows.ROW + " bigint");
        }
        own.forEach(parts::add);
        List<TargetColumn> key = table.key();
        for (int i = 0; i < key.size(); i++) {
            parts.add(origin(i) + " " + ColumnType.of(key.get(i)).sql());
        }
        for (TargetColumn column : columns) {
            parts.add(Quoted.identifier(column.name()) + " "
                    + ColumnType.of(column).sql());
        }
        return parts.toString();
    }

    /** @param own names of those columns in front that rows are copied with */
    String copy(List<String> own, List<TargetColumn> columns) {
        StringJoiner parts = new StringJoiner(", ", "COPY " + quoted() + " (", ") FROM STDIN (FORMAT binary)");
        if (numbered) {
            parts.add(RefusedRows.ROW);
        }
        own.forEach(parts::add);
        for (int i = 0; i < table.key().size(); i++) {
            parts.add(origin(i));
        }
        columns.forEach(column -> parts.add(Quoted.identifier(column.name())));
        return parts.toString();
    }

    String truncate() {
        return "TRUNCATE " + quoted();
    }

    /** As {@link #truncate}, without a new file for the table. */
    String delete() {
        return "DELETE FROM " + quoted();
    }

    /** The value columns. */
    List<TargetColumn> values() {
        return table.columns().stream()
                .filter(column -> column.role() == Role.VALUE)
                .toList();
    }

    /** The value columns that the rows have. */
    List<TargetColumn> present() {
        return values().stream().filter(column -> column.sourceIndex() >= 0).toList();
    }

    /** Assignments to {@code s}: what it lacks of {@link #present} comes from {@code t}. */
    List<String> fillings(boolean[] unchangedColumns) {
        List<String> sets = new ArrayList<>();
        List<TargetColumn> present = present();
        for (int i = 0; i < present.size(); i++) {
            if (unchangedColumns[i]) {
                String column = Quoted.identifier(present.get(i).name());
                sets.add(column + " = CASE WHEN pg_catalog.get_bit(s." + MASK + ", " + i + ") = 1 THEN t." + column
                        + " ELSE s." + column + " END");
            }
        }
        return sets;
    }

    /** That {@code t} has the key of the origin of {@code alias}. */
    String sameOrigin(String alias) {
        List<TargetColumn> key = table.key();
        StringJoiner same = new StringJoiner(" AND ");
        for (int i = 0; i < key.size(); i++) {
            same.add("t." + Quoted.identifier(key.get(i).name()) + " = " + alias + "." + origin(i));
        }
        return same.toString();
    }

    private static String origin(int place) {
        return "\"__millrace_stage_origin_" + place + "\"";
    }
}
