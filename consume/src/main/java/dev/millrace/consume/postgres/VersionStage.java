package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * The temporary table that rows of a table that is appended to, or has a history, are staged in, and the statements that add them. Its
 * columns: what the row is, which value columns are UNCHANGED (bit i of the mask is the i-th of the rows), the origin's key, the value columns
 * and all metadata columns but {@code __millrace_loaded_at}.
 *
 * @param stage the temporary table
 */
record VersionStage(StageTable stage) {
    static final int ROW = 0;
    static final int CLOSE = 1;
    static final int REPLACE = 2;
    private static final String KIND = StageTable.KIND;
    private static final String MASK = StageTable.MASK;
    private static final String LATEST = "\"__millrace_stage_latest\"";

    /** The quoted name of the metadata column. */
    static String column(TargetTable table, Role role) {
        return table.columns().stream()
                .filter(column -> column.role() == role)
                .map(column -> Quoted.identifier(column.name()))
                .findFirst()
                .orElseThrow();
    }

    /** Writes a field of mode append or history. */
    static void put(Role role, RowCursor row, CopyStream out) throws SQLException {
        boolean close = row.kind() == RowCursor.Kind.CLOSE || row.kind() == RowCursor.Kind.REPLACE;
        switch (role) {
            case OPERATION -> CellWriter.putText(row.operation().name().toLowerCase(Locale.ROOT), out);
            case VALID_TO -> CellWriter.putInstant(row.validToMicros(), out);
            case VALID_FROM -> CellWriter.putInstant(close ? Long.MIN_VALUE : row.validFromMicros(), out);
            case CURRENT -> CellWriter.putFlag(row.validToMicros() == Long.MIN_VALUE, out);
            case SEQUENCE -> out.putLongField(close ? 0 : row.sequence());
            default -> throw new IllegalStateException(role + " is of every mode");
        }
    }

    static VersionStage of(String name, TargetTable table, boolean numbered) {
        return new VersionStage(new StageTable(name, table, numbered));
    }

    private TargetTable table() {
        return stage.table();
    }

    String create() {
        return stage.create(List.of(KIND + " smallint", MASK + " bytea"), staged());
    }

    String copy() {
        return stage.copy(List.of(KIND, MASK), staged());
    }

    int copiedFields() {
        return (stage.numbered() ? 3 : 2) + table().key().size() + staged().size();
    }

    /** Takes what is UNCHANGED from the row that the change follows on. */
    String fill(TargetName target, boolean[] unchangedColumns) {
        String update =
                "UPDATE " + stage.quoted() + " s SET " + String.join(", ", stage.fillings(unchangedColumns)) + " FROM ";
        if (table().mode() == LoadMode.HISTORY) {
            return update + Quoted.table(target) + " t WHERE s." + MASK + " IS NOT NULL AND " + current("t") + " AND "
                    + stage.sameOrigin("s");
        }
        return update + stage.quoted() + " x CROSS JOIN LATERAL (SELECT * FROM " + Quoted.table(target) + " t WHERE "
                + stage.sameOrigin("x") + " ORDER BY "
                + table().key().stream()
                        .map(column -> "t." + Quoted.identifier(column.name()) + " DESC, ")
                        .collect(Collectors.joining())
                + "t." + column(table(), Role.SEQUENCE) + " DESC LIMIT 1) t WHERE s.ctid = x.ctid AND x." + MASK
                + " IS NOT NULL";
    }

    /** Leaves out rows that lack cells nobody has: their table is being loaded, and they are read later. */
    String dropIncomplete(TargetName target) {
        return "DELETE FROM " + stage.quoted() + " s WHERE s." + MASK + " IS NOT NULL AND NOT EXISTS (SELECT FROM "
                + Quoted.table(target) + " t WHERE " + current("t") + " AND " + stage.sameOrigin("s") + ")";
    }

    String replace(TargetName target) {
        return "DELETE FROM " + Quoted.table(target) + " t USING " + stage.quoted() + " s WHERE s." + KIND + " = "
                + REPLACE + " AND " + sameKey();
    }

    String close(TargetName target, String loadedAt) {
        return end(target, table(), "s." + column(table(), Role.VALID_TO), loadedAt) + " FROM " + stage.quoted()
                + " s WHERE s." + KIND + " = " + CLOSE + " AND " + current("t") + " AND " + sameKey();
    }

    String closeAll(TargetName target, String at, String loadedAt) {
        return end(target, table(), at, loadedAt) + " WHERE " + current("t");
    }

    /** UPDATE and SET of what ends a version, at {@code at} but not before it began. */
    static String end(TargetName target, TargetTable table, String at, String loadedAt) {
        return "UPDATE " + Quoted.table(target) + " t SET " + column(table, Role.VALID_TO) + " = greatest(" + at
                + ", t." + column(table, Role.VALID_FROM) + "), " + column(table, Role.CURRENT) + " = false, "
                + column(table, Role.LOADED_AT) + " = " + loadedAt;
    }

    /** Adds the staged rows; of a history none is valid before its key's versions in the table have ended, as all have by then. */
    String insert(TargetName target, String loadedAt) {
        String latest = "f." + LATEST;
        StringJoiner into = new StringJoiner(", ");
        StringJoiner from = new StringJoiner(", ");
        for (TargetColumn column : table().columns()) {
            String name = Quoted.identifier(column.name());
            into.add(name);
            from.add(
                    switch (column.role()) {
                        case LOADED_AT -> loadedAt;
                        case VALID_FROM -> "greatest(s." + name + ", " + latest + ")";
                        case VALID_TO ->
                            "CASE WHEN s." + name + " IS NOT NULL THEN greatest(s." + name + ", " + latest + ") END";
                        default -> column.role() == Role.VALUE && column.sourceIndex() < 0 ? "NULL" : "s." + name;
                    });
        }
        String source = stage.quoted() + " s" + (table().mode() == LoadMode.HISTORY ? follows(target) : "");
        return "INSERT INTO " + Quoted.table(target) + " (" + into + ") SELECT " + from + " FROM " + source
                + " WHERE s." + KIND + " = " + ROW;
    }

    private String follows(TargetName target) {
        return " CROSS JOIN LATERAL (SELECT max(t." + column(table(), Role.VALID_TO) + ") AS " + LATEST + " FROM "
                + Quoted.table(target) + " t WHERE " + sameKey() + ") f";
    }

    /** What is copied from the rows. */
    private List<TargetColumn> staged() {
        List<TargetColumn> all = new ArrayList<>(stage.present());
        all.addAll(metadata());
        return all;
    }

    List<TargetColumn> metadata() {
        return table().columns().stream()
                .filter(column -> column.role() != Role.VALUE && column.role() != Role.LOADED_AT)
                .toList();
    }

    private String current(String alias) {
        return alias + "." + column(table(), Role.CURRENT);
    }

    private String sameKey() {
        return table().key().stream()
                .map(column -> "t." + Quoted.identifier(column.name()) + " = s." + Quoted.identifier(column.name()))
                .collect(Collectors.joining(" AND "));
    }
}
