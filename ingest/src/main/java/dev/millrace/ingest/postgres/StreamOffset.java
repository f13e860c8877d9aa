package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * A place in a server's stream of changes, as it is stored.
 *
 * <pre>
 *  0  1  version, 1
 *  1  8  end: where the last transaction written whole ended (an LSN, as all that follow big-endian)
 *  9  8  commit LSN of a transaction written in part, 0 without one
 * 17  8  how many of its events were written or passed over
 * 25  4  timeline
 * 29  8  system identifier
 * 37     what the tables were like there ({@link TableMarks}), up to the end
 * </pre>
 *
 * <p>The server sends a transaction it was broken off in from its start, and always in the same order; so the number of events is all
 * there is to know of the part that was written.
 */
record StreamOffset(long end, long commit, long eventsWritten, int timeline, long systemId, byte[] marks) {
    private static final byte VERSION = 1;
    private static final int FIXED = 37;

    static StreamOffset at(long end, int timeline, long systemId, byte[] marks) {
        return new StreamOffset(end, 0, 0, timeline, systemId, marks);
    }

    byte[] encode() {
        return ByteBuffer.allocate(FIXED + marks.length)
                .put(VERSION)
                .putLong(end)
                .putLong(commit)
                .putLong(eventsWritten)
                .putInt(timeline)
                .putLong(systemId)
                .put(marks)
                .array();
    }

    /**
     * @throws MillraceException OFFSET_MALFORMED
     */
    static StreamOffset decode(byte[] bytes) {
        if (bytes.length < FIXED || bytes[0] != VERSION) {
            throw MillraceException.internal(
                    "OFFSET_MALFORMED",
                    "Cannot read a PostgreSQL offset",
                    "its " + bytes.length + " bytes are not of a known version",
                    null);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        return new StreamOffset(
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getInt(),
                in.getLong(),
                Arrays.copyOfRange(bytes, FIXED, bytes.length));
    }

    /** A position is an LSN of 8 bytes; an offset stands where its last whole transaction ended. */
    static long positionOf(byte[] offsetOrPosition) {
        return offsetOrPosition.length == Long.BYTES
                ? ByteBuffer.wrap(offsetOrPosition).getLong()
                : decode(offsetOrPosition).end;
    }

    static byte[] position(long lsn) {
        return ByteBuffer.allocate(Long.BYTES).putLong(lsn).array();
    }

    String describe() {
        return commit == 0
                ? Lsn.text(end)
                : Lsn.text(end) + " and " + eventsWritten + " events of the transaction at " + Lsn.text(commit);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StreamOffset that
                && end == that.end
                && commit == that.commit
                && eventsWritten == that.eventsWritten
                && timeline == that.timeline
                && systemId == that.systemId
                && Arrays.equals(marks, that.marks);
    }

    @Override
    public int hashCode() {
        return Objects.hash(end, commit, eventsWritten, timeline, systemId, Arrays.hashCode(marks));
    }
}
