package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.Snapshot;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A snapshot in the server's own terms: {@code pg_current_snapshot()} ({@code xmin:xmax:xip,…}, 64-bit transaction numbers, top-level
 * transactions only) and a log position read after it was taken. Stored in offsets:
 *
 * <pre>
 * 0   1  version, 1
 * 1   1  1 when the transactions under way are known, 0 on a standby
 * 2   8  log position
 * 10  8  xmin: all before it have ended
 * 18  8  xmax: this and all behind it had not begun
 * 26  4  number of transactions under way, then 8 each, ascending
 * </pre>
 *
 * All big-endian. Immutable.
 */
final class PostgresSnapshot implements Snapshot {
    private static final byte VERSION = 1;
    private static final int FIXED_BYTES = 30;

    private final boolean exact;
    private final long lsn;
    private final long xmin;
    private final long xmax;
    private final long[] running;

    private PostgresSnapshot(boolean exact, long lsn, long xmin, long xmax, long[] running) {
        this.exact = exact;
        this.lsn = lsn;
        this.xmin = xmin;
        this.xmax = xmax;
        this.running = running;
    }

    /**
     * @param snapshot as pg_current_snapshot() prints it
     * @param lsn as the server prints log positions
     * @param standby the server is in recovery: there the snapshot's list of transactions under way is always empty, so whatever lies
     *     between xmin and xmax is taken for not visible
     */
    static PostgresSnapshot parse(String snapshot, String lsn, boolean standby) {
        String[] parts = snapshot.split(":", -1);
        if (parts.length != 3) {
            throw MillraceException.internal(
                    "SNAPSHOT_MALFORMED", "Cannot read the server's snapshot", "'" + snapshot + "'", null);
        }
        long[] running = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(",", -1))
                        .mapToLong(Long::parseUnsignedLong)
                        .sorted()
                        .toArray();
        return new PostgresSnapshot(
                !standby,
                LogSequenceNumber.valueOf(lsn).asLong(),
                Long.parseUnsignedLong(parts[0]),
                Long.parseUnsignedLong(parts[1]),
                running);
    }

    /**
     * @throws MillraceException SNAPSHOT_MALFORMED
     */
    static PostgresSnapshot decode(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        if (encoded.length < FIXED_BYTES || in.get() != VERSION) {
            throw malformed(encoded);
        }
        boolean exact = in.get() != 0;
        long lsn = in.getLong();
        long xmin = in.getLong();
        long xmax = in.getLong();
        int count = in.getInt();
        if (count < 0 || in.remaining() != count * 8L) {
            throw malformed(encoded);
        }
        long[] running = new long[count];
        in.asLongBuffer().get(running);
        return new PostgresSnapshot(exact, lsn, xmin, xmax, running);
    }

    private static MillraceException malformed(byte[] encoded) {
        return MillraceException.internal(
                "SNAPSHOT_MALFORMED",
                "Cannot read a stored snapshot",
                "its " + encoded.length + " bytes are not of a known version",
                null);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The change log tells the lower 32 bits of a transaction's number; the rest is taken from {@code xmax}, which is right as long as
     * the two are less than 2^31 transactions apart: the server itself allows no more.
     */
    @Override
    public boolean sees(long transactionId) {
        long full = xmax + ((int) transactionId - (int) xmax);
        if (full < xmin) {
            return true;
        }
        return full < xmax && exact && Arrays.binarySearch(running, full) < 0;
    }

    /** The server's insert position just after. */
    long lsn() {
        return lsn;
    }

    /** The log position, 8 bytes big-endian. */
    @Override
    public byte[] position() {
        return ByteBuffer.allocate(8).putLong(lsn).array();
    }

    @Override
    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + 8 * running.length);
        out.put(VERSION)
                .put((byte) (exact ? 1 : 0))
                .putLong(lsn)
                .putLong(xmin)
                .putLong(xmax)
                .putInt(running.length);
        out.asLongBuffer().put(running);
        return out.array();
    }

    /** For logs. */
    @Override
    public String toString() {
        return xmin + ":" + xmax + " (" + running.length + " under way) at "
                + LogSequenceNumber.valueOf(lsn).asString();
    }
}
