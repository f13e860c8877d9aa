package dev.millrace.storage.log;

import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.OffsetDelta;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The header of an excerpt, reused for one after the other. A batch's payload is its offset delta and its body, one behind the other, cut
 * into parts of at most {@link #MAX_PART_BYTES}; each part is an excerpt, and the batch is whole only with its last part.
 *
 * <pre>
 *  0   4  magic "MRB1"
 *  4   1  version of this format: 1
 *  5   1  kind: 1 batch
 *  6   2  flags: bit 0 historical load, bit 1 ends a transaction
 *  8   4  part, from 0
 * 12   4  number of parts
 * 16   8  log index (the batch's sequence number)
 * 24   8  the last log index that was durable when this was written
 * 32   8  created at, milliseconds from 1970 UTC
 * 40   4  number of events
 * 44   4  length of the body before compression
 * 48   4  length of the offset delta
 * 52   4  length of the body
 * 56   4  length of the payload in this excerpt
 * 60   4  CRC of the excerpt before: the chain
 * 64   4  CRC32C of bytes 0 to 63 and the payload
 * 68   n  payload
 * </pre>
 *
 * Integers are little-endian. Confined to one thread.
 */
final class Envelope {
    static final int BYTES = 68;
    static final int MAX_PART_BYTES = 8 << 20;
    /** No length that says more is believed: a body has at most 1 GB, its delta a place in every table. */
    static final long MAX_PAYLOAD_BYTES = (1L << 30) + (256L << 20);

    static final int MAGIC = 'M' | 'R' << 8 | 'B' << 16 | '1' << 24;

    private static final int VERSION = 1;
    private static final int KIND_BATCH = 1;
    private static final int HISTORICAL = 1;
    private static final int ENDS_TRANSACTION = 2;
    private static final int CRC_AT = 64;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    final byte[] bytes = new byte[BYTES];
    private final CRC32C crc = new CRC32C();

    static int parts(long payloadBytes) {
        return (int) Math.max(1, (payloadBytes + MAX_PART_BYTES - 1) / MAX_PART_BYTES);
    }

    /** Everything that is the same in all parts of a batch. */
    void fill(BatchHeader header, long index, long durableIndex, int deltaLength, int bodyLength) {
        INT.set(bytes, 0, MAGIC);
        bytes[4] = VERSION;
        bytes[5] = KIND_BATCH;
        SHORT.set(bytes, 6, (short)
                ((header.historicalLoad() ? HISTORICAL : 0) | (header.endsTransaction() ? ENDS_TRANSACTION : 0)));
        INT.set(bytes, 12, parts((long) deltaLength + bodyLength));
        LONG.set(bytes, 16, index);
        LONG.set(bytes, 24, durableIndex);
        LONG.set(bytes, 32, header.createdAtMillis());
        INT.set(bytes, 40, header.eventCount());
        INT.set(bytes, 44, header.rawLength());
        INT.set(bytes, 48, deltaLength);
        INT.set(bytes, 52, bodyLength);
    }

    /** Completes the header for one part; the payload's pieces are then given to {@link #update} before {@link #seal}. */
    void beginPart(int part, int payloadLength, int previousCrc) {
        INT.set(bytes, 8, part);
        INT.set(bytes, 56, payloadLength);
        INT.set(bytes, 60, previousCrc);
        beginCrc();
    }

    void beginCrc() {
        crc.reset();
        crc.update(bytes, 0, CRC_AT);
    }

    void update(byte[] payload, int offset, int length) {
        crc.update(payload, offset, length);
    }

    /** Writes the CRC and tells it. */
    int seal() {
        int value = (int) crc.getValue();
        INT.set(bytes, CRC_AT, value);
        return value;
    }

    /** Whether header and payload, given since {@link #beginCrc}, are what was written. */
    boolean intact() {
        return (int) crc.getValue() == crc();
    }

    /** What is wrong with the header by itself, given the excerpt's length; null when nothing is. */
    String problem(long excerptBytes) {
        if ((int) INT.get(bytes, 0) != MAGIC) {
            return "no batch begins here";
        }
        if (bytes[4] != VERSION || bytes[5] != KIND_BATCH) {
            return "version " + bytes[4] + " and kind " + bytes[5] + " are unknown";
        }
        long total = (long) deltaLength() + bodyLength();
        if (deltaLength() < 0
                || bodyLength() < 0
                || total > MAX_PAYLOAD_BYTES
                || parts() != parts(total)
                || part() < 0
                || part() >= parts()) {
            return "part " + part() + " of " + parts() + " does not fit " + total + " bytes";
        }
        long here = Math.min(MAX_PART_BYTES, total - (long) part() * MAX_PART_BYTES);
        if (payloadLength() != here || excerptBytes < BYTES + here || excerptBytes > BYTES + here + 3) {
            return "an excerpt of " + excerptBytes + " bytes does not hold a payload of " + here;
        }
        return null;
    }

    int part() {
        return (int) INT.get(bytes, 8);
    }

    int parts() {
        return (int) INT.get(bytes, 12);
    }

    long index() {
        return (long) LONG.get(bytes, 16);
    }

    long durableIndex() {
        return (long) LONG.get(bytes, 24);
    }

    long createdAtMillis() {
        return (long) LONG.get(bytes, 32);
    }

    int rawLength() {
        return (int) INT.get(bytes, 44);
    }

    int deltaLength() {
        return (int) INT.get(bytes, 48);
    }

    int bodyLength() {
        return (int) INT.get(bytes, 52);
    }

    int payloadLength() {
        return (int) INT.get(bytes, 56);
    }

    int previousCrc() {
        return (int) INT.get(bytes, 60);
    }

    int crc() {
        return (int) INT.get(bytes, CRC_AT);
    }

    boolean lastPart() {
        return part() == parts() - 1;
    }

    BatchHeader header(OffsetDelta delta) {
        short flags = (short) SHORT.get(bytes, 6);
        return new BatchHeader(
                createdAtMillis(),
                (int) INT.get(bytes, 40),
                (flags & HISTORICAL) != 0,
                (flags & ENDS_TRANSACTION) != 0,
                rawLength(),
                delta);
    }
}
