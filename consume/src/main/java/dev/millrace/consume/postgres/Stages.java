package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The stages of one connection, made once per form of a table, empty between loads. A stage that a transaction made is gone when it rolls
 * back. Confined to one thread.
 */
final class Stages {
    private static final int MAX_STAGES = 256;
    private static final int MAX_DEAD_ROWS = 2_000;

    private final Connection connection;
    /** The stages' names. */
    private final Map<Form, String> stages = new LinkedHashMap<>(16, 0.75f, true);

    private final Set<Form> uncommitted = new HashSet<>();
    /** Rows deleted from a stage that still take up room in it, by its name. */
    private final Map<String, Long> dead = new HashMap<>();

    private final RefusedRows refused;
    private int made;

    /** What a stage is made for; {@code numbered} while rows that are refused are looked for. */
    record Form(TargetTable table, boolean numbered) {}

    Stages(Connection connection, RefusedRows refused) {
        this.connection = connection;
        this.refused = refused;
    }

    /** The stage of a merged table, empty. */
    Stage of(TargetTable table) throws SQLException {
        Form form = new Form(table, refused.on());
        String known = stages.get(form);
        if (known != null) {
            return Stage.of(known, table, form.numbered());
        }
        Stage stage = Stage.of(next(), table, form.numbered());
        execute(stage.create());
        made(form, stage.stage().name());
        return stage;
    }

    /** The stage of a table that is appended to or has a history, empty. */
    VersionStage versions(TargetTable table) throws SQLException {
        Form form = new Form(table, refused.on());
        String known = stages.get(form);
        if (known != null) {
            return VersionStage.of(known, table, form.numbered());
        }
        VersionStage stage = VersionStage.of(next(), table, form.numbered());
        execute(stage.create());
        made(form, stage.stage().name());
        return stage;
    }

    private String next() {
        return "__millrace_stage_" + ++made;
    }

    private void made(Form form, String stage) throws SQLException {
        stages.put(form, stage);
        uncommitted.add(form);
        dropOldest();
    }

    /**
     * Whether the stage of so many rows is to be emptied by truncating. Deleting a few costs less, because truncating gives the table a new
     * file and the catalogue new rows; but the room is only gained back by truncating, so that comes in between.
     */
    boolean needsTruncating(StageTable stage, long rows) {
        long deleted = dead.getOrDefault(stage.name(), 0L) + rows;
        if (deleted > MAX_DEAD_ROWS) {
            dead.remove(stage.name());
            return true;
        }
        dead.put(stage.name(), deleted);
        return false;
    }

    /** The stages that were made in this transaction. */
    Set<Form> uncommitted() {
        return Set.copyOf(uncommitted);
    }

    /** What was made since these were the {@link #uncommitted} ones is gone. */
    void rolledBackTo(Set<Form> made) {
        Set<Form> gone = new HashSet<>(uncommitted);
        gone.removeAll(made);
        stages.keySet().removeAll(gone);
        uncommitted.removeAll(gone);
    }

    void committed() {
        uncommitted.clear();
    }

    void rolledBack() {
        rolledBackTo(Set.of());
    }

    private void dropOldest() throws SQLException {
        if (stages.size() > MAX_STAGES) {
            Iterator<String> oldest = stages.values().iterator();
            String stage = oldest.next();
            oldest.remove();
            dead.remove(stage);
            execute("DROP TABLE IF EXISTS " + StageTable.quoted(stage));
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
