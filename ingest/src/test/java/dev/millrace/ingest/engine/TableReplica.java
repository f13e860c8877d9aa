package dev.millrace.ingest.engine;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tables of integers and texts as a destination holds them that has applied a topic event by event. */
final class TableReplica {
    /** Rows by key; without a key by the whole row, with how often it is there. */
    private static final class Rows {
        private final Map<List<String>, List<String>> keyed = new HashMap<>();
        private final Map<List<String>, Integer> keyless = new HashMap<>();
    }

    private final Map<TableName, Rows> shown = new HashMap<>();
    private final Map<TableName, Rows> built = new HashMap<>();

    static TableReplica of(List<StoredBatch> batches) {
        TableReplica replica = new TableReplica();
        BatchReader reader = new BatchReader();
        for (StoredBatch batch : batches) {
            reader.open(batch);
            while (reader.next()) {
                replica.apply(reader);
            }
        }
        return replica;
    }

    /** As {@code TestDatabase.rows} gives them, sorted. */
    List<String> rows(TableName table) {
        Rows rows = shown.getOrDefault(table, new Rows());
        List<String> all = new ArrayList<>();
        rows.keyed.values().forEach(row -> all.add(String.join("|", row)));
        rows.keyless.forEach((row, count) -> {
            for (int i = 0; i < count; i++) {
                all.add(String.join("|", row));
            }
        });
        all.sort(null);
        return all;
    }

    private void apply(BatchReader event) {
        TableName table = event.schema().table();
        switch (event.operation()) {
            case LOAD_STARTED -> built.put(table, new Rows());
            case LOAD_COMPLETED -> shown.put(table, built.remove(table));
            default -> {
                Rows rows =
                        built.containsKey(table) ? built.get(table) : shown.computeIfAbsent(table, each -> new Rows());
                if (event.schema().keyed()) {
                    keyed(rows.keyed, event);
                } else {
                    keyless(rows.keyless, event);
                }
            }
        }
    }

    private static void keyless(Map<List<String>, Integer> rows, BatchReader event) {
        switch (event.operation()) {
            case TRUNCATE -> rows.clear();
            case DELETE -> add(rows, row(event.values(), null), -1);
            case UPDATE -> {
                List<String> before = row(event.before(), null);
                add(rows, before, -1);
                add(rows, row(event.values(), before), 1);
            }
            default -> add(rows, row(event.values(), null), 1);
        }
    }

    private static void add(Map<List<String>, Integer> rows, List<String> row, int by) {
        rows.merge(row, by, Integer::sum);
        rows.values().removeIf(count -> count == 0);
    }

    private static void keyed(Map<List<String>, List<String>> rows, BatchReader event) {
        switch (event.operation()) {
            case TRUNCATE -> rows.clear();
            case DELETE -> rows.remove(key(event.values()));
            default -> {
                List<String> key = key(event.values());
                List<String> before = event.hasBefore() ? rows.remove(key(event.before())) : null;
                rows.put(key, row(event.values(), before == null ? rows.get(key) : before));
            }
        }
    }

    private static List<String> key(Cells cells) {
        return Arrays.stream(cells.schema().keyColumns())
                .mapToObj(column -> cell(cells, column))
                .toList();
    }

    private static List<String> row(Cells cells, List<String> old) {
        Schema schema = cells.schema();
        List<String> row = new ArrayList<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            row.add(cells.isUnchanged(i) ? old == null ? "missing" : old.get(i) : cell(cells, i));
        }
        return row;
    }

    private static String cell(Cells cells, int column) {
        if (cells.isNull(column)) {
            return "∅";
        }
        Type type = cells.schema().columns().get(column).type();
        return type == Type.STRING ? cells.stringAt(column) : Long.toString(cells.longAt(column));
    }
}
