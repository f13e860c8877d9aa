package dev.millrace.storage.log;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchFuzz;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Mutator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Damaged excerpts of the log. Those with the checksum they had must be found out, all of them; those whose checksum was made right again
 * are decoded to the last cell. Inputs are the excerpt, and one byte: 1 where the checksum was made right.
 */
public final class ExcerptFuzz implements FuzzTarget {
    private final List<byte[]> excerpts;
    private final Set<String> originals = new HashSet<>();

    /** At least one batch, each small enough for one excerpt. */
    public ExcerptFuzz(List<StoredBatch> batches) {
        this.excerpts = batches.stream().map(ExcerptFuzz::excerpt).toList();
        excerpts.forEach(excerpt -> originals.add(text(excerpt)));
    }

    @Override
    public String name() {
        return "log excerpts";
    }

    @Override
    public byte[][] input(SplittableRandom random) {
        byte[] excerpt = Mutator.mutate(excerpts, random);
        boolean mended = random.nextBoolean() && excerpt.length >= Envelope.BYTES;
        if (mended) {
            CRC32C crc = new CRC32C();
            crc.update(excerpt, 0, 64);
            crc.update(excerpt, Envelope.BYTES, excerpt.length - Envelope.BYTES);
            for (int i = 0; i < 4; i++) {
                excerpt[64 + i] = (byte) (crc.getValue() >>> 8 * i);
            }
        }
        return new byte[][] {excerpt, {(byte) (mended ? 1 : 0)}};
    }

    @Override
    public void decode(byte[][] input) {
        byte[] excerpt = input[0];
        if (excerpt.length < Envelope.BYTES) {
            throw refused("too short");
        }
        Envelope envelope = new Envelope();
        System.arraycopy(excerpt, 0, envelope.bytes, 0, Envelope.BYTES);
        String wrong = envelope.problem(excerpt.length);
        if (wrong != null) {
            throw refused(wrong);
        }
        byte[] payload = Arrays.copyOfRange(excerpt, Envelope.BYTES, Envelope.BYTES + envelope.payloadLength());
        envelope.beginCrc();
        envelope.update(payload, 0, payload.length);
        if (!envelope.intact()) {
            throw refused("the CRC is wrong");
        }
        byte[] whole = Arrays.copyOf(excerpt, Envelope.BYTES + payload.length);
        if (input[1][0] == 0 && !originals.contains(text(whole))) {
            throw new AssertionError("a damaged excerpt passes for whole");
        }
        if (envelope.parts() == 1) {
            ExcerptReader.Assembly assembly = new ExcerptReader.Assembly();
            assembly.begin(envelope);
            assembly.add(payload, payload.length);
            BatchFuzz.walk(assembly.finish(envelope));
        }
    }

    /** A body may say that it holds 255 times its bytes. */
    @Override
    public long allowance(byte[][] input) {
        return (4L << 20) + 64 * 255L * input[0].length;
    }

    @Override
    public boolean expects(MillraceException refusal) {
        return refusal.code().equals("BATCH_MALFORMED");
    }

    private static MillraceException refused(String why) {
        return MillraceException.resource("BATCH_MALFORMED", "An excerpt is not taken", why, "", null);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] excerpt(StoredBatch batch) {
        byte[] delta = batch.header().offsetDelta().encode();
        byte[] payload = Arrays.copyOf(delta, delta.length + batch.body().length);
        System.arraycopy(batch.body(), 0, payload, delta.length, batch.body().length);
        Envelope envelope = new Envelope();
        envelope.fill(batch.header(), batch.logIndex(), batch.logIndex() - 1, delta.length, batch.body().length);
        envelope.beginPart(0, payload.length, (int) batch.logIndex() * 31);
        envelope.update(payload, 0, payload.length);
        envelope.seal();
        byte[] excerpt = Arrays.copyOf(envelope.bytes, Envelope.BYTES + payload.length);
        System.arraycopy(payload, 0, excerpt, Envelope.BYTES, payload.length);
        return excerpt;
    }
}
