package dev.millrace.storage.batch;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Damaged batches, as the decoder would see them if their checksum had been made right again: bodies as they are stored, bodies whose bytes
 * were damaged before they were compressed, and offset deltas. Inputs are 8 bytes (events and raw length as the header tells them), the
 * body, and the delta.
 */
public final class BatchFuzz implements FuzzTarget {
    private final List<StoredBatch> batches;
    private final List<byte[]> bodies;
    private final List<byte[]> raw;
    private final List<byte[]> deltas;
    private final BodyCodec codec = new BodyCodec();

    /** At least one batch. */
    public BatchFuzz(List<StoredBatch> batches) {
        this.batches = List.copyOf(batches);
        this.bodies = batches.stream().map(StoredBatch::body).toList();
        this.raw = batches.stream().map(BatchFuzz::rawBody).toList();
        this.deltas = batches.stream()
                .map(batch -> batch.header().offsetDelta().encode())
                .toList();
    }

    /** Batches of every type of cell and every operation, with a liking for unusual values. */
    public static List<StoredBatch> samples(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RandomRows rows = new RandomRows(random);
        List<StoredBatch> batches = new ArrayList<>();
        BatchWriter writer = new BatchWriter();
        for (int i = 0; i < 24; i++) {
            Schema schema = i % 3 == 0 ? RandomRows.everyType(i + 1) : rows.schema(i);
            writer.beginTransaction(700 + i, i * 1_000L, "0/" + i, i);
            int number = writer.schema(schema);
            for (int row = random.nextInt(4); row >= 0; row--) {
                Operation operation = Operation.of(random.nextInt(4));
                writer.beginRow(operation, number);
                RandomRows.write(writer, schema, rows.row(schema));
                if (operation == Operation.UPDATE) {
                    writer.beginBefore();
                    RandomRows.write(writer, schema, rows.row(schema));
                }
                writer.endRow();
            }
            writer.control(Operation.TRUNCATE, number);
            OffsetDelta delta = new OffsetDelta(
                    Map.of("stream", Optional.of(new byte[] {1, 2, (byte) i}), "load/public.t", Optional.empty()));
            batches.add(writer.finish(i, false, true, delta).stored(i + 1L));
        }
        return batches;
    }

    @Override
    public String name() {
        return "batch codec";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        int chosen = random.nextInt(batches.size());
        BatchHeader header = batches.get(chosen).header();
        byte[] body = bodies.get(chosen);
        byte[] delta = deltas.get(chosen);
        int length = header.rawLength();
        switch (random.nextInt(8)) {
            case 0, 1 -> body = Mutator.mutate(bodies, random);
            case 2 -> delta = Mutator.mutate(deltas, random);
            default -> {
                byte[] damaged = Mutator.mutate(raw, random);
                length = damaged.length;
                body = random.nextInt(8) == 0 ? codec.encode(damaged, length) : uncompressed(damaged);
            }
        }
        ByteBuffer counts = ByteBuffer.allocate(8).putInt(header.eventCount()).putInt(length);
        byte[] head = random.nextInt(16) == 0 ? Mutator.mutate(List.of(counts.array()), random) : counts.array();
        return new byte[][] {Arrays.copyOf(head, 8), body, delta};
    }

    @Override
    public void decode(byte[][] input) {
        ByteBuffer counts = ByteBuffer.wrap(input[0]);
        OffsetDelta delta = OffsetDelta.decode(input[2]);
        walk(new StoredBatch(1, new BatchHeader(0, counts.getInt(), false, true, counts.getInt(), delta), input[1]));
    }

    /** Every cell of every row, by the accessor of its type. */
    public static void walk(StoredBatch batch) {
        BatchReader reader = new BatchReader();
        reader.open(batch);
        long events = 0;
        while (reader.next()) {
            events++;
            reader.position();
            reader.schema().keyColumns();
            if (reader.operation().hasCells()) {
                read(reader.values());
                if (reader.hasBefore()) {
                    read(reader.before());
                }
            }
        }
        if (events != batch.header().eventCount()) {
            throw new AssertionError("read " + events + " of " + batch.header().eventCount());
        }
    }

    private static void read(Cells cells) {
        for (int column = 0; column < cells.schema().columns().size(); column++) {
            if (cells.isNull(column) || cells.isUnchanged(column) || cells.specialAt(column) != null) {
                continue;
            }
            switch (cells.schema().columns().get(column).type()) {
                case BOOLEAN -> cells.booleanAt(column);
                case BYTE, SHORT, INTEGER, LONG, DATE, TIME -> cells.longAt(column);
                case FLOAT, DOUBLE -> cells.doubleAt(column);
                case DECIMAL -> cells.decimalAt(column);
                case DATETIME -> {
                    cells.epochSecondAt(column);
                    cells.nanoAt(column);
                }
                case ZONED_DATETIME -> cells.offsetSecondsAt(column);
                case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF -> {
                    if (cells.bytesLength(column) < 0
                            || cells.bytesOffset(column) + cells.bytesLength(column) > cells.buffer().length) {
                        throw new AssertionError("a cell outside its buffer");
                    }
                }
            }
        }
    }

    /** What the raw body is said to take is taken at once, if the body could hold it. */
    @Override
    public long allowance(byte[][] input) {
        long said = Math.max(0, ByteBuffer.wrap(input[0]).getInt(4));
        return (4L << 20) + 64 * Math.max(Math.min(said, 255L * input[1].length), input[1].length + input[2].length);
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return refusal.code().equals("BATCH_MALFORMED");
    }

    private static byte[] rawBody(StoredBatch batch) {
        int begin = BodyCodec.rawBegin(batch.body());
        byte[] decoded = BodyCodec.decode(batch.body(), batch.header().rawLength());
        return Arrays.copyOfRange(decoded, begin, begin + batch.header().rawLength());
    }

    private static byte[] uncompressed(byte[] damaged) {
        byte[] body = new byte[damaged.length + 1];
        System.arraycopy(damaged, 0, body, 1, damaged.length);
        return body;
    }
}
