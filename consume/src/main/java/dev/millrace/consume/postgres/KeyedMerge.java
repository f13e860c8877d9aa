package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Schema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Stages the net effect on a table with a key, and merges it in at most three statements. For one load; confined to one thread. */
final class KeyedMerge {
    private static final int SMALL_ROWS = 500;
    private static final String LOADED_AT = "CAST(? AS timestamp with time zone)";

    private final Connection connection;
    private final CopyStream out;
    private final StagedCells cells;
    private final TableLoad load;
    private final Stages stages;
    private final RefusedRows refused;
    private final Set<TargetName> handedOver;
    private final Stage stage;
    private final boolean small;
    private final Stage.Contents contents = new Stage.Contents();
    private final ColumnPlan[] key;
    private final boolean lacksColumns;
    private Schema originSchema;
    private ColumnPlan[] originKey;

    KeyedMerge(LoadSession session, TableLoad load) throws SQLException {
        this.connection = session.connection();
        this.out = session.out();
        this.cells = new StagedCells(session.out(), session.cells(), load);
        this.load = load;
        this.stages = session.stages();
        this.refused = session.refused();
        this.handedOver = session.handedOver();
        this.stage = stages.of(load.target());
        this.small = load.rowCount() <= SMALL_ROWS;
        this.key = cells.key();
        this.lacksColumns = load.target().columns().stream()
                .anyMatch(column -> column.role() == TargetColumn.Role.VALUE && column.sourceIndex() < 0);
        this.originSchema = load.schema();
        this.originKey = key;
        contents.unchangedColumns = cells.unchangedColumns();
    }

    /** Returns rows written, deleted ones included. */
    long run(TargetName target) throws SQLException {
        RowFilter filter = (row, kind) -> kind != RowCursor.Kind.DELETE || load.onDelete() != OnDelete.IGNORE;
        try {
            copy(filter);
        } catch (SQLException e) {
            throw RowFailure.copy(load, filter, e);
        }
        String loadedAt = small ? LOADED_AT : instant();
        long written = 0;
        execute(stage.fill(target, contents));
        written += remove(target, loadedAt);
        boolean truncate = stages.needsTruncating(stage.stage(), load.rowCount());
        if (small && contents.upserts && !truncate) {
            return written + upsert(target, stage.upsertAndEmpty(target, loadedAt));
        }
        if (contents.upserts) {
            written += upsert(target, stage.upsert(target, loadedAt, !handedOver.contains(target)));
        }
        execute(Optional.of(truncate ? stage.stage().truncate() : stage.stage().delete()));
        return written;
    }

    private long remove(TargetName target, String loadedAt) throws SQLException {
        Optional<String> sql = stage.remove(target, contents, load.onDelete(), loadedAt);
        return refused.run(
                load,
                stage.stage(),
                () -> execute(sql),
                () -> stage.remove(target, contents, load.onDelete(), instant()).orElseThrow() + " AND "
                        + RefusedRows.SOME);
    }

    private long upsert(TargetName target, String sql) throws SQLException {
        try {
            return refused.run(
                    load, stage.stage(), () -> execute(Optional.of(sql)), () -> stage.upsertSome(target, instant()));
        } catch (SQLException e) {
            if (PostgresErrors.isDuplicate(e)) {
                handedOver.add(target);
            }
            throw e;
        }
    }

    private String instant() {
        return PostgresLoadTransaction.instant(load.loadedAtMicros());
    }

    /**
     * A small load's statements are always the same, so that the server plans them once (the driver keeps what it prepared); a large one's
     * are planned for the rows there are.
     */
    private long execute(Optional<String> sql) throws SQLException {
        if (sql.isEmpty()) {
            return 0;
        }
        if (!small) {
            try (Statement statement = connection.createStatement()) {
                return statement.executeLargeUpdate(sql.get());
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.get())) {
            if (sql.get().contains(LOADED_AT)) {
                statement.setString(
                        1,
                        Instant.EPOCH
                                .plus(load.loadedAtMicros(), ChronoUnit.MICROS)
                                .toString());
            }
            return statement.executeLargeUpdate();
        }
    }

    private void copy(RowFilter filter) throws SQLException {
        boolean done = false;
        try {
            out.begin(connection, stage.copy());
            int fields = stage.copiedFields();
            boolean numbered = stage.stage().numbered();
            RowCursor rows = load.rows();
            for (int row = 0; rows.next(); row++) {
                if (filter.includes(row, rows.kind())) {
                    out.beginRow(fields);
                    if (numbered) {
                        out.putLongField(row + 1L);
                    }
                    if (rows.kind() == RowCursor.Kind.DELETE) {
                        putDelete(rows);
                    } else {
                        putUpsert(rows);
                    }
                }
            }
            out.end();
            done = true;
        } finally {
            if (!done) {
                out.abandon();
            }
        }
    }

    private void putDelete(RowCursor rows) throws SQLException {
        contents.goes = true;
        putKind(Stage.DELETED, true);
        out.putNull();
        cells.put(rows.values(), keyOf(rows.values()), rows);
        cells.putNulls(cells.plans().length);
        for (TargetColumn column : load.target().columns()) {
            switch (column.role()) {
                case INGESTED_AT -> out.putNull();
                case SOURCE_MODIFIED_AT -> CellWriter.putInstant(rows.modifiedAtMicros(), out);
                default -> {}
            }
        }
    }

    private void putUpsert(RowCursor rows) throws SQLException {
        Cells values = rows.values();
        Cells origin = rows.origin();
        boolean moved = origin != null && origin != values && !sameKey(origin, values);
        boolean unchanged = values.anyUnchanged();
        contents.upserts = true;
        // a key that is to be marked, not deleted, is told by a row of its own where this one left it
        boolean goes = moved && load.onDelete() == OnDelete.HARD;
        contents.goes |= goes;
        putKind(rows.deleted() ? Stage.MARKED : Stage.WRITTEN, goes);
        if (unchanged && origin != null) {
            cells.putMask(values);
        } else {
            out.putNull();
        }
        if (origin != null && (moved || unchanged || lacksColumns)) {
            contents.origins = true;
            cells.put(origin, keyOf(origin), rows);
        } else {
            cells.putNulls(key.length);
        }
        cells.put(values, cells.plans(), rows);
        for (TargetColumn column : load.target().columns()) {
            switch (column.role()) {
                case INGESTED_AT -> CellWriter.putInstant(rows.ingestedAtMicros(), out);
                case SOURCE_MODIFIED_AT -> CellWriter.putInstant(rows.modifiedAtMicros(), out);
                default -> {}
            }
        }
    }

    private void putKind(int kind, boolean goes) {
        out.putInt(2);
        out.putShort(kind);
        CellWriter.putFlag(goes, out);
    }

    private ColumnPlan[] keyOf(Cells image) {
        if (image.schema() == load.schema()) {
            return key;
        }
        if (image.schema() != originSchema) {
            originSchema = image.schema();
            originKey = originSchema.equals(load.schema())
                    ? key
                    : ColumnPlan.key(load.target(), originSchema).toArray(ColumnPlan[]::new);
        }
        return originKey;
    }

    /** By bytes; keys that are equal but differ in bytes count as moved, which comes to the same rows. */
    private boolean sameKey(Cells origin, Cells values) {
        ColumnPlan[] theirs = keyOf(origin);
        for (int i = 0; i < key.length; i++) {
            int one = theirs[i].sourceIndex();
            int other = key[i].sourceIndex();
            int from = origin.encodedOffset(one);
            int to = values.encodedOffset(other);
            if (theirs[i].source() != key[i].source()
                    || !Arrays.equals(
                            origin.buffer(),
                            from,
                            from + origin.encodedLength(one),
                            values.buffer(),
                            to,
                            to + values.encodedLength(other))) {
                return false;
            }
        }
        return true;
    }
}
