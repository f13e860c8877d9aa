package dev.millrace.ingest.engine;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.TableName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a destination holds that has applied a topic event by event. */
final class Replica {
    private final Map<TableName, FakeDatabase.Content> shown = new HashMap<>();
    private final Map<TableName, FakeDatabase.Content> built = new HashMap<>();

    static FakeDatabase.Content of(List<StoredBatch> batches) {
        Replica replica = new Replica();
        BatchReader reader = new BatchReader();
        for (StoredBatch batch : batches) {
            reader.open(batch);
            while (reader.next()) {
                replica.apply(reader);
            }
        }
        FakeDatabase.Content content = new FakeDatabase.Content();
        content.keyed.putAll(replica.shown(FakeDatabase.KEYED).keyed);
        content.keyless.putAll(replica.shown(FakeDatabase.KEYLESS).keyless);
        return content;
    }

    private FakeDatabase.Content shown(TableName table) {
        return shown.computeIfAbsent(table, each -> new FakeDatabase.Content());
    }

    private void apply(BatchReader event) {
        TableName table = event.schema().table();
        switch (event.operation()) {
            case LOAD_STARTED -> built.put(table, new FakeDatabase.Content());
            case LOAD_COMPLETED -> shown.put(table, built.remove(table));
            default -> {
                FakeDatabase.Content content = built.containsKey(table) ? built.get(table) : shown(table);
                if (table.equals(FakeDatabase.KEYED)) {
                    keyed(content.keyed, event);
                } else {
                    keyless(content.keyless, event);
                }
            }
        }
    }

    private static void keyless(Map<Long, Integer> rows, BatchReader event) {
        int by =
                switch (event.operation()) {
                    case READ, INSERT -> 1;
                    case DELETE -> -1;
                    default -> throw new IllegalStateException();
                };
        rows.merge(event.values().longAt(0), by, Integer::sum);
        rows.values().removeIf(count -> count == 0);
    }

    private static void keyed(Map<Long, List<Long>> rows, BatchReader event) {
        switch (event.operation()) {
            case TRUNCATE -> rows.clear();
            case DELETE -> rows.remove(event.values().longAt(0));
            default -> {
                Cells values = event.values();
                long key = values.longAt(0);
                List<Long> before =
                        event.hasBefore() ? rows.remove(event.before().longAt(0)) : null;
                List<Long> old = before == null ? rows.get(key) : before;
                Long b = values.isUnchanged(2) ? old == null ? null : old.get(1) : Long.valueOf(values.longAt(2));
                rows.put(key, Arrays.asList(values.longAt(1), b));
            }
        }
    }
}
