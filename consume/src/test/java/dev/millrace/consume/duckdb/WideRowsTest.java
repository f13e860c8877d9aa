package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are large beside the memory DuckDB may use: a load spills, it does not fail. */
final class WideRowsTest {
    private static final int BATCH_BYTES = 4 << 20;

    private static final Schema ITEMS = new Schema(
            new TableName("shop", "items"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("n", DataType.of(Type.LONG), true, 0, "int8", 2),
                    new Column("name", DataType.of(Type.STRING), true, 0, "text", 3),
                    new Column("body", DataType.of(Type.STRING), true, 0, "text", 4)));

    private record Item(long n, String name, String body) {
        String text(long id) {
            return id + "|" + n + "|" + name + "|" + body.length() + "|" + body.substring(0, 20)
                    + body.substring(body.length() - 20);
        }
    }

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final TreeMap<Long, Item> source = new TreeMap<>();
    private final BatchWriter writer = new BatchWriter();
    private long transactions;

    @TempDir
    Path folder;

    @Test
    void wideRowsAreUpdatedManyTimesOverWithLittleMemory() throws Exception {
        Pipe pipe = new Pipe(folder, 128L << 20);
        for (long id = 0; id < 2_000; id++) {
            put(pipe, Operation.READ, id, new Item(0, "new", text(12_000 + random.nextInt(12_000))));
        }
        flush(pipe);
        pipe.drain(OnDelete.HARD);
        assertSame(pipe);
        for (int round = 0; round < 4; round++) {
            for (int change = 0; change < 2_500; change++) {
                change(pipe, random.nextInt(2_400));
            }
            flush(pipe);
            pipe.drain(OnDelete.HARD);
            assertSame(pipe);
        }
    }

    @Test
    void aHundredMegabytesInOneValuePassWithTheDefaultMemory() throws Exception {
        Pipe pipe = new Pipe(folder, DuckDbConnector.DEFAULT_MEMORY_BYTES);
        String large = "x".repeat(100_000_000) + text(40);
        put(pipe, Operation.READ, 1, new Item(1, "historical", text(40)));
        flush(pipe);
        put(pipe, Operation.INSERT, 2, new Item(2, "inserted", large));
        flush(pipe);
        pipe.drain(OnDelete.HARD);
        assertSame(pipe);
        update(pipe, 2, new Item(3, "large before and after", large), false);
        flush(pipe);
        pipe.drain(OnDelete.HARD);
        assertSame(pipe);
        update(pipe, 2, new Item(4, "large kept", large), true);
        flush(pipe);
        pipe.drain(OnDelete.HARD);
        assertSame(pipe);
    }

    @Test
    void fewVeryWideRowsOfOneWindowPassWithTheDefaultMemory() throws Exception {
        Pipe pipe = new Pipe(folder, DuckDbConnector.DEFAULT_MEMORY_BYTES);
        for (int round = 0; round < 2; round++) {
            for (long id = 0; id < 3; id++) {
                put(
                        pipe,
                        Operation.INSERT,
                        id,
                        new Item(round, "wide", text(1000).repeat(20_000)));
            }
            flush(pipe);
            pipe.drain(OnDelete.HARD);
            assertSame(pipe);
        }
    }

    @Test
    void aTableOfManyColumnsGetsTheMemoryItNeeds() throws Exception {
        Pipe pipe = new Pipe(folder, DuckDbConnector.DEFAULT_MEMORY_BYTES);
        int columns = 1_600;
        int rows = 4_000;
        List<Column> shape = new ArrayList<>(List.of(new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1)));
        for (int i = 2; i <= columns; i++) {
            shape.add(new Column("c" + i, DataType.of(Type.LONG), true, 0, "int8", i));
        }
        Schema wide = new Schema(new TableName("shop", "wide"), 1, shape);
        writer.beginTransaction(0, Long.MIN_VALUE, "load", 0);
        for (int row = 0; row < rows; row++) {
            writer.beginRow(Operation.READ, writer.schema(wide));
            for (int i = 0; i < columns; i++) {
                writer.putLong(row + i);
            }
            writer.endRow();
            if (writer.sizeBytes() > BATCH_BYTES) {
                flush(pipe);
            }
        }
        flush(pipe);
        pipe.drain(OnDelete.HARD);
        assertEquals(
                List.of(rows + "|" + (rows * (rows - 1L) / 2 + (columns - 1L) * rows)),
                pipe.query("SELECT count(*), sum(c" + columns + ") FROM shop.wide"));
    }

    private void change(Pipe pipe, long id) {
        Item old = source.get(id);
        int what = random.nextInt(10);
        if (old == null) {
            put(pipe, Operation.INSERT, id, new Item(0, "again", text(12_000 + random.nextInt(88_000))));
        } else if (what == 0) {
            source.remove(id);
            begin();
            writer.beginRow(Operation.DELETE, writer.schema(ITEMS));
            writer.putLong(id);
            writer.putUnchanged();
            writer.putUnchanged();
            writer.putUnchanged();
            end(pipe);
        } else if (what < 4) {
            update(pipe, id, new Item(old.n() + 1, old.name(), text(12_000 + random.nextInt(20_000))), false);
        } else if (what == 4) {
            move(pipe, id, 2_400 + random.nextInt(100_000));
        } else {
            update(pipe, id, new Item(old.n() + 1, "name " + random.nextInt(), old.body()), true);
        }
    }

    private void move(Pipe pipe, long id, long to) {
        if (!source.containsKey(to)) {
            Item item = source.remove(id);
            source.put(to, item);
            begin();
            writer.beginRow(Operation.UPDATE, writer.schema(ITEMS));
            cells(to, item, true);
            writer.beginBefore();
            writer.putLong(id);
            writer.putUnchanged();
            writer.putUnchanged();
            writer.putUnchanged();
            end(pipe);
        }
    }

    private void put(Pipe pipe, Operation operation, long id, Item item) {
        source.put(id, item);
        begin();
        writer.beginRow(operation, writer.schema(ITEMS));
        cells(id, item, false);
        end(pipe);
    }

    private void update(Pipe pipe, long id, Item item, boolean bodyKept) {
        source.put(id, item);
        begin();
        writer.beginRow(Operation.UPDATE, writer.schema(ITEMS));
        cells(id, item, bodyKept);
        end(pipe);
    }

    private void cells(long id, Item item, boolean bodyKept) {
        writer.putLong(id);
        writer.putLong(item.n());
        writer.putString(item.name());
        if (bodyKept) {
            writer.putUnchanged();
        } else {
            writer.putString(item.body());
        }
    }

    private void begin() {
        transactions++;
        writer.beginTransaction(transactions, 1_700_000_000_000_000L + transactions, "0/" + transactions, 0);
    }

    private void end(Pipe pipe) {
        writer.endRow();
        if (writer.sizeBytes() > BATCH_BYTES) {
            flush(pipe);
        }
    }

    private void flush(Pipe pipe) {
        if (writer.eventCount() > 0) {
            pipe.topic.append(writer.finish(1_700_000_000_000L, false, true, OffsetDelta.NONE));
        }
    }

    private void assertSame(Pipe pipe) throws Exception {
        List<String> expected = new ArrayList<>();
        source.forEach((id, item) -> expected.add(item.text(id)));
        List<String> found = pipe.query(
                "SELECT id, n, name, length(body), left(body, 20) || right(body, 20) FROM shop.items ORDER BY id");
        assertEquals(expected.size(), found.size(), "seed " + seed);
        assertTrue(expected.equals(found), () -> "seed " + seed + ": " + firstDifference(expected, found));
        assertEquals(
                checksum(),
                pipe.query("SELECT coalesce(sum(length(body)), 0) FROM shop.items")
                        .get(0));
    }

    private String checksum() {
        return Long.toString(
                source.values().stream().mapToLong(item -> item.body().length()).sum());
    }

    private static String firstDifference(List<String> expected, List<String> found) {
        for (int i = 0; i < expected.size(); i++) {
            if (!expected.get(i).equals(found.get(i))) {
                return expected.get(i) + " is " + found.get(i);
            }
        }
        return "";
    }

    private String text(int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ('0' + random.nextInt(64));
        }
        return new String(text, StandardCharsets.US_ASCII);
    }
}
