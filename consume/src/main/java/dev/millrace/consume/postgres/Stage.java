package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * The temporary table that one target table's changes are staged in, and the statements that merge them. Its columns: what becomes of the
 * row (written, deleted, or written and marked as deleted), whether the row known by the origin's key is to go, which columns are UNCHANGED (bit i of the mask is the
 * i-th value column), the origin's key, the value columns under their own names, and two of the metadata columns.
 *
 * @param stage the temporary table
 */
record Stage(StageTable stage) {
    static final int WRITTEN = 0;
    static final int DELETED = 1;
    static final int MARKED = 2;
    private static final String KIND = StageTable.KIND;
    private static final String MASK = StageTable.MASK;
    private static final String GOES = "\"__millrace_stage_goes\"";
    /** Which of a load's statements have anything to do, as seen while it was staged. */
    static final class Contents {
        boolean upserts;
        boolean goes;
        boolean origins;
        /** Per value column of the rows: whether it is UNCHANGED in any. */
        boolean[] unchangedColumns;
    }

    static Stage of(String name, TargetTable table, boolean numbered) {
        return new Stage(new StageTable(name, table, numbered));
    }

    private TargetTable table() {
        return stage.table();
    }

    String create() {
        List<TargetColumn> staged = new ArrayList<>(stage.values());
        staged.addAll(metadata());
        return stage.create(List.of(KIND + " smallint", GOES + " boolean", MASK + " bytea"), staged);
    }

    String copy() {
        return stage.copy(List.of(KIND, GOES, MASK), copied());
    }

    private List<TargetColumn> copied() {
        List<TargetColumn> copied = new ArrayList<>(stage.present());
        copied.addAll(metadata());
        return copied;
    }

    /** Takes the value columns of the rows, what a table without a key is searched for, and behind them when they were deleted. */
    String copyDeletes() {
        return "COPY " + stage.quoted() + " (" + TableStatements.names(stage.present()) + ", " + modified(table())
                + ") FROM STDIN (FORMAT binary)";
    }

    int copiedFields() {
        return (stage.numbered() ? 4 : 3) + table().key().size() + copied().size();
    }

    /**
     * Takes what is UNCHANGED, and columns the rows lack altogether, from the rows as they stand under the origins' keys. Empty when there is
     * nothing to take.
     */
    Optional<String> fill(TargetName target, Contents contents) {
        List<String> sets = stage.fillings(contents.unchangedColumns);
        boolean lacking = false;
        for (TargetColumn column : stage.values()) {
            if (column.sourceIndex() < 0 && contents.origins) {
                sets.add(Quoted.identifier(column.name()) + " = t." + Quoted.identifier(column.name()));
                lacking = true;
            }
        }
        if (sets.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of("UPDATE " + stage.quoted() + " s SET " + String.join(", ", sets) + " FROM "
                + Quoted.table(target)
                + " t WHERE s." + KIND + " <> " + DELETED + (lacking ? "" : " AND s." + MASK + " IS NOT NULL") + " AND "
                + stage.sameOrigin("s"));
    }

    /** Deletes or marks deleted rows and origins that moved. Empty when none does, or deletes are ignored. */
    Optional<String> remove(TargetName target, Contents contents, OnDelete onDelete, String loadedAt) {
        if (!contents.goes) {
            return Optional.empty();
        }
        String where = " WHERE s." + GOES + " AND " + stage.sameOrigin("s");
        return switch (onDelete) {
            case IGNORE -> Optional.empty();
            case HARD ->
                Optional.of("DELETE FROM " + Quoted.table(target) + " t USING " + stage.quoted() + " s" + where);
            case SOFT ->
                Optional.of("UPDATE " + Quoted.table(target) + " t SET "
                        + mark(table(), loadedAt, "s." + modified(table())) + " FROM " + stage.quoted() + " s" + where
                        + " AND t." + VersionStage.column(table(), Role.DELETED) + " IS NOT TRUE");
        };
    }

    /**
     * Writes the rows over those of the same key.
     *
     * @param sorted in the key's order, which finds index and table pages where the last row left them; else in the order they were staged
     */
    String upsert(TargetName target, String loadedAt, boolean sorted) {
        return upsert(target, loadedAt, stage.quoted(), sorted ? " ORDER BY " + keyNames("s.") : "");
    }

    /** As {@link #upsert}, for {@link RefusedRows#SOME} rows. */
    String upsertSome(TargetName target, String loadedAt) {
        return upsert(target, loadedAt, stage.quoted(), " AND " + RefusedRows.SOME);
    }

    /** As {@link #upsert}, and empties the stage in the same statement: with a few rows each statement costs as much as its way there and back. */
    String upsertAndEmpty(TargetName target, String loadedAt) {
        return "WITH taken AS (" + stage.delete() + " RETURNING *) " + upsert(target, loadedAt, "taken", "");
    }

    private String upsert(TargetName target, String loadedAt, String source, String which) {
        StringJoiner into = new StringJoiner(", ");
        StringJoiner from = new StringJoiner(", ");
        StringJoiner set = new StringJoiner(", ");
        for (TargetColumn column : table().columns()) {
            String name = Quoted.identifier(column.name());
            into.add(name);
            from.add(
                    switch (column.role()) {
                        case VALUE, INGESTED_AT, SOURCE_MODIFIED_AT -> "s." + name;
                        case LOADED_AT -> loadedAt;
                        case DELETED -> "s." + KIND + " = " + MARKED;
                        case ID, OPERATION, SEQUENCE, VALID_FROM, VALID_TO, CURRENT -> "NULL";
                    });
            // A numeric key may come again with other digits behind the point: equal, but not the same
            boolean written = !column.inKey() || ColumnType.of(column).wire() == ColumnType.Wire.NUMERIC;
            if (written && (column.role() != Role.VALUE || column.sourceIndex() >= 0 || column.inKey())) {
                set.add(name + " = EXCLUDED." + name);
            } else if (written) {
                set.add(name + " = COALESCE(EXCLUDED." + name + ", t." + name + ")");
            }
        }
        return "INSERT INTO " + Quoted.table(target) + " AS t (" + into + ") SELECT " + from + " FROM " + source
                + " s WHERE s." + KIND + " <> " + DELETED + which + " ON CONFLICT (" + keyNames("") + ") DO "
                + (set.length() == 0 ? "NOTHING" : "UPDATE SET " + set);
    }

    /**
     * The assignments that mark rows deleted.
     *
     * @param modified when that was at the source
     */
    static String mark(TargetTable table, String loadedAt, String modified) {
        StringJoiner set = new StringJoiner(", ");
        for (TargetColumn column : table.columns()) {
            String name = Quoted.identifier(column.name());
            switch (column.role()) {
                case DELETED -> set.add(name + " = true");
                case LOADED_AT -> set.add(name + " = " + loadedAt);
                case SOURCE_MODIFIED_AT -> set.add(name + " = " + modified);
                default -> {}
            }
        }
        return set.toString();
    }

    /** The quoted name of {@code __millrace_source_modified_at}. */
    static String modified(TargetTable table) {
        return VersionStage.column(table, Role.SOURCE_MODIFIED_AT);
    }

    private List<TargetColumn> metadata() {
        return table().columns().stream()
                .filter(column -> column.role() == Role.INGESTED_AT || column.role() == Role.SOURCE_MODIFIED_AT)
                .toList();
    }

    private String keyNames(String prefix) {
        return table().key().stream()
                .map(column -> prefix + Quoted.identifier(column.name()))
                .collect(Collectors.joining(", "));
    }
}
