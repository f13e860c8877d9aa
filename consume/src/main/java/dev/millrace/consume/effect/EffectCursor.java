package dev.millrace.consume.effect;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Walks what is to be done to a table, step by step; whatever comes before a step is passed over without being looked at. */
final class EffectCursor implements RowCursor {
    /** What is to be done, numbered from 0; the accessors tell of one step. Not changed any more. */
    interface Steps {
        int count();

        /** The image in the store. */
        int row(int step);

        Kind kind(int step);

        /** The image that {@link RowCursor#origin()} is, {@link RowStore#NONE} for null. */
        int origin(int step);

        /** Whether the row is deleted with these values, as {@link RowCursor#deleted()}. */
        default boolean deleted(int step) {
            return false;
        }

        /** When the step's last event was at the source, of which the row's image is not always. */
        default long modifiedAtMicros(int step, long ofImage) {
            return ofImage;
        }

        default Operation operation(int step) {
            throw new IllegalStateException(kind(step) + " has no operation");
        }

        default long sequence(int step) {
            throw new IllegalStateException(kind(step) + " has no sequence");
        }

        default long validFromMicros(int step) {
            throw new IllegalStateException(kind(step) + " has no time");
        }

        default long validToMicros(int step) {
            throw new IllegalStateException(kind(step) + " has no time");
        }
    }

    private final RowStore rows;
    private final Steps steps;
    private final int count;
    private final Cells values = new Cells();
    private final Cells origin = new Cells();
    private int step = -1;
    private int row;

    EffectCursor(RowStore rows, Steps steps) {
        this.rows = rows;
        this.steps = steps;
        this.count = steps.count();
    }

    /** The numbers below {@code size} that are chosen, in order; null for all of them. */
    static int[] chosen(int size, IntPredicate choice) {
        int number = 0;
        while (number < size && choice.test(number)) {
            number++;
        }
        return number == size ? null : IntStream.range(0, size).filter(choice).toArray();
    }

    @Override
    public boolean next() {
        if (!skip(1)) {
            return false;
        }
        row = steps.row(step);
        rows.moveTo(row, values);
        return true;
    }

    @Override
    public boolean skip(int skipped) {
        step = Math.min(count, step + skipped);
        return step < count;
    }

    @Override
    public Kind kind() {
        return steps.kind(step);
    }

    @Override
    public Cells values() {
        return values;
    }

    @Override
    public Cells origin() {
        int image = steps.origin(step);
        if (image == RowStore.NONE) {
            return null;
        }
        if (image == row) {
            return values;
        }
        rows.moveTo(image, origin);
        return origin;
    }

    @Override
    public long ingestedAtMicros() {
        return rows.ingestedAtMicros(row);
    }

    @Override
    public boolean deleted() {
        return steps.deleted(step);
    }

    @Override
    public long modifiedAtMicros() {
        return steps.modifiedAtMicros(step, rows.modifiedAtMicros(row));
    }

    @Override
    public String eventId() {
        return rows.eventId(row);
    }

    @Override
    public Operation operation() {
        return steps.operation(step);
    }

    @Override
    public long sequence() {
        return steps.sequence(step);
    }

    @Override
    public long validFromMicros() {
        return steps.validFromMicros(step);
    }

    @Override
    public long validToMicros() {
        return steps.validToMicros(step);
    }
}
