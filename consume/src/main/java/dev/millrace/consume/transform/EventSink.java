package dev.millrace.consume.transform;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Arrays;

/**
 * Takes the rows an event becomes. The first keeps the event's id; each further one has the id as its stem and is numbered from 1. Commit
 * time, transaction and place in the log are the event's. Confined to one thread.
 */
public final class EventSink {
    private static final int NONE = -1;

    private final BatchWriter writer = new BatchWriter();
    private BatchReader event;
    private int parts;
    /** The event's transaction entry in which the writer is now, and the ordinal it would give next. */
    private int transaction;

    private long nextOrdinal;
    /** By row of the writer its event's number. */
    private int[] numbers = new int[64];

    void beginBatch() {
        transaction = NONE;
    }

    void beginEvent(BatchReader newEvent) {
        event = newEvent;
        parts = 0;
        writer.mark();
    }

    void takeBack() {
        writer.rollback();
        transaction = NONE;
    }

    /**
     * Begins a row of {@code schema}: one put per column in its order follows, then {@code beginBefore} and as many again where the row before is
     * known, then {@code endRow}.
     */
    public BatchWriter begin(Operation operation, Schema schema) {
        place();
        writer.beginRow(operation, writer.schema(schema));
        return writer;
    }

    void control(Operation operation, Schema schema) {
        place();
        writer.control(operation, writer.schema(schema));
    }

    /** The event as it is. */
    void pass() {
        Schema schema = event.schema();
        if (!event.operation().hasCells()) {
            control(event.operation(), schema);
            return;
        }
        BatchWriter row = begin(event.operation(), schema);
        copy(event.values(), row);
        if (event.hasBefore()) {
            row.beginBefore();
            copy(event.before(), row);
        }
        row.endRow();
    }

    private static void copy(Cells cells, BatchWriter row) {
        row.putCopies(cells, 0, cells.schema().columns().size());
    }

    /** Sees that the row that begins gets its id. */
    private void place() {
        int row = writer.eventCount();
        if (row == numbers.length) {
            numbers = Arrays.copyOf(numbers, row * 2);
        }
        numbers[row] = event.row();
        if (parts == 0) {
            if (transaction != event.transactionNumber() || nextOrdinal != event.ordinal()) {
                writer.beginTransaction(
                        event.transactionId(), event.modifiedAtMicros(), event.position(), event.ordinal());
                transaction = event.transactionNumber();
            }
            nextOrdinal = event.ordinal() + 1;
        } else if (parts == 1) {
            writer.beginTransaction(
                    event.transactionId(), event.modifiedAtMicros(), event.position() + ":" + event.ordinal(), 1);
            transaction = NONE;
        }
        parts++;
    }

    /** The batch that takes the place of {@code source}. */
    StoredBatch finish(StoredBatch source) {
        return writer.finishDerived(source, numbers);
    }
}
