package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a table that is appended to, and one with a history, have to hold after the events of one keyed source table, worked out event by
 * event. Values are text; a missing one is ∅.
 */
public final class ChangeOracle {
    private static final String NONE = "∅";

    private record Version(String[] row, long from, long sequence) {}

    private final boolean ignoreDeletes;
    private final BatchReader reader = new BatchReader();
    private final List<String> appended = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    /** By key the newest row there was, and the version that is current. */
    private final Map<String, String[]> newest = new HashMap<>();

    private final Map<String, Version> current = new HashMap<>();
    /** By key the row of a merged table. */
    private final Map<String, String[]> merged = new HashMap<>();

    public ChangeOracle(boolean ignoreDeletes) {
        this.ignoreDeletes = ignoreDeletes;
    }

    /** Rows as values, operation, sequence; by sequence. */
    public List<String> appended() {
        return appended;
    }

    /** Versions as values, from, to, sequence; in no order. */
    public List<String> versions() {
        List<String> all = new ArrayList<>(ended);
        current.values().forEach(version -> all.add(text(version, NONE)));
        return all;
    }

    /** Rows as values; in no order. */
    public List<String> merged() {
        return merged.values().stream().map(row -> String.join("|", row)).toList();
    }

    public void apply(StoredBatch batch) {
        reader.open(batch);
        while (reader.next()) {
            long time = reader.modifiedAtMicros() == Long.MIN_VALUE
                    ? batch.header().createdAtMillis() * 1_000
                    : reader.modifiedAtMicros();
            long sequence = (batch.logIndex() << 22 | reader.row()) * 32 + 1;
            switch (reader.operation()) {
                case TRUNCATE -> truncate(reader.schema(), time, sequence);
                case DELETE -> delete(reader.values(), time, sequence);
                default -> put(time, sequence);
            }
        }
    }

    private void put(long time, long sequence) {
        Cells values = reader.values();
        Cells before = reader.hasBefore() ? reader.before() : values;
        String oldKey = key(before);
        String newKey = key(values);
        String[] old = newest.get(oldKey);
        if (reader.hasBefore()) {
            old = row(before, old);
        }
        String[] row = row(values, old);
        if (!oldKey.equals(newKey)) {
            if (!ignoreDeletes) {
                append(old, Operation.DELETE, sequence - 1);
                merged.remove(oldKey);
            }
            newest.put(oldKey, old);
            end(oldKey, time);
        }
        append(row, reader.operation(), sequence);
        newest.put(newKey, row);
        merged.put(newKey, row);
        end(newKey, time);
        current.put(newKey, new Version(row, time, sequence));
    }

    private void delete(Cells values, long time, long sequence) {
        String key = key(values);
        String[] row = row(values, newest.get(key));
        newest.put(key, row);
        if (!ignoreDeletes) {
            append(row, Operation.DELETE, sequence);
            merged.remove(key);
            end(key, time);
        }
    }

    private void truncate(Schema schema, long time, long sequence) {
        if (ignoreDeletes) {
            return;
        }
        String[] none = new String[schema.columns().size()];
        Arrays.fill(none, NONE);
        append(none, Operation.TRUNCATE, sequence);
        newest.clear();
        merged.clear();
        List.copyOf(current.keySet()).forEach(key -> end(key, time));
    }

    private void end(String key, long time) {
        Version version = current.remove(key);
        if (version != null) {
            ended.add(text(version, Long.toString(time)));
        }
    }

    private void append(String[] row, Operation operation, long sequence) {
        appended.add(String.join("|", row) + "|" + operation.name().toLowerCase(Locale.ROOT) + "|" + sequence);
    }

    private static String text(Version version, String to) {
        return String.join("|", version.row()) + "|" + version.from() + "|" + to + "|" + version.sequence();
    }

    private static String key(Cells cells) {
        StringBuilder key = new StringBuilder();
        for (int column : cells.schema().keyColumns()) {
            key.append(value(cells, column)).append('|');
        }
        return key.toString();
    }

    /** @param before where cells that are UNCHANGED are found; null: nowhere */
    private static String[] row(Cells cells, String[] before) {
        String[] row = new String[cells.schema().columns().size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = cells.isUnchanged(i) ? before == null ? NONE : before[i] : value(cells, i);
        }
        return row;
    }

    private static String value(Cells cells, int place) {
        Column column = cells.schema().columns().get(place);
        if (cells.isNull(place)) {
            return NONE;
        }
        return switch (column.type()) {
            case STRING -> cells.stringAt(place);
            case INTEGER, LONG -> Long.toString(cells.longAt(place));
            default -> throw new IllegalArgumentException(column + " is not known here");
        };
    }
}
