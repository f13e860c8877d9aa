package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.OnDelete;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A merged table with a key. */
final class MergeModel implements TableModel {
    private record Row(String[] values, String ingested, String modified, boolean deleted) {
        Row marked(EventCells event) {
            return deleted ? this : new Row(values, ingested, event.modified(), true);
        }

        String text() {
            return EventCells.text(values) + ingested + "|" + modified + "|" + (deleted ? 1 : 0);
        }
    }

    private final OnDelete onDelete;
    private Map<String, Row> table = new TreeMap<>();
    private Map<String, Row> shadow;
    private boolean direct;

    MergeModel(OnDelete onDelete) {
        this.onDelete = onDelete;
    }

    private Map<String, Row> filled() {
        return shadow == null ? table : shadow;
    }

    @Override
    public void put(EventCells event) {
        Row old = filled().get(event.oldKey());
        String[] values = event.row(old == null ? null : old.values());
        if (event.moves()) {
            leave(event.oldKey(), event);
        }
        filled().put(event.key(), new Row(values, event.ingested(), event.modified(), false));
    }

    @Override
    public void delete(EventCells event) {
        leave(event.key(), event);
    }

    private void leave(String key, EventCells event) {
        switch (onDelete) {
            case HARD -> filled().remove(key);
            case SOFT -> filled().computeIfPresent(key, (same, row) -> row.marked(event));
            case IGNORE -> {}
        }
    }

    @Override
    public void truncate(EventCells event) {
        if (onDelete == OnDelete.HARD || onDelete == OnDelete.SOFT && shadow != null) {
            filled().clear();
        } else if (onDelete == OnDelete.SOFT) {
            table.replaceAll((key, row) -> row.marked(event));
        }
    }

    @Override
    public void loadStarted() {
        if (shadow != null) {
            shadow.clear();
        } else if (table.isEmpty()) {
            direct = true;
        } else if (direct) {
            table.clear();
        } else {
            shadow = new TreeMap<>();
        }
    }

    @Override
    public void loadCompleted(long atMicros) {
        table = filled();
        shadow = null;
        direct = false;
    }

    @Override
    public List<String> rows() {
        List<String> rows = new ArrayList<>();
        table.values().forEach(row -> rows.add(row.text()));
        return rows;
    }

    @Override
    public String query(Columns columns) {
        return "SELECT note, id, \"large\", area, " + columns.micros("__millrace_ingested_at") + ", "
                + columns.micros("__millrace_source_modified_at") + ", " + columns.flag("__millrace_deleted")
                + " FROM shop.\"Item\"";
    }
}
