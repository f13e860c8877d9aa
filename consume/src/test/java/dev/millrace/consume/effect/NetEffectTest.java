package dev.millrace.consume.effect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NetEffectTest {
    private static final TableEffect.Run RUN = run(OnDelete.SOFT);

    private static TableEffect.Run run(OnDelete onDelete) {
        TargetTable table = new TargetTable(new TargetName("shop", "Item"), LoadMode.MERGE, List.of());
        return new TableEffect.Run(table, onDelete, false, false, 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = OnDelete.class,
            names = {"HARD", "SOFT"})
    void leavesWhatTheEventsLeaveOneByOneWhateverTheWindows(OnDelete onDelete) {
        LoadRules.Rule rule = new LoadRules(LoadMode.MERGE, onDelete, List.of()).of("shop", "Item");
        long seed = Long.getLong("seed", System.nanoTime());
        for (int round = 0; round < 300; round++) {
            long roundSeed = seed + round;
            SplittableRandom random = new SplittableRandom(roundSeed);
            SourceModel source = new SourceModel(random);
            Map<String, String[]> replica = new TreeMap<>();
            Map<String, String[]> oneByOne = new TreeMap<>();
            BatchReader reader = new BatchReader();
            for (int window = 0; window < 8; window++) {
                List<TableEffect> effects = new ArrayList<>(List.of(TableEffect.of(SourceModel.SCHEMA, rule)));
                int batches = 1 + random.nextInt(3);
                for (int i = 0; i < batches; i++) {
                    BatchWriter writer = new BatchWriter();
                    int events = 1 + random.nextInt(60);
                    for (int j = 0; j < events; j++) {
                        source.change(writer);
                    }
                    EncodedBatch batch = writer.finish(1, false, true, OffsetDelta.NONE);
                    gather(batch, reader, effects, rule);
                    reader.open(batch.stored(1));
                    while (reader.next()) {
                        TableEffect one = TableEffect.of(SourceModel.SCHEMA, rule);
                        add(reader, one);
                        apply(one.load(run(onDelete)), oneByOne);
                    }
                }
                effects.forEach(effect -> apply(effect.load(run(onDelete)), replica));
                assertEquals(source.rows(), live(replica), "seed " + roundSeed + " window " + window);
                assertEquals(rows(oneByOne), rows(replica), "seed " + roundSeed + " window " + window);
            }
        }
    }

    @Test
    void rowsOfAHistoricalLoadAreHandedOverAsSuch() {
        TableLoad load = load(writer -> {
            read(writer, "n", 1);
            read(writer, "n", 2);
        });
        assertTrue(load.historical());
        assertEquals(2, load.rowCount());
    }

    @Test
    void aKeyThatRepeatsIsNoLongerHistorical() {
        TableLoad load = load(writer -> {
            read(writer, "n", 1);
            read(writer, "n", 1);
        });
        assertFalse(load.historical());
        assertEquals(1, load.rowCount());
    }

    @Test
    void keyPartsAreNotMistakenForEachOther() {
        TableLoad load = load(writer -> {
            read(writer, "n", 0x6e6e);
            read(writer, "nn", 0x6e);
        });
        assertEquals(2, load.rowCount());
    }

    @Test
    void aRowWithoutItsKeyIsRefusedByEventTableAndColumn() {
        DataException refused = assertThrows(
                DataException.class,
                () -> load(writer -> {
                    writer.beginTransaction(7, 0, "0/77", 3);
                    writer.beginRow(Operation.INSERT, writer.schema(SourceModel.SCHEMA));
                    writer.putNull();
                    writer.putNull();
                    writer.putNull();
                    writer.putString("n");
                    writer.endRow();
                }));
        assertEquals("shop.Item", refused.table());
        assertEquals("id", refused.column());
        assertTrue(refused.getMessage().contains("0/77:3"), refused.getMessage());
    }

    private static TableLoad load(Consumer<BatchWriter> events) {
        BatchWriter writer = new BatchWriter();
        events.accept(writer);
        TableEffect effect = TableEffect.of(SourceModel.SCHEMA, LoadRules.DEFAULTS.of("shop", "Item"));
        BatchReader reader = new BatchReader();
        reader.open(writer.finish(1, false, true, OffsetDelta.NONE).stored(1));
        while (reader.next()) {
            add(reader, effect);
        }
        return effect.load(RUN);
    }

    private static void read(BatchWriter writer, String area, int id) {
        writer.beginTransaction(0, Long.MIN_VALUE, "load", id);
        writer.beginRow(Operation.READ, writer.schema(SourceModel.SCHEMA));
        writer.putNull();
        writer.putLong(id);
        writer.putNull();
        writer.putString(area);
        writer.endRow();
    }

    /** Into the last of the effects, and a new one where a truncation needs it. */
    private static void gather(EncodedBatch batch, BatchReader reader, List<TableEffect> effects, LoadRules.Rule rule) {
        reader.open(batch.stored(1));
        while (reader.next()) {
            TableEffect effect = effects.get(effects.size() - 1);
            if (reader.operation() == Operation.TRUNCATE && effect.endsBeforeTruncation()) {
                effect = TableEffect.of(SourceModel.SCHEMA, rule);
                effects.add(effect);
            }
            add(reader, effect);
        }
    }

    private static void add(BatchReader reader, TableEffect effect) {
        if (reader.operation() == Operation.TRUNCATE) {
            effect.truncate(reader, 1);
        } else {
            effect.add(reader, 1);
        }
    }

    /** The contract of a load, taken literally. */
    private static void apply(TableLoad load, Map<String, String[]> replica) {
        Map<String, String[]> before = new TreeMap<>(replica);
        boolean hard = load.onDelete() == OnDelete.HARD;
        if (load.truncated() && hard) {
            replica.clear();
        } else if (load.truncated()) {
            replica.replaceAll((key, values) -> values[2] == null ? marked(values, load.truncatedAtMicros()) : values);
        }
        Map<String, String[]> upserts = new TreeMap<>();
        Set<String> gone = new HashSet<>();
        int count = 0;
        RowCursor row = load.rows();
        while (row.next()) {
            count++;
            String key = key(row.values());
            if (row.kind() == RowCursor.Kind.DELETE) {
                gone.add(key);
                if (!hard && replica.containsKey(key) && replica.get(key)[2] == null) {
                    replica.put(key, marked(replica.get(key), row.modifiedAtMicros()));
                }
                continue;
            }
            String origin = row.origin() == null ? null : key(row.origin());
            if (origin != null && !origin.equals(key)) {
                gone.add(origin);
            }
            String[] old = origin == null ? null : before.get(origin);
            String[] written = {text(row.values(), 0, old, 0), text(row.values(), 2, old, 1), null};
            String[] values = row.deleted() ? marked(written, row.modifiedAtMicros()) : written;
            assertEquals(null, upserts.put(key, values), "a key comes once");
        }
        assertEquals(load.rowCount(), count);
        if (hard) {
            gone.forEach(replica::remove);
        }
        replica.putAll(upserts);
    }

    private static String text(Cells cells, int column, String[] old, int place) {
        if (cells.isUnchanged(column)) {
            return old == null ? null : old[place];
        }
        return cells.isNull(column) ? null : cells.stringAt(column);
    }

    private static String key(Cells cells) {
        return cells.stringAt(3) + "|" + cells.longAt(1);
    }

    /** The row with the time of its deletion. */
    private static String[] marked(String[] values, long atMicros) {
        return new String[] {values[0], values[1], Long.toString(atMicros)};
    }

    private static List<String> live(Map<String, String[]> replica) {
        List<String> all = new ArrayList<>();
        replica.forEach((key, values) -> {
            if (values[2] == null) {
                all.add(key + "|" + values[0] + "|" + values[1]);
            }
        });
        return all;
    }

    private static List<String> rows(Map<String, String[]> replica) {
        List<String> all = new ArrayList<>();
        replica.forEach((key, values) -> all.add(key + "|" + String.join("|", Arrays.asList(values))));
        return all;
    }
}
