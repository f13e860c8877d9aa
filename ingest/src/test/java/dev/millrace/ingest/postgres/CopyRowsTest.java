package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CopyRowsTest {
    private static final Schema SCHEMA = new Schema(
            new TableName("public", "t"),
            1,
            List.of(
                    new Column("id", DataType.of(Type.LONG), false, 1, "bigint", 1),
                    new Column("name", DataType.of(Type.STRING), true, 0, "text", 2),
                    new Column("price", DataType.of(Type.DECIMAL), true, 0, "numeric", 3),
                    new Column("at", DataType.of(Type.ZONED_DATETIME), true, 0, "timestamp with time zone", 4)));
    private static final CellDecoder[] DECODERS = {
        BinaryDecoders::int8, TextDecoders::bytes, BinaryDecoders::numeric, BinaryDecoders::timestamptz
    };

    @Test
    void rowsAreTheSameHoweverTheirBytesAreSplitOverMessages() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            int count = random.nextInt(20);
            byte[] copy = copy(random, count);
            List<List<String>> expected = read(List.of(copy));
            assertEquals(count, expected.size(), "seed " + seed);
            List<byte[]> messages = new ArrayList<>();
            for (int from = 0; from < copy.length; ) {
                int to = Math.min(copy.length, from + 1 + random.nextInt(round % 2 == 0 ? 5 : 60));
                messages.add(Arrays.copyOfRange(copy, from, to));
                from = to;
            }
            assertEquals(expected, read(messages), "seed " + seed + " round " + round);
        }
    }

    @Test
    void damagedBytesAreRefusedOrReadAsOtherValuesButNothingElseHappens() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] copy = copy(random, 3);
            int changes = 1 + random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
            }
            byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(copy, random.nextInt(copy.length)) : copy;
            try {
                read(List.of(damaged));
            } catch (MillraceException e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
        }
        assertEquals(true, refused > 5_000, "only " + refused + " of 20000 were refused");
    }

    @Test
    void theBatchIsCutBetweenRowsAndTheRowsGoOnInTheNext() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] copy = copy(random, 500);
        BatchWriter out = new BatchWriter();
        out.beginTransaction(0, 0, "x", 0);
        List<List<String>> rows = new ArrayList<>();
        int[] cuts = new int[1];
        CopyRows reader = new CopyRows(DECODERS, SCHEMA, out, 1000, () -> {
            cuts[0]++;
            rows.addAll(Reading.rows(out));
        });
        reader.accept(copy);
        reader.finish();
        rows.addAll(Reading.rows(out));
        assertEquals(read(List.of(copy)), rows);
        assertEquals(true, cuts[0] > 10, "cut " + cuts[0] + " times");
    }

    @Test
    void anEndInTheMiddleIsAnError() {
        byte[] copy = copy(new SplittableRandom(1), 2);
        byte[] withoutEnd = Arrays.copyOf(copy, copy.length - 2);
        MillraceException failure = assertThrows(MillraceException.class, () -> read(List.of(withoutEnd)));
        assertEquals("COPY_MALFORMED", failure.code());
    }

    private static List<List<String>> read(List<byte[]> messages) {
        BatchWriter out = new BatchWriter();
        out.beginTransaction(0, 0, "x", 0);
        CopyRows reader = new CopyRows(DECODERS, SCHEMA, out, Integer.MAX_VALUE, () -> {});
        messages.forEach(reader::accept);
        reader.finish();
        return Reading.rows(out);
    }

    private static byte[] copy(SplittableRandom random, int rows) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write("PGCOPY\n".getBytes(StandardCharsets.ISO_8859_1));
            out.write(new byte[] {(byte) 0xff, '\r', '\n', 0});
            out.writeInt(0);
            out.writeInt(3);
            out.write(new byte[3]);
            for (int i = 0; i < rows; i++) {
                out.writeShort(4);
                out.writeInt(8);
                out.writeLong(random.nextLong());
                byte[] text = new byte[random.nextInt(40)];
                Arrays.fill(text, (byte) ('a' + random.nextInt(26)));
                out.writeInt(text.length);
                out.write(text);
                numeric(out, random);
                if (random.nextInt(3) == 0) {
                    out.writeInt(-1);
                } else {
                    out.writeInt(8);
                    out.writeLong(random.nextLong(1L << 50));
                }
            }
            out.writeShort(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void numeric(DataOutputStream out, SplittableRandom random) throws IOException {
        int digits = random.nextInt(8);
        out.writeInt(8 + 2 * digits);
        out.writeShort(digits);
        out.writeShort(random.nextInt(-3, 8));
        out.writeShort(random.nextBoolean() ? 0 : 0x4000);
        out.writeShort(random.nextInt(12));
        for (int i = 0; i < digits; i++) {
            out.writeShort(random.nextInt(1, 10_000));
        }
    }
}
