package dev.millrace.storage.log;

import dev.millrace.storage.batch.LargeArrays;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import java.io.IOException;

/**
 * Takes one excerpt after the other and checks each against the one before: sequence, part, chain, CRC. Says what is wrong in words rather
 * than throwing, since what it means depends on who asks. Confined to one thread.
 */
final class ExcerptReader {
    private final Envelope envelope = new Envelope();
    private byte[] payload = new byte[64 << 10];
    private long lastIndex;
    private int lastCrc;
    private int nextPart;
    private int parts;
    private long batchAt;

    /** What comes next is a batch's first part, that follows {@code index} and an excerpt with {@code crc}. */
    void start(long index, int crc) {
        lastIndex = index;
        lastCrc = crc;
        nextPart = 0;
    }

    /** The envelope of the excerpt last looked at. */
    Envelope envelope() {
        return envelope;
    }

    /** Its payload, {@link Envelope#payloadLength()} bytes; only when it was verified. */
    byte[] payload() {
        return payload;
    }

    /** Lets go of the payload: what comes next is hardly as large. */
    void forget() {
        payload = new byte[64 << 10];
    }

    /** Where the current batch's first excerpt begins. */
    long batchAt() {
        return batchAt;
    }

    boolean withinBatch() {
        return nextPart != 0;
    }

    /** Looks at the cursor's excerpt without taking it; false when it can't be one of ours. */
    boolean peek(ExcerptCursor cursor) throws IOException {
        if (cursor.length() < Envelope.BYTES) {
            return false;
        }
        cursor.read(0, envelope.bytes, 0, Envelope.BYTES);
        return envelope.problem(cursor.length()) == null;
    }

    /** Takes the cursor's excerpt; what is wrong with it, null when nothing is. */
    String take(ExcerptCursor cursor, boolean verify) throws IOException {
        if (cursor.length() < Envelope.BYTES) {
            return "an excerpt of " + cursor.length() + " bytes is none of ours";
        }
        cursor.read(0, envelope.bytes, 0, Envelope.BYTES);
        String wrong = envelope.problem(cursor.length());
        if (wrong != null) {
            return wrong;
        }
        if (envelope.index() != lastIndex + 1
                || envelope.part() != nextPart
                || nextPart > 0 && envelope.parts() != parts) {
            return "part " + envelope.part() + " of batch " + envelope.index() + " stands where part " + nextPart
                    + " of batch " + (lastIndex + 1) + " belongs";
        }
        if (envelope.previousCrc() != lastCrc) {
            return "batch " + envelope.index() + " does not follow the one before it: the chain of CRCs is broken";
        }
        if (verify) {
            readPayload(cursor, cursor.wordAt() + 4);
            if (!envelope.intact()) {
                return "the CRC of batch " + envelope.index() + " is wrong";
            }
        }
        if (nextPart == 0) {
            batchAt = cursor.wordAt();
            parts = envelope.parts();
        }
        lastCrc = envelope.crc();
        if (envelope.lastPart()) {
            lastIndex = envelope.index();
            nextPart = 0;
        } else {
            nextPart++;
        }
        return null;
    }

    private void readPayload(ExcerptCursor cursor, long at) throws IOException {
        int length = envelope.payloadLength();
        if (payload.length < length) {
            payload = new byte[Math.max(length, Math.min(Envelope.MAX_PART_BYTES, 2 * payload.length))];
        }
        cursor.readAt(at + Envelope.BYTES, payload, 0, length);
        envelope.beginCrc();
        envelope.update(payload, 0, length);
    }

    /** Whether a whole, undamaged excerpt's payload begins at {@code at}, whatever stands before it. */
    boolean intactAt(ExcerptCursor cursor, long at) throws IOException {
        if (at < 4 || at + Envelope.BYTES > cursor.fileLength()) {
            return false;
        }
        cursor.readAt(at, envelope.bytes, 0, Envelope.BYTES);
        int length = envelope.payloadLength();
        if (length < 0
                || at + Envelope.BYTES + length > cursor.fileLength()
                || envelope.problem((long) Envelope.BYTES + length) != null) {
            return false;
        }
        readPayload(cursor, at);
        return envelope.intact();
    }

    /** Puts the parts' payloads together into a batch. */
    static final class Assembly {
        private byte[] delta = new byte[0];
        private byte[] body = new byte[0];
        private int filled;

        void begin(Envelope envelope) {
            begin(envelope, false);
        }

        /** @param patient whether to wait for room (see {@link LargeArrays}) */
        void begin(Envelope envelope, boolean patient) {
            body = new byte[0]; // of a batch that was not finished
            delta = new byte[envelope.deltaLength()];
            body = patient ? LargeArrays.allocate(envelope.bodyLength()) : new byte[envelope.bodyLength()];
            filled = 0;
        }

        void add(byte[] payload, int length) {
            int toDelta = Math.max(0, Math.min(length, delta.length - filled));
            System.arraycopy(payload, 0, delta, delta.length - Math.max(0, delta.length - filled), toDelta);
            System.arraycopy(payload, toDelta, body, Math.max(0, filled - delta.length), length - toDelta);
            filled += length;
        }

        StoredBatch finish(Envelope envelope) {
            StoredBatch batch = new StoredBatch(envelope.index(), envelope.header(OffsetDelta.decode(delta)), body);
            delta = new byte[0];
            body = new byte[0];
            return batch;
        }
    }
}
