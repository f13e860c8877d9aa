package dev.millrace.consume.effect;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;

/**
 * A change's place in the log as one number that grows from change to change and is the same whenever the change is read: the log index in
 * the upper 36 bits, then 26 of the row's number in its batch, and 1 that is 0 for what the row leaves behind and 1 for what it brings.
 */
final class Sequence {
    private static final int ROW_BITS = 26;

    private Sequence() {}

    /** Of the reader's current row. */
    static long of(BatchReader reader) {
        return before(reader) + 1;
    }

    /** Of what the reader's current row leaves behind: a key it had. */
    static long before(BatchReader reader) {
        if (reader.row() >>> ROW_BITS != 0) {
            throw MillraceException.internal(
                    "BATCH_TOO_LARGE",
                    "Batch " + reader.logIndex() + " can't be loaded",
                    "it has more than " + (1 << ROW_BITS) + " rows",
                    null);
        }
        return (reader.logIndex() << ROW_BITS | reader.row()) << 1;
    }
}
