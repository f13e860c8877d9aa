package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.EventView;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Type;

/**
 * A row image on its way through the steps: slots, of which the first are the source's columns and the others what steps made. Used again for
 * every row. Confined to one thread.
 */
final class Image {
    enum Answer {
        YES,
        NO,
        UNKNOWN
    }

    final Value[] slots;
    EventView event;
    Cells cells;
    /** Where values stand that the image has not; may be null. */
    Cells fallback;
    /** Whether only the key counts: what can't be known or made stays UNCHANGED. */
    boolean lenient;
    /** The first failure that was put up with. */
    EventFailure spared;
    /** The row before, of which nothing is dropped. */
    boolean before;

    boolean dropped;
    Answer kept;
    /** The place of the row's table among the program's outputs, {@link #ANYWHERE} when it can't be known. */
    int route;

    static final int ANYWHERE = -1;

    boolean routed;

    Image(int slots) {
        this.slots = new Value[slots];
        for (int i = 0; i < slots; i++) {
            this.slots[i] = new Value();
        }
    }

    /** Begins with a row; {@code loads} are the columns that steps look at. */
    void begin(EventView newEvent, Cells newCells, Cells newFallback, int[] loads, Type[] types) {
        event = newEvent;
        cells = newCells;
        fallback = newFallback;
        spared = null;
        dropped = false;
        kept = Answer.YES;
        route = 0;
        routed = false;
        for (int column : loads) {
            boolean other = newFallback != null && newCells.isUnchanged(column) && !newFallback.isUnchanged(column);
            slots[column].load(other ? newFallback : newCells, column, types[column]);
        }
    }

    /** Puts up with the failure where only the key counts. */
    void spare(EventFailure failure) {
        if (!lenient) {
            throw failure;
        }
        if (spared == null) {
            spared = failure;
        }
    }
}
