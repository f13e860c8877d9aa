package dev.millrace.storage.mask;

import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * What of a cell that isn't text is masked: its text in a form of ours, that never changes, because masks have to stay the same.
 *
 * <pre>
 *   BOOLEAN          true, false
 *   whole numbers    decimal digits, '-' in front
 *   FLOAT, DOUBLE    the exact value in decimal, as {@link BigDecimal#toString()} writes it; NaN, Infinity, -Infinity
 *   DECIMAL          as {@link BigDecimal#toString()} writes it, with its scale; NaN, Infinity, -Infinity
 *   DATE             yyyy-mm-dd, as {@link LocalDate#toString()}; Infinity, -Infinity
 *   TIME             hh:mm:ss, '-' in front, and .nnnnnnnnn where there is a fraction
 *   DATETIME         date, T, time; Infinity, -Infinity
 *   ZONED_DATETIME   the same in UTC, and Z
 * </pre>
 */
final class CellText {
    private static final long NANOS = 1_000_000_000L;
    private static final long DAY_SECONDS = 86_400;

    private CellText() {}

    /** Appends the cell, which has a value. */
    static void write(Cells cells, int column, Type type, MaskBuffer out) {
        Special special = cells.specialAt(column);
        if (special != null) {
            special(special, out);
            return;
        }
        switch (type) {
            case BOOLEAN -> out.ascii(cells.booleanAt(column) ? "true" : "false");
            case BYTE, SHORT, INTEGER, LONG -> whole(cells.longAt(column), out);
            case FLOAT, DOUBLE -> floating(cells.doubleAt(column), out);
            case DECIMAL -> out.ascii(cells.decimalAt(column).toString());
            case DATE -> date(cells.longAt(column), out);
            case TIME -> time(cells.longAt(column), out);
            case DATETIME, ZONED_DATETIME -> {
                long second = cells.epochSecondAt(column);
                date(Math.floorDiv(second, DAY_SECONDS), out);
                out.put((byte) 'T');
                time(Math.floorMod(second, DAY_SECONDS) * NANOS + cells.nanoAt(column), out);
                if (type == Type.ZONED_DATETIME) {
                    out.put((byte) 'Z');
                }
            }
            default -> throw new IllegalStateException("a " + type + " is text or bytes already");
        }
    }

    private static void special(Special special, MaskBuffer out) {
        out.ascii(
                switch (special) {
                    case NAN -> "NaN";
                    case POSITIVE_INFINITY -> "Infinity";
                    case NEGATIVE_INFINITY -> "-Infinity";
                });
    }

    private static void whole(long value, MaskBuffer out) {
        if (value >= 0) {
            out.digits(value, 1);
        } else {
            out.ascii(Long.toString(value));
        }
    }

    private static void floating(double value, MaskBuffer out) {
        if (Double.isNaN(value)) {
            special(Special.NAN, out);
        } else if (Double.isInfinite(value)) {
            special(value > 0 ? Special.POSITIVE_INFINITY : Special.NEGATIVE_INFINITY, out);
        } else {
            out.ascii(new BigDecimal(value).toString());
        }
    }

    private static void date(long days, MaskBuffer out) {
        if (days >= LocalDate.MIN.toEpochDay() && days <= LocalDate.MAX.toEpochDay()) {
            out.ascii(LocalDate.ofEpochDay(days).toString());
        } else {
            out.ascii(Long.toString(days));
        }
    }

    private static void time(long nanos, MaskBuffer out) {
        long rest = nanos;
        if (nanos < 0) {
            out.put((byte) '-');
            rest = -nanos;
        }
        long seconds = rest / NANOS;
        out.digits(seconds / 3600, 2);
        out.put((byte) ':');
        out.digits(seconds / 60 % 60, 2);
        out.put((byte) ':');
        out.digits(seconds % 60, 2);
        if (rest % NANOS != 0) {
            out.put((byte) '.');
            out.digits(rest % NANOS, 9);
        }
    }
}
