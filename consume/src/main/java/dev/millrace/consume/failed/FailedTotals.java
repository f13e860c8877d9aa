package dev.millrace.consume.failed;

import java.nio.ByteBuffer;

/**
 * What has become of all that a pipeline ever parked, restarts and crashes included: each change of them is written together with what it
 * counts. What is parked now is always what was parked less all the rest.
 *
 * @param parked events kept aside, those that only waited behind another included
 * @param replayed loaded after all
 * @param skipped given up by somebody
 * @param expired given up for their age
 * @param obsolete given up because their table was emptied or loaded again
 */
public record FailedTotals(long parked, long replayed, long skipped, long expired, long obsolete) {
    static final FailedTotals NONE = new FailedTotals(0, 0, 0, 0, 0);

    FailedTotals andParked(long events) {
        return new FailedTotals(parked + events, replayed, skipped, expired, obsolete);
    }

    FailedTotals andReplayed(long events) {
        return new FailedTotals(parked, replayed + events, skipped, expired, obsolete);
    }

    FailedTotals andSkipped(long events) {
        return new FailedTotals(parked, replayed, skipped + events, expired, obsolete);
    }

    FailedTotals andExpired(long events) {
        return new FailedTotals(parked, replayed, skipped, expired + events, obsolete);
    }

    FailedTotals andObsolete(long events) {
        return new FailedTotals(parked, replayed, skipped, expired, obsolete + events);
    }

    /** The five numbers in this order, 8 bytes each. */
    byte[] encode() {
        return ByteBuffer.allocate(5 * Long.BYTES)
                .putLong(parked)
                .putLong(replayed)
                .putLong(skipped)
                .putLong(expired)
                .putLong(obsolete)
                .array();
    }

    static FailedTotals decode(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        return new FailedTotals(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }
}
