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
    private final Map<TargetTable, Stage> stages = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<TargetTable> uncommitted = new HashSet<>();
    /** Rows deleted from a stage that still take up room in it, by its name. */
    private final Map<String, Long> dead = new HashMap<>();

    private int made;

    Stages(Connection connection) {
        this.connection = connection;
    }

    /** The table's stage, empty. */
    Stage of(TargetTable table) throws SQLException {
        Stage stage = stages.get(table);
        if (stage == null) {
            stage = new Stage("__millrace_stage_" + ++made, table);
            execute(stage.create());
            stages.put(table, stage);
            uncommitted.add(table);
            dropOldest();
        }
        return stage;
    }

    /**
     * Whether the stage of so many rows is to be emptied by truncating. Deleting a few costs less, because truncating gives the table a new
     * file and the catalogue new rows; but the room is only gained back by truncating, so that comes in between.
     */
    boolean needsTruncating(Stage stage, long rows) {
        long deleted = dead.getOrDefault(stage.name(), 0L) + rows;
        if (deleted > MAX_DEAD_ROWS) {
            dead.remove(stage.name());
            return true;
        }
        dead.put(stage.name(), deleted);
        return false;
    }

    void committed() {
        uncommitted.clear();
    }

    void rolledBack() {
        stages.keySet().removeAll(uncommitted);
        uncommitted.clear();
    }

    private void dropOldest() throws SQLException {
        if (stages.size() > MAX_STAGES) {
            Iterator<Stage> oldest = stages.values().iterator();
            Stage stage = oldest.next();
            oldest.remove();
            dead.remove(stage.name());
            execute(stage.drop());
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
