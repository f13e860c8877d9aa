package dev.millrace.consume.transform;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;

/** The event at which a batch's reader stands. Confined to one thread; moves with the reader. */
public final class EventView {
    private final BatchReader reader;
    private StoredBatch batch;

    EventView(BatchReader reader) {
        this.reader = reader;
    }

    void batch(StoredBatch newBatch) {
        batch = newBatch;
    }

    public Operation operation() {
        return reader.operation();
    }

    public Schema schema() {
        return reader.schema();
    }

    /** The row's values; of a DELETE only the key's are sure to be there where the table has one. */
    public Cells values() {
        return reader.values();
    }

    /** The row before an update, null where the event has none; columns that are not known are UNCHANGED. */
    public Cells before() {
        return reader.hasBefore() ? reader.before() : null;
    }

    public long logIndex() {
        return batch.logIndex();
    }

    /** The event id's stem. */
    public String position() {
        return reader.position();
    }

    /** The event id's number. */
    public long ordinal() {
        return reader.ordinal();
    }

    public String eventId() {
        return reader.position() + ":" + reader.ordinal();
    }

    /** The source's number, 0 for a historical load. */
    public long transactionId() {
        return reader.transactionId();
    }

    /** Commit time, microseconds from 1970 UTC; {@link Long#MIN_VALUE} unknown. */
    public long modifiedAtMicros() {
        return reader.modifiedAtMicros();
    }

    /** Microseconds from 1970 UTC. */
    public long ingestedAtMicros() {
        return batch.header().createdAtMillis() * 1_000;
    }

    BatchReader reader() {
        return reader;
    }
}
