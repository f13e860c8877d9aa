package dev.millrace.consume.script;

import dev.millrace.storage.batch.Cells;
import java.util.Objects;

/** The row that an expression or a script reads, by the numbers of the columns it was compiled with. Confined to one thread. */
public interface RowView {
    /** The value in the form that {@link CellValues} draws; null for NULL. Not asked of what is UNCHANGED. */
    Object valueAt(int column);

    boolean isUnchanged(int column);

    /** A row image, read when it is asked; moves with it. */
    static RowView of(Cells cells) {
        Objects.requireNonNull(cells);
        return new RowView() {
            @Override
            public Object valueAt(int column) {
                return CellValues.read(cells, column);
            }

            @Override
            public boolean isUnchanged(int column) {
                return cells.isUnchanged(column);
            }
        };
    }
}
