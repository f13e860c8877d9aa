package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchFuzz;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damaged binary COPY data, in messages as they came or cut anywhere; the first of an input's is one byte, which table it is of. Whatever was
 * refused, the batch stays whole and readable.
 */
final class CopyFuzz implements FuzzTarget {
    /** What the server sent of one table. */
    record Copy(Schema schema, CellDecoder[] decoders, List<byte[]> messages) {
        /** Rows read. */
        long read(List<byte[]> sent, BatchWriter out) {
            out.beginTransaction(0, Long.MIN_VALUE, "copy", 0);
            CopyRows rows = new CopyRows(decoders, schema, out, Integer.MAX_VALUE, () -> {});
            sent.forEach(rows::accept);
            rows.finish();
            return rows.rows();
        }
    }

    private final List<Copy> copies;

    CopyFuzz(List<Copy> copies) {
        this.copies = List.copyOf(copies);
    }

    @Override
    public String name() {
        return "binary COPY";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        int table = random.nextInt(copies.size());
        List<byte[]> messages = copies.get(table).messages();
        byte[][] input = new byte[messages.size() + 1][];
        input[0] = new byte[] {(byte) table};
        int damaged = random.nextInt(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            input[i + 1] = i == damaged ? Mutator.mutate(messages, random) : messages.get(i);
        }
        if (random.nextInt(4) == 0) {
            int cut = 1 + random.nextInt(messages.size());
            byte[] whole = input[cut];
            int at = random.nextInt(whole.length + 1);
            input = Arrays.copyOf(input, input.length + 1);
            System.arraycopy(input, cut, input, cut + 1, input.length - cut - 1);
            input[cut] = Arrays.copyOf(whole, at);
            input[cut + 1] = Arrays.copyOfRange(whole, at, whole.length);
        }
        return input;
    }

    @Override
    public void decode(byte[][] input) {
        BatchWriter out = new BatchWriter();
        try {
            long rows = copies.get(input[0][0]).read(Arrays.asList(input).subList(1, input.length), out);
            if (rows != out.eventCount()) {
                throw new AssertionError("told of " + rows + " rows, wrote " + out.eventCount());
            }
        } finally {
            BatchFuzz.walk(out.finish(0, true, true, OffsetDelta.NONE).stored(1));
        }
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return List.of("COPY_MALFORMED", "SOURCE_VALUE_MALFORMED").contains(refusal.code());
    }
}
