package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A table with a key that is appended to. */
final class AppendModel implements TableModel {
    private final boolean ignoreDeletes;
    private final List<String> rows = new ArrayList<>();
    /** By key. */
    private final Map<String, String[]> newest = new HashMap<>();

    AppendModel(OnDelete onDelete) {
        this.ignoreDeletes = onDelete == OnDelete.IGNORE;
    }

    @Override
    public void put(EventCells event) {
        String[] old = newest.get(event.oldKey());
        String[] values = event.row(old);
        if (event.moves()) {
            deleted(event.oldKey(), event.before(old), event, event.sequence() - 1);
        }
        newest.put(event.key(), values);
        add(values, event.reader().operation(), event, event.sequence());
    }

    @Override
    public void delete(EventCells event) {
        deleted(event.key(), event.row(newest.get(event.key())), event, event.sequence());
    }

    private void deleted(String key, String[] values, EventCells event, long sequence) {
        if (!ignoreDeletes) {
            newest.put(key, values);
            add(values, Operation.DELETE, event, sequence);
        }
    }

    @Override
    public void truncate(EventCells event) {
        if (!ignoreDeletes) {
            String[] none = new String[event.reader().schema().columns().size()];
            Arrays.fill(none, EventCells.NONE);
            add(none, Operation.TRUNCATE, event, event.sequence());
        }
    }

    private void add(String[] values, Operation operation, EventCells event, long sequence) {
        rows.add(EventCells.text(values) + event.ingested() + "|" + event.modified() + "|"
                + operation.name().toLowerCase(Locale.ROOT) + "|" + sequence);
    }

    @Override
    public void loadStarted() {
        // what is read is added to what is there
    }

    @Override
    public void loadCompleted(long atMicros) {
        // as above
    }

    @Override
    public List<String> rows() {
        return rows;
    }

    @Override
    public String query(Columns columns) {
        return "SELECT note, id, \"large\", area, " + columns.micros("__millrace_ingested_at") + ", "
                + columns.micros("__millrace_source_modified_at")
                + ", __millrace_operation, __millrace_sequence FROM shop.\"Item\"";
    }
}
