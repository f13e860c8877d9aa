package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.RowCursor;

/** Which of a load's rows a COPY writes; asked in order, {@code row} counting all rows from 0. */
interface RowFilter {
    RowFilter ALL = (row, kind) -> true;

    boolean includes(int row, RowCursor.Kind kind);
}
