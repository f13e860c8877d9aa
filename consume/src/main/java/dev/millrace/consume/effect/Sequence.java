package dev.millrace.consume.effect;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;

/**
 * A change's place in the log as one number that grows from change to change and is the same whenever the change is read, whatever was held
 * back around it and whatever other events have become: the log index in the upper 36 bits, then 22 of the event's number in its batch, 4 of the
 * row's number among those that came of the event (15 also for all behind), and 1 that is 0 for what the row leaves behind and 1 for what it
 * brings.
 */
final class Sequence {
    private static final int ROW_BITS = 22;
    private static final int PART_BITS = 4;
    private static final int LAST_PART = (1 << PART_BITS) - 1;

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
        long event = reader.logIndex() << ROW_BITS | reader.row();
        return (event << PART_BITS | Math.min(reader.part(), LAST_PART)) << 1;
    }
}
