package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.StoredBatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Excerpts written by released versions must be read for good; {@link #main} wrote the file. */
class GoldenExcerptTest {
    @Test
    void aVersionOneExcerptIsStillRead() throws IOException {
        byte[] excerpt;
        try (InputStream in = GoldenExcerptTest.class.getResourceAsStream("/golden/excerpt-v1.bin")) {
            assertNotNull(in);
            excerpt = in.readAllBytes();
        }
        Envelope envelope = new Envelope();
        System.arraycopy(excerpt, 0, envelope.bytes, 0, Envelope.BYTES);
        byte[] payload = Arrays.copyOfRange(excerpt, Envelope.BYTES, excerpt.length);
        assertNull(envelope.problem(excerpt.length));
        envelope.beginCrc();
        envelope.update(payload, 0, payload.length);
        assertTrue(envelope.intact());
        assertEquals(0x12345678, envelope.previousCrc());
        assertEquals(41, envelope.durableIndex());
        ExcerptReader.Assembly assembly = new ExcerptReader.Assembly();
        assembly.begin(envelope);
        assembly.add(payload, payload.length);
        StoredBatch batch = assembly.finish(envelope);
        assertEquals(42, batch.logIndex());
        assertEquals(1_795_000_000_000L, batch.header().createdAtMillis());
        assertEquals(42, TestBatches.number(batch));
    }

    /** Writes {@code excerpt-v1.bin} into the folder given. */
    public static void main(String[] args) throws IOException {
        EncodedBatch batch = TestBatches.batch(42, 300, 1_795_000_000_000L);
        byte[] delta = batch.header().offsetDelta().encode();
        byte[] payload = Arrays.copyOf(delta, delta.length + batch.bodyLength());
        System.arraycopy(batch.body(), 0, payload, delta.length, batch.bodyLength());
        Envelope envelope = new Envelope();
        envelope.fill(batch.header(), 42, 41, delta.length, batch.bodyLength());
        envelope.beginPart(0, payload.length, 0x12345678);
        envelope.update(payload, 0, payload.length);
        envelope.seal();
        byte[] excerpt = Arrays.copyOf(envelope.bytes, Envelope.BYTES + payload.length);
        System.arraycopy(payload, 0, excerpt, Envelope.BYTES, payload.length);
        Files.write(Path.of(args[0], "excerpt-v1.bin"), excerpt);
    }
}
