package dev.millrace.consume.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.consume.transform.Transformer;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.MemoryState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random documents are inserted, changed, left UNCHANGED, moved to another key and deleted, with restarts in between and windows repeated. What
 * was flattened, put together again, is at every moment what the rows' documents are.
 */
class DocumentsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final Schema SCHEMA = new Schema(
            new TableName("public", "t"),
            3,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "", 1),
                    new Column("doc", DataType.of(Type.MAP), true, 0, "jsonb", 2)));
    private static final JsonSettings FLATTEN = new JsonSettings(JsonStrategy.FLATTEN, 4, 1_500);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final MemoryState state = new MemoryState();
    private final Map<Long, String> model = new TreeMap<>();
    private final Replica replica = new Replica();
    private final BatchWriter writer = new BatchWriter();
    private LearnedShapes shapes;
    private Transformer transformer = transformer();

    private Transformer transformer() {
        shapes = new LearnedShapes(state, "p");
        return new Transformation(List.of(JsonPhase.of(FLATTEN, shapes, LoadRules.merge(OnDelete.HARD))
                        .orElseThrow()))
                .open(FailedEvents.STOP);
    }

    @Test
    void whatIsPutTogetherAgainIsWhatWasTakenApart() {
        for (int window = 0; window < 150; window++) {
            writer.beginTransaction(window + 1, 0, "0/" + window, 0);
            int schema = writer.schema(SCHEMA);
            for (int event = 0; event < 10; event++) {
                change(schema);
            }
            var batch = writer.finish(0, false, true, OffsetDelta.NONE).stored(window + 1);
            if (random.nextInt(8) == 0) {
                BatchReader lost = transformer.open(batch);
                assertTrue(lost.next());
                transformer = transformer();
            }
            replica.apply(transformer.open(batch));
            assertEquals(
                    canonical(), replica.documents(shapes.of(SCHEMA.table())), "seed " + SEED + ", window " + window);
        }
        assertFalse(model.isEmpty());
    }

    private void change(int schema) {
        long id = random.nextInt(30);
        String document = random.nextInt(12) == 0 ? null : RandomDocuments.document(random);
        if (!model.containsKey(id)) {
            writer.beginRow(random.nextBoolean() ? Operation.INSERT : Operation.READ, schema);
            row(id, document);
            writer.endRow();
            model.put(id, document);
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                writer.beginRow(Operation.DELETE, schema);
                writer.putLong(id);
                writer.putUnchanged();
                writer.endRow();
                model.remove(id);
            }
            case 1 -> {
                writer.beginRow(Operation.UPDATE, schema);
                writer.putLong(id);
                writer.putUnchanged();
                writer.endRow();
            }
            case 2 -> {
                long moved = 100L + random.nextInt(30);
                writer.beginRow(Operation.UPDATE, schema);
                row(moved, document);
                writer.beginBefore();
                writer.putLong(id);
                writer.putUnchanged();
                writer.endRow();
                model.remove(id);
                model.put(moved, document);
            }
            default -> {
                writer.beginRow(Operation.UPDATE, schema);
                row(id, document);
                writer.endRow();
                model.put(id, document);
            }
        }
    }

    private void row(long id, String document) {
        writer.putLong(id);
        if (document == null) {
            writer.putNull();
        } else {
            writer.putString(document);
        }
    }

    private Map<Long, Object> canonical() {
        Map<Long, Object> canonical = new HashMap<>();
        model.forEach(
                (id, document) -> canonical.put(id, document == null ? Map.of() : RandomDocuments.plain(document)));
        return canonical;
    }
}
