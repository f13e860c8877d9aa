package dev.millrace.consume.transform.scripts;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.consume.transform.Transformer;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scripts' events a second on one core, of a table of ten mixed columns. */
@Tag("bench")
class ScriptBenchTest {
    private static final int EVENTS = 20_000;
    private static final int ROUNDS = 15;
    private static final long SEED = 20_261_121;

    @Test
    void eventsPerSecondAndCore() {
        Map<String, String> scripts = new LinkedHashMap<>();
        scripts.put("gives the event back", "function transform(e) { return e }");
        scripts.put(
                "one new column", "function transform(e) { e.values.s = e.values.c1 + '-' + e.values.c2; return e }");
        scripts.put(
                "ten columns touched",
                "function transform(e) { var v = e.values; for (var k in v) { v[k] = v[k] } return e }");
        scripts.put(
                "decisions and texts",
                "const KINDS = {a: 1, b: 2};\nfunction kind(v) { return v.c1.length > 5 ? KINDS.a : KINDS.b }\n"
                        + "function transform(e) { var v = e.values; if (v.c5 < 0) return null;"
                        + " v.kind = kind(v); v.c1 = v.c1.trim().toLowerCase(); v.total = v.c5 * 1.19; return e }");
        StoredBatch batch = batch();
        scripts.forEach((name, text) -> {
            Transformer transformer = new Transformation(
                            List.of(new ScriptPhase("bench", "bench.js", text, Optional.empty(), ScriptLimits.DEFAULT)))
                    .open(FailedEvents.STOP);
            double best = 0;
            for (int round = 0; round < ROUNDS; round++) {
                long begin = System.nanoTime();
                BatchReader reader = transformer.open(batch);
                best = Math.max(best, EVENTS * 1e9 / (System.nanoTime() - begin));
                assertTrue(reader.next());
            }
            System.out.printf("scripts: %-22s %,10.0f events/s a core%n", name, best);
        });
    }

    private static StoredBatch batch() {
        SplittableRandom random = new SplittableRandom(SEED);
        Schema schema = new Schema(
                new TableName("public", "bench"),
                1,
                List.of(
                        column("id", Type.LONG, 1),
                        column("c1", Type.STRING, 0),
                        column("c2", Type.STRING, 0),
                        column("c3", Type.INTEGER, 0),
                        column("c4", Type.BOOLEAN, 0),
                        column("c5", Type.DOUBLE, 0),
                        column("c6", Type.DATE, 0),
                        column("c7", Type.DATETIME, 0),
                        new Column("c8", DataType.decimal(12, 2), true, 0, "", 0),
                        column("c9", Type.STRING, 0)));
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(1, 1_714_564_800_000_000L, "0/1", 0);
        for (int i = 0; i < EVENTS; i++) {
            writer.beginRow(Operation.INSERT, writer.schema(schema));
            writer.putLong(i);
            writer.putString(" Name " + random.nextInt(1_000));
            writer.putString("town " + random.nextInt(100));
            writer.putLong(random.nextInt());
            writer.putBoolean(random.nextBoolean());
            writer.putDouble(random.nextDouble() * 100);
            writer.putLong(random.nextInt(20_000));
            writer.putDateTime(1_714_564_800L + i, 123_456_000);
            writer.putDecimal(random.nextInt(1_000_000), 2);
            writer.putString("a text that is a little longer, as notes are " + i);
            writer.endRow();
        }
        return writer.finish(0, false, true, OffsetDelta.NONE).stored(1);
    }

    private static Column column(String name, Type type, int key) {
        return new Column(name, DataType.of(type), key == 0, key, "", 0);
    }
}
