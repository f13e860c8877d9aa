package dev.millrace.consume.failed;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import java.util.Arrays;

/** Writes what is left of a batch; every event keeps its id. Confined to one thread. */
final class Rest {
    private final BatchWriter writer = new BatchWriter();
    private int transaction;
    private long nextOrdinal;
    private int[] numbers = new int[64];
    private int rows;

    void begin() {
        transaction = -1;
        rows = 0;
    }

    /** The reader's current event. */
    void add(BatchReader reader) {
        if (rows == numbers.length) {
            numbers = Arrays.copyOf(numbers, rows * 2);
        }
        numbers[rows++] = reader.row();
        if (transaction != reader.transactionNumber() || nextOrdinal != reader.ordinal()) {
            writer.beginTransaction(
                    reader.transactionId(), reader.modifiedAtMicros(), reader.position(), reader.ordinal());
            transaction = reader.transactionNumber();
        }
        nextOrdinal = reader.ordinal() + 1;
        int schema = writer.schema(reader.schema());
        if (!reader.operation().hasCells()) {
            writer.control(reader.operation(), schema);
            return;
        }
        writer.beginRow(reader.operation(), schema);
        copy(reader.values());
        if (reader.hasBefore()) {
            writer.beginBefore();
            copy(reader.before());
        }
        writer.endRow();
    }

    private void copy(Cells cells) {
        for (int column = 0; column < cells.schema().columns().size(); column++) {
            writer.putCopy(cells, column);
        }
    }

    /** The batch that takes the place of {@code source}. */
    StoredBatch finish(StoredBatch source) {
        return writer.finishDerived(source, numbers);
    }
}
