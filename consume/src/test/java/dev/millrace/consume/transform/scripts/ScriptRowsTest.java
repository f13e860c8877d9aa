package dev.millrace.consume.transform.scripts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Scripts that make several rows of one, with keys of their own: whatever a row was, the destination holds what it is now. */
class ScriptRowsTest {
    private static final int ROUNDS = 60;
    private static final Schema POSTS = new Schema(
            new TableName("public", "posts"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("tags", DataType.of(Type.STRING), true, 0, "text", 2)));
    /** A row for each tag, those with capitals in a table of their own. */
    private static final String BY_TAG = """
            function transform(e) {
              return e.values.tags.split(' ').filter(it => it).map(tag => ({
                name: tag < 'a' ? 'names' : 'tags', key: ['id', 'tag'], values: {id: e.values.id, tag, all: e.values.tags}}));
            }""";

    private final BatchWriter writer = new BatchWriter();
    private final TreeMap<String, String> destination = new TreeMap<>();
    private int events;

    private void change(Operation operation, Object[] before, Object... after) {
        writer.beginTransaction(7, 1_714_564_800_000_000L, "0/1", events++);
        writer.beginRow(operation, writer.schema(POSTS));
        put(after);
        if (before != null) {
            writer.beginBefore();
            put(before);
        }
        writer.endRow();
    }

    private void put(Object[] row) {
        writer.putLong((Long) row[0]);
        writer.putString((String) row[1]);
    }

    /** Puts what was changed through the script, and through what a destination makes of rows by key. */
    private void apply(String script) {
        Transformation transformation = new Transformation(
                List.of(new ScriptPhase("transform 1", "t.js", script, Optional.empty(), ScriptLimits.DEFAULT)));
        BatchReader reader = transformation
                .open(FailedEvents.STOP)
                .open(writer.finish(1_714_564_801_000L, false, true, OffsetDelta.NONE)
                        .stored(42));
        while (reader.next()) {
            if (reader.hasBefore()) {
                destination.remove(key(reader, reader.before()));
            }
            String key = key(reader, reader.values());
            if (reader.operation() == Operation.DELETE) {
                destination.remove(key);
            } else {
                destination.put(
                        key, reader.values().stringAt(reader.schema().columns().size() - 1));
            }
        }
    }

    private static String key(BatchReader reader, Cells cells) {
        StringBuilder key = new StringBuilder(reader.schema().table().name());
        for (int column : reader.schema().keyColumns()) {
            Type type = reader.schema().columns().get(column).type();
            key.append(' ').append(type == Type.STRING ? cells.stringAt(column) : cells.longAt(column));
        }
        return key.toString();
    }

    @Test
    void aRowThatStaysIsNotTakenAwayByTheOneThatMovesIntoItsPlace() {
        change(Operation.INSERT, null, 1L, "a b");
        change(Operation.UPDATE, new Object[] {1L, "a b"}, 1L, "b c");
        apply(BY_TAG);
        assertEquals(Map.of("tags 1 b", "b c", "tags 1 c", "b c"), destination);
    }

    @Test
    void aRowThatTheScriptDeletesLeavesItsOldKeyToo() {
        change(Operation.INSERT, null, 1L, "live");
        change(Operation.UPDATE, new Object[] {1L, "live"}, 2L, "gone");
        apply("function transform(e) { if (e.values.tags === 'gone') e.operation = 'DELETE'; return e }");
        assertEquals(Map.of(), destination);
    }

    @Test
    void oneKeyTwiceIsItsLastRow() {
        change(Operation.INSERT, null, 1L, "a a");
        change(Operation.UPDATE, new Object[] {1L, "a a"}, 1L, "b b a");
        change(Operation.UPDATE, new Object[] {1L, "b b a"}, 1L, "a");
        apply(BY_TAG);
        assertEquals(Map.of("tags 1 a", "a"), destination);
    }

    @Test
    void whateverTheChangesTheDestinationHoldsWhatTheScriptMakesOfTheRowsThereAre() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            destination.clear();
            Map<Long, String> source = new TreeMap<>();
            for (int i = 0; i < 30; i++) {
                change(random, source);
            }
            apply(BY_TAG);
            assertEquals(expected(source), destination, "seed " + seed + ", round " + round);
        }
    }

    private void change(Random random, Map<Long, String> source) {
        long id = random.nextInt(3);
        String before = source.get(id);
        if (before == null) {
            source.put(id, tags(random));
            change(Operation.INSERT, null, id, source.get(id));
            return;
        }
        source.remove(id);
        if (random.nextInt(6) == 0) {
            change(Operation.DELETE, null, id, before);
            return;
        }
        long to = random.nextInt(5) == 0 ? 3 + random.nextInt(3) : id;
        if (source.containsKey(to)) {
            to = id;
        }
        source.put(to, tags(random));
        change(Operation.UPDATE, new Object[] {id, before}, to, source.get(to));
    }

    private static String tags(Random random) {
        List<String> tags = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            tags.add(List.of("a", "b", "c", "d", "A", "B").get(random.nextInt(6)));
        }
        return String.join(" ", tags);
    }

    private static Map<String, String> expected(Map<Long, String> source) {
        Map<String, String> rows = new TreeMap<>();
        source.forEach((id, tags) -> {
            for (String tag : new TreeSet<>(List.of(tags.split(" ")))) {
                assertFalse(tag.contains(" "));
                if (!tag.isEmpty()) {
                    rows.put((tag.compareTo("a") < 0 ? "names " : "tags ") + id + " " + tag, tags);
                }
            }
        });
        return rows;
    }
}
