package dev.millrace.consume.effect;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;

/** Copies one cell from a row image to a writer, by its type, unchanged and without boxing. */
final class CellCopy {
    private CellCopy() {}

    static void copy(Cells from, int column, BatchWriter to) {
        if (from.isUnchanged(column)) {
            to.putUnchanged();
        } else if (from.isNull(column)) {
            to.putNull();
        } else {
            copyValue(from, column, to);
        }
    }

    private static void copyValue(Cells from, int column, BatchWriter to) {
        switch (from.schema().columns().get(column).type()) {
            case BOOLEAN -> to.putBoolean(from.booleanAt(column));
            case BYTE, SHORT, INTEGER, LONG, TIME -> to.putLong(from.longAt(column));
            case FLOAT, DOUBLE -> to.putDouble(from.doubleAt(column));
            case DECIMAL -> copyDecimal(from, column, to);
            case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF ->
                to.lendBytes(from.buffer(), from.bytesOffset(column), from.bytesLength(column));
            case DATE -> {
                Special special = from.specialAt(column);
                if (special != null) {
                    to.putSpecial(special);
                } else {
                    to.putLong(from.longAt(column));
                }
            }
            case DATETIME -> {
                Special special = from.specialAt(column);
                if (special != null) {
                    to.putSpecial(special);
                } else {
                    to.putDateTime(from.epochSecondAt(column), from.nanoAt(column));
                }
            }
            case ZONED_DATETIME -> {
                Special special = from.specialAt(column);
                if (special != null) {
                    to.putSpecial(special);
                } else {
                    to.putZonedDateTime(from.epochSecondAt(column), from.nanoAt(column), from.offsetSecondsAt(column));
                }
            }
        }
    }

    private static void copyDecimal(Cells from, int column, BatchWriter to) {
        Special special = from.specialAt(column);
        if (special != null) {
            to.putSpecial(special);
        } else if (from.isSmallDecimal(column)) {
            to.putDecimal(from.unscaledAt(column), from.scaleAt(column));
        } else {
            to.putDecimal(from.decimalAt(column));
        }
    }
}
