package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;
import java.nio.ByteBuffer;

/**
 * Where a batch of the stream ends: with a transaction wherever that costs little. A window of the consumer can be cut only between batches
 * and where no transaction is open, so where batches ended anywhere, one of small transactions would nearly never find a place, and grow to
 * several times its limits.
 *
 * <p>A full batch takes the rest of its last transaction while that is no more than an eighth of its limits. A larger rest has a batch of its
 * own, whatever its size. So only a transaction of more than a batch is in more than two.
 */
final class BatchEnd {
    private static final int REST = 8;
    private static final int ALONE_BYTES = 8 << 20;

    private final ChangeDecoder decoder;
    private final BatchWriter out;
    private final int maxEvents;
    private final int maxBytes;
    private final boolean insideAtFirst;

    /** To be made before {@link ChangeDecoder#beginRead}. */
    BatchEnd(ChangeDecoder decoder, BatchWriter out, int maxEvents, int maxBytes) {
        this.decoder = decoder;
        this.out = out;
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
        this.insideAtFirst = decoder.partCommit() != 0;
    }

    boolean full() {
        return decoder.written() >= maxEvents || out.sizeBytes() >= maxBytes;
    }

    /** Whether a full batch takes {@code message}, which follows. */
    boolean takes(ByteBuffer message) {
        return decoder.written() < (long) maxEvents + maxEvents / REST
                        && out.sizeBytes() < (long) maxBytes + maxBytes / REST
                || ChangeDecoder.isCommit(
                        message.array(), message.arrayOffset() + message.position(), message.remaining());
    }

    /** Whether it is so large that it isn't kept in memory for the next message, which may be as large. */
    boolean alone() {
        return out.sizeBytes() >= ALONE_BYTES;
    }

    /** Whether the transaction that the batch before ended in has ended in this one, and nothing follows it yet. */
    boolean restTaken() {
        return insideAtFirst && !decoder.inTransaction() && decoder.partCommit() == 0;
    }

    /** Whether no transaction is open, and there is something to tell. */
    boolean paused() {
        return restTaken() || !decoder.inTransaction() && decoder.written() > 0;
    }
}
