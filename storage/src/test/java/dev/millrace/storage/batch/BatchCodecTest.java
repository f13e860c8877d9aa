package dev.millrace.storage.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BatchCodecTest {
    private static final Schema FILM = new Schema(
            new TableName("public", "film"),
            3,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1),
                    new Column("title", DataType.of(Type.STRING), true, 0, "text", 2)));

    private record Written(
            Operation operation,
            Schema schema,
            long transaction,
            String position,
            long ordinal,
            Object[] row,
            Object[] before) {}

    @Test
    void everyRowComesBackAsItWasWritten() {
        long seed = Long.getLong("seed", System.nanoTime());
        BatchWriter writer = new BatchWriter();
        BatchReader reader = new BatchReader();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            List<Written> written = new ArrayList<>();
            EncodedBatch batch = randomBatch(random, writer, written);
            reader.open(batch.stored(round + 1L));
            for (Written row : written) {
                assertTrue(reader.next(), "seed " + seed);
                assertRow(row, reader, "seed " + seed + " round " + round);
            }
            assertFalse(reader.next(), "seed " + seed);
            assertFalse(reader.next(), "seed " + seed);
        }
    }

    @Test
    void rowsCopiedInRunsOfColumnsAreTheSameRows() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        BatchWriter copies = new BatchWriter();
        BatchReader reader = new BatchReader();
        BatchReader again = new BatchReader();
        for (int round = 0; round < 100; round++) {
            List<Written> written = new ArrayList<>();
            reader.open(randomBatch(random, new BatchWriter(), written).stored(1));
            copies.beginTransaction(1, 1, "c", 0);
            while (reader.next()) {
                if (reader.operation().hasCells()) {
                    copies.beginRow(Operation.INSERT, copies.schema(reader.schema()));
                    copyInRuns(reader.values(), copies, random);
                    copies.endRow();
                }
            }
            again.open(copies.finish(1, false, true, OffsetDelta.NONE).stored(1));
            written.removeIf(row -> row.row == null);
            for (Written row : written) {
                assertTrue(again.next(), "seed " + seed);
                assertTrue(RandomRows.same(row.row, RandomRows.read(again.values())), "seed " + seed);
            }
            assertFalse(again.next(), "seed " + seed);
        }
    }

    private static void copyInRuns(Cells cells, BatchWriter to, SplittableRandom random) {
        int columns = cells.schema().columns().size();
        int next = 0;
        while (next < columns) {
            int run = 1 + random.nextInt(columns - next);
            to.putCopies(cells, next, run);
            next += run;
        }
    }

    private static void assertRow(Written row, BatchReader reader, String message) {
        assertEquals(row.operation, reader.operation(), message);
        assertEquals(row.schema, reader.schema(), message);
        assertEquals(row.schema, reader.schemaAt(reader.schemaNumber()), message);
        assertEquals(row.transaction, reader.transactionId(), message);
        assertEquals(row.transaction * 1000, reader.modifiedAtMicros(), message);
        assertEquals(row.position, reader.position(), message);
        assertEquals(row.ordinal, reader.ordinal(), message);
        assertEquals(row.before != null, reader.hasBefore(), message);
        if (row.row == null) {
            return;
        }
        assertTrue(RandomRows.same(row.row, RandomRows.read(reader.values())), message);
        assertEquals(
                Arrays.asList(row.row).contains(RandomRows.Mark.UNCHANGED),
                reader.values().anyUnchanged(),
                message);
        Cells again = new Cells();
        again.moveTo(reader.schema(), reader.buffer(), reader.valuesOffset(), reader.valuesLength());
        assertTrue(RandomRows.same(row.row, RandomRows.read(again)), message);
        if (row.before != null) {
            assertTrue(RandomRows.same(row.before, RandomRows.read(reader.before())), message);
            again.moveTo(reader.schema(), reader.buffer(), reader.beforeOffset(), reader.beforeLength());
            assertTrue(RandomRows.same(row.before, RandomRows.read(again)), message);
        }
    }

    private static EncodedBatch randomBatch(SplittableRandom random, BatchWriter writer, List<Written> written) {
        RandomRows rows = new RandomRows(random);
        List<Schema> schemas = new ArrayList<>(List.of(RandomRows.everyType(1)));
        for (int i = 0; i < random.nextInt(4); i++) {
            schemas.add(rows.schema(i));
        }
        long transaction = 0;
        long ordinal = 0;
        int count = 1 + random.nextInt(60);
        for (int i = 0; i < count; i++) {
            if (i == 0 || random.nextInt(5) == 0) {
                transaction = random.nextInt(1000);
                ordinal = random.nextInt(100);
                writer.beginTransaction(transaction, transaction * 1000, "0/" + transaction, ordinal);
            }
            Schema schema = schemas.get(random.nextInt(schemas.size()));
            int number = writer.schema(schema);
            Operation operation = Operation.of(random.nextInt(Operation.values().length));
            if (!operation.hasCells()) {
                writer.control(operation, number);
                written.add(new Written(operation, schema, transaction, "0/" + transaction, ordinal++, null, null));
                continue;
            }
            Object[] row = rows.row(schema);
            Object[] before = random.nextInt(3) == 0 ? rows.row(schema) : null;
            writer.beginRow(operation, number);
            RandomRows.write(writer, schema, row);
            if (before != null) {
                writer.beginBefore();
                RandomRows.write(writer, schema, before);
            }
            if (random.nextInt(10) == 0) {
                writer.abandonRow();
            } else {
                writer.endRow();
                written.add(new Written(operation, schema, transaction, "0/" + transaction, ordinal++, row, before));
            }
        }
        assertEquals(written.size(), writer.eventCount());
        return writer.finish(1, false, true, OffsetDelta.NONE);
    }

    @Test
    void mutatedBatchesAreReadOrRefusedButNeverCrashOrHang() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        BatchWriter writer = new BatchWriter();
        BatchReader reader = new BatchReader();
        int refused = 0;
        for (int round = 0; round < 200; round++) {
            EncodedBatch batch = randomBatch(random, writer, new ArrayList<>());
            StoredBatch raw = uncompressed(batch);
            for (int mutation = 0; mutation < 40; mutation++) {
                StoredBatch stored = mutation % 2 == 0 ? raw : batch.stored(1);
                StoredBatch damaged = new StoredBatch(1, stored.header(), mutate(random, stored.body()));
                try {
                    readEverything(reader, damaged);
                } catch (MillraceException e) {
                    assertEquals("BATCH_MALFORMED", e.code(), () -> "seed " + seed);
                    refused++;
                }
            }
        }
        assertTrue(refused > 1000, "only " + refused + " refused, seed " + seed);
    }

    private static StoredBatch uncompressed(EncodedBatch batch) {
        byte[] decoded = BodyCodec.decode(batch.stored(1).body(), batch.header().rawLength());
        int begin = BodyCodec.rawBegin(batch.body());
        byte[] raw = new byte[decoded.length - begin + 1];
        System.arraycopy(decoded, begin, raw, 1, raw.length - 1);
        return new StoredBatch(1, batch.header(), raw);
    }

    private static byte[] mutate(SplittableRandom random, byte[] body) {
        byte[] copy = body.clone();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            int near = random.nextBoolean() ? copy.length : Math.min(copy.length, 200);
            int at = random.nextBoolean() ? random.nextInt(near) : copy.length - 1 - random.nextInt(near);
            copy[at] = random.nextInt(3) == 0 ? (byte) 0xff : (byte) random.nextInt();
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(copy, random.nextInt(copy.length)) : copy;
    }

    private static void readEverything(BatchReader reader, StoredBatch batch) {
        reader.open(batch);
        while (reader.next()) {
            String about = reader.position() + reader.schema() + reader.ordinal() + reader.transactionId();
            assertFalse(about.isEmpty());
            if (!reader.operation().hasCells()) {
                continue;
            }
            Cells cells = reader.values();
            for (int i = 0; i < cells.schema().columns().size(); i++) {
                int at = cells.encodedOffset(i);
                assertTrue(at >= 0 && at + cells.encodedLength(i) <= reader.buffer().length);
                touch(cells, i);
            }
        }
    }

    /** The text checks of {@link RandomRows#read} do not hold for bytes that are no UTF-8 any more; a huge decimal's digits are not printed. */
    private static void touch(Cells cells, int column) {
        if (cells.isNull(column) || cells.isUnchanged(column) || cells.specialAt(column) != null) {
            return;
        }
        switch (cells.schema().columns().get(column).type()) {
            case BOOLEAN, BYTE, SHORT, INTEGER, LONG, DATE, TIME -> cells.longAt(column);
            case FLOAT, DOUBLE -> cells.doubleAt(column);
            case DECIMAL -> assertTrue(cells.decimalAt(column).precision() > 0);
            case DATETIME -> cells.nanoAt(column);
            case ZONED_DATETIME -> cells.offsetSecondsAt(column);
            default -> assertTrue(cells.stringAt(column).length() <= cells.bytesLength(column));
        }
    }

    @Test
    void aTextOfAHundredMegabytesPasses() {
        byte[] text = new byte[100 << 20];
        Arrays.fill(text, (byte) 'm');
        text[text.length - 1] = 'z';
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, Long.MIN_VALUE, "0/1", 0);
        writer.beginRow(Operation.READ, writer.schema(FILM));
        writer.putLong(1);
        writer.putBytes(text, 0, text.length);
        writer.endRow();
        BatchReader reader = new BatchReader();
        reader.open(writer.finish(1, true, false, OffsetDelta.NONE).stored(1));
        assertTrue(reader.next());
        assertEquals(text.length, reader.values().bytesLength(1));
        int from = reader.values().bytesOffset(1);
        assertTrue(Arrays.equals(text, 0, text.length, reader.buffer(), from, from + text.length));
    }

    @Test
    void aDecimalKeepsItsScaleAndEqualOnesHaveEqualBytes() {
        Schema schema = new Schema(
                new TableName("", "d"), 1, List.of(new Column("d", DataType.of(Type.DECIMAL), false, 1, "numeric", 1)));
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, 0, "p", 0);
        BigDecimal[] values = {
            new BigDecimal("1.50"),
            new BigDecimal("1.5"),
            new BigDecimal("1.50"),
            new BigDecimal(Long.MIN_VALUE),
            new BigDecimal(Long.MAX_VALUE),
            new BigDecimal("9223372036854775808"),
            new BigDecimal("-1e-16383"),
            new BigDecimal("1e131071")
        };
        for (BigDecimal value : values) {
            writer.beginRow(Operation.INSERT, writer.schema(schema));
            writer.putDecimal(value);
            writer.endRow();
        }
        BatchReader reader = new BatchReader();
        reader.open(writer.finish(1, false, true, OffsetDelta.NONE).stored(1));
        List<byte[]> encodings = new ArrayList<>();
        for (BigDecimal value : values) {
            assertTrue(reader.next());
            Cells cells = reader.values();
            assertEquals(value, cells.decimalAt(0));
            assertEquals(value.unscaledValue().bitLength() < 64, cells.isSmallDecimal(0));
            int from = cells.encodedOffset(0);
            encodings.add(Arrays.copyOfRange(cells.buffer(), from, from + cells.encodedLength(0)));
        }
        assertArrayEquals(encodings.get(0), encodings.get(2));
        assertFalse(Arrays.equals(encodings.get(0), encodings.get(1)));
    }

    @Test
    void aTransactionGoesOnInTheNextBatch() {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(7, 8, "0/16", 5);
        film(writer, 1, "one");
        EncodedBatch first = writer.finish(1, false, false, OffsetDelta.NONE);
        film(writer, 2, "two");
        EncodedBatch second = writer.finish(2, false, true, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(first.stored(1));
        assertTrue(reader.next());
        assertEquals(5, reader.ordinal());
        reader.open(second.stored(2));
        assertTrue(reader.next());
        assertEquals("0/16", reader.position());
        assertEquals(6, reader.ordinal());
    }

    private static void film(BatchWriter writer, long id, String title) {
        writer.beginRow(Operation.INSERT, writer.schema(FILM));
        writer.putLong(id);
        writer.putString(title);
        writer.endRow();
    }

    @Test
    void whatCameOfABatchOutlivesTheNextOne() {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, 0, "p", 0);
        film(writer, 1, "one");
        EncodedBatch first = writer.finish(1, false, true, OffsetDelta.NONE);
        film(writer, 2, "two");
        EncodedBatch second = writer.finish(1, false, true, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(first.stored(1));
        assertTrue(reader.next());
        Cells kept = reader.values();
        Schema schema = reader.schema();
        reader.open(second.stored(2));
        assertTrue(reader.next());
        assertEquals("one", kept.stringAt(1));
        assertEquals("two", reader.values().stringAt(1));
        assertNotSame(kept, reader.values());
        assertSame(schema, reader.schema());
    }

    @Test
    void aBatchWithoutRowsCarriesOnlyItsOffset() {
        EncodedBatch batch = new BatchWriter().finish(1, false, true, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(batch.stored(1));
        assertFalse(reader.next());
        assertEquals(0, reader.schemaCount());
    }

    @Test
    void misuseIsRefused() {
        BatchWriter writer = new BatchWriter();
        int film = writer.schema(FILM);
        assertThrows(IllegalStateException.class, () -> writer.beginRow(Operation.INSERT, film));
        writer.beginTransaction(0, 0, "p", 0);
        assertThrows(IllegalStateException.class, () -> writer.beginRow(Operation.TRUNCATE, film));
        assertThrows(IllegalStateException.class, writer::putNull);
        writer.beginRow(Operation.INSERT, film);
        assertThrows(IllegalStateException.class, () -> writer.putString("not a number"));
        writer.abandonRow();
        writer.beginRow(Operation.INSERT, film);
        writer.putLong(1);
        assertThrows(IllegalStateException.class, writer::endRow);
        writer.putNull();
        assertThrows(IllegalStateException.class, writer::putNull);
        writer.endRow();
        Schema other = new Schema(FILM.table(), FILM.version(), FILM.columns().subList(0, 1));
        assertNotEquals(film, writer.schema(other), "a transformation may have made several shapes of one version");
        Schema equal = new Schema(FILM.table(), FILM.version(), FILM.columns());
        assertEquals(film, writer.schema(equal));
    }

    @Test
    void aCellThatIsNotThereIsNeverRead() {
        BatchWriter writer = new BatchWriter();
        writer.beginTransaction(0, 0, "p", 0);
        writer.beginRow(Operation.UPDATE, writer.schema(FILM));
        writer.putNull();
        writer.putUnchanged();
        writer.endRow();
        BatchReader reader = new BatchReader();
        reader.open(writer.finish(1, false, true, OffsetDelta.NONE).stored(1));
        assertTrue(reader.next());
        Cells cells = reader.values();
        assertThrows(IllegalStateException.class, () -> cells.longAt(0));
        assertThrows(IllegalStateException.class, () -> cells.stringAt(1));
        assertThrows(IndexOutOfBoundsException.class, () -> cells.isNull(2));
        assertEquals(0, cells.encodedLength(0));
    }
}
