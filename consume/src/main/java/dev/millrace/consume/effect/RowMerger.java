package dev.millrace.consume.effect;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fills the UNCHANGED cells of rows from the images behind them and encodes the result anew, through the batch codec itself, so that the
 * merged rows are read like all others. A row's chain of images is walked once, whatever its length.
 */
final class RowMerger {
    /** Merged bytes after which a scratch batch is closed: keeps a buffer well within what an array can hold. */
    private static final int SCRATCH_BYTES = 16 << 20;

    private final RowStore rows;
    private final BatchWriter writer = new BatchWriter();
    private final BatchReader reader = new BatchReader();
    private final List<Cells> images = new ArrayList<>();
    private final int[] imageOfColumn;
    private int[] pending = new int[16];
    private int pendingCount;
    private int schemaNumber;

    RowMerger(RowStore rows) {
        this.rows = rows;
        this.imageOfColumn = new int[rows.schema().columns().size()];
    }

    /** Merges the first {@code count} of these rows, all that are needed. */
    static void merge(RowStore rows, int[] chosen, int count) {
        RowMerger merger = new RowMerger(rows);
        for (int i = 0; i < count; i++) {
            merger.merge(chosen[i]);
        }
        merger.finish();
    }

    /** Merges the row with the images behind it, if there are any. Takes effect at {@link #finish}. */
    void merge(int row) {
        if (rows.prior(row) == RowStore.NONE) {
            return;
        }
        resolve(row);
        if (pendingCount == 0) {
            schemaNumber = writer.schema(rows.schema());
            writer.beginTransaction(0, Long.MIN_VALUE, "", 0);
        }
        writer.beginRow(Operation.INSERT, schemaNumber);
        for (int column = 0; column < imageOfColumn.length; column++) {
            if (imageOfColumn[column] < 0) {
                writer.putUnchanged();
            } else {
                CellCopy.copy(images.get(imageOfColumn[column]), column, writer);
            }
        }
        writer.endRow();
        if (pendingCount == pending.length) {
            pending = Arrays.copyOf(pending, pendingCount * 2);
        }
        pending[pendingCount++] = row;
        if (writer.sizeBytes() >= SCRATCH_BYTES) {
            finish();
        }
    }

    /** Points the merged rows at their new images. */
    void finish() {
        if (pendingCount == 0) {
            return;
        }
        EncodedBatch encoded = writer.finish(0, false, true, OffsetDelta.NONE);
        reader.open(encoded.stored(1));
        for (int i = 0; i < pendingCount; i++) {
            if (!reader.next()) {
                throw new IllegalStateException("merged " + pendingCount + " rows, found " + i);
            }
            rows.replaceImage(pending[i], reader.buffer(), reader.valuesOffset(), reader.valuesLength());
        }
        pendingCount = 0;
    }

    /** Finds for each column the newest image that has it; -1 where none has. Only images that give something are kept open. */
    private void resolve(int row) {
        Arrays.fill(imageOfColumn, -1);
        int open = imageOfColumn.length;
        int used = 0;
        for (int image = row; image != RowStore.NONE && open > 0; image = rows.prior(image)) {
            if (used == images.size()) {
                images.add(new Cells());
            }
            Cells cells = images.get(used);
            rows.moveTo(image, cells);
            boolean gave = false;
            for (int column = 0; column < imageOfColumn.length; column++) {
                if (imageOfColumn[column] < 0 && !cells.isUnchanged(column)) {
                    imageOfColumn[column] = used;
                    gave = true;
                    open--;
                }
            }
            used += gave ? 1 : 0;
        }
    }
}
