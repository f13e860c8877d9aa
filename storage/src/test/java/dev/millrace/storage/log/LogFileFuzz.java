package dev.millrace.storage.log;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damaged queue files, walked as at a start: whatever is taken of one is what was written, in its order and without a gap. */
public final class LogFileFuzz implements FuzzTarget {
    private static final int BATCHES = 12;

    private final Path file;
    private final List<byte[]> files = new ArrayList<>();
    private final List<byte[]> payloads = new ArrayList<>();

    /** @param folder where the damaged file is written, over and over */
    public LogFileFuzz(Path folder) {
        this.file = folder.resolve("damaged.cq4");
        ByteBuffer whole = ByteBuffer.allocate(64 << 10).order(ByteOrder.LITTLE_ENDIAN);
        int previous = 0;
        Envelope envelope = new Envelope();
        for (int index = 1; index <= BATCHES; index++) {
            EncodedBatch batch = TestBatches.batch(index, 16 * index, index);
            byte[] delta = batch.header().offsetDelta().encode();
            byte[] payload = Arrays.copyOf(delta, delta.length + batch.bodyLength());
            System.arraycopy(batch.body(), 0, payload, delta.length, batch.bodyLength());
            envelope.fill(batch.header(), index, index - 1L, delta.length, batch.bodyLength());
            envelope.beginPart(0, payload.length, previous);
            envelope.update(payload, 0, payload.length);
            previous = envelope.seal();
            whole.putInt(Envelope.BYTES + payload.length)
                    .put(envelope.bytes)
                    .put(payload)
                    .position(whole.position() + 3 & ~3);
            payloads.add(payload);
        }
        files.add(Arrays.copyOf(whole.array(), whole.position() + 64));
    }

    @Override
    public String name() {
        return "log files";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        return new byte[][] {Mutator.mutate(files, random)};
    }

    @Override
    public void decode(byte[][] input) {
        try {
            Files.write(file, input[0]);
            try (ExcerptCursor cursor = new ExcerptCursor(file)) {
                walk(cursor);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void walk(ExcerptCursor cursor) throws IOException {
        ExcerptReader reader = new ExcerptReader();
        reader.start(0, 0);
        int taken = 0;
        ExcerptCursor.Step step = cursor.next();
        while (step == ExcerptCursor.Step.EXCERPT) {
            String wrong = reader.take(cursor, true);
            if (wrong != null) {
                throw refused(wrong);
            }
            byte[] written = payloads.get(taken);
            int length = reader.envelope().payloadLength();
            if (reader.envelope().index() != ++taken
                    || !Arrays.equals(written, 0, written.length, reader.payload(), 0, length)) {
                throw new AssertionError("batch " + taken + " is not what was written");
            }
            step = cursor.next();
        }
        if (step != ExcerptCursor.Step.END) {
            throw refused(step.toString());
        }
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return refusal.code().equals("LOG_DAMAGED");
    }

    private static MillraceException refused(String why) {
        return MillraceException.resource("LOG_DAMAGED", "A file is taken up to here", why, "", null);
    }
}
