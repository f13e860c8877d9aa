package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.storage.batch.Cells;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which way each row of a keyed load takes. Decided by the row alone and by what rows before it have shown, so a second walk over the load
 * decides as the first did. Rows that lack cells are sorted by which ones they lack, for a few such sets.
 */
final class RowPlan {
    /** The row stands for itself: whatever had its key makes room for it. */
    static final int WHOLE = -2;
    /** The row takes cells from a row of the table before it is written. */
    static final int FILLED = -1;
    /** The key is gone. */
    static final int GONE = -3;

    static final int MASK_BITS = 63;
    private static final int MAX_SETS = 8;
    /** DuckDB keeps what an update in place writes in memory until it is checkpointed, so only narrow rows are updated in place. */
    private static final int MAX_IN_PLACE_BYTES = 4 << 10;

    private final List<TargetColumn> values;
    private final boolean straight;
    private final List<long[]> sets = new ArrayList<>();
    private final long[] mask;
    private final long[] anyMask;
    private boolean moved;

    /** @param straight the table has the load's columns and no others */
    RowPlan(TableLoad load, boolean straight) {
        this.values = Staging.values(load);
        this.straight = straight;
        this.mask = new long[(values.size() + MASK_BITS - 1) / MASK_BITS];
        this.anyMask = new long[mask.length];
    }

    /** WHOLE, FILLED, GONE, or from 0 the number of the set of cells the row lacks: the others are updated in place. */
    int way(RowCursor row) {
        moved = false;
        Arrays.fill(mask, 0);
        if (row.kind() == RowCursor.Kind.DELETE) {
            return GONE;
        }
        Cells image = row.values();
        Cells origin = row.origin();
        moved = origin != null && origin != image;
        boolean masked = origin != null && image.anyUnchanged();
        if (masked) {
            for (int i = 0; i < values.size(); i++) {
                if (image.isUnchanged(values.get(i).sourceIndex())) {
                    mask[i / MASK_BITS] |= 1L << (i % MASK_BITS);
                    anyMask[i / MASK_BITS] |= 1L << (i % MASK_BITS);
                }
            }
        }
        if (masked && !moved && BoundedAppender.bytes(image) <= MAX_IN_PLACE_BYTES) {
            return setOfMask();
        }
        return masked || !straight ? FILLED : WHOLE;
    }

    private int setOfMask() {
        for (int i = 0; i < sets.size(); i++) {
            if (Arrays.equals(sets.get(i), mask)) {
                return i;
            }
        }
        if (sets.size() == MAX_SETS) {
            return FILLED;
        }
        sets.add(mask.clone());
        return sets.size() - 1;
    }

    /** Whether the row asked about last had another key before. */
    boolean moved() {
        return moved;
    }

    /** Whether any row asked about lacks a cell of the value column. */
    boolean anyLacks(int value) {
        return (anyMask[value / MASK_BITS] & 1L << (value % MASK_BITS)) != 0;
    }

    /** A bit per value column: the cells it lacks. */
    long[] mask() {
        return mask;
    }

    int sets() {
        return sets.size();
    }

    /** The value columns that rows of the set have. */
    List<TargetColumn> present(int set) {
        List<TargetColumn> present = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if ((sets.get(set)[i / MASK_BITS] & 1L << (i % MASK_BITS)) == 0) {
                present.add(values.get(i));
            }
        }
        return present;
    }
}
