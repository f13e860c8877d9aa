package dev.millrace.consume.duckdb;

import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;

/** A cell as text, for columns that had to become text: the form in which DuckDB itself turns a value into text, UTC for instants. */
final class CellText {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private CellText() {}

    static String of(Cells cells, int column) {
        return switch (cells.schema().columns().get(column).type()) {
            case BOOLEAN -> Boolean.toString(cells.booleanAt(column));
            case BYTE, SHORT, INTEGER, LONG -> Long.toString(cells.longAt(column));
            case FLOAT -> Float.toString((float) cells.doubleAt(column));
            case DOUBLE -> Double.toString(cells.doubleAt(column));
            case DECIMAL -> special(cells, column, true);
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> cells.stringAt(column);
            case BYTE_ARRAY ->
                HexFormat.of()
                        .withUpperCase()
                        .formatHex(
                                cells.buffer(),
                                cells.bytesOffset(column),
                                cells.bytesOffset(column) + cells.bytesLength(column));
            case TIME -> time(cells.longAt(column));
            case DATE, DATETIME, ZONED_DATETIME -> special(cells, column, false);
        };
    }

    private static String special(Cells cells, int column, boolean number) {
        Special special = cells.specialAt(column);
        if (special != null) {
            return switch (special) {
                case NAN -> "NaN";
                case POSITIVE_INFINITY -> number ? "Infinity" : "infinity";
                case NEGATIVE_INFINITY -> number ? "-Infinity" : "-infinity";
            };
        }
        return switch (cells.schema().columns().get(column).type()) {
            case DECIMAL -> cells.decimalAt(column).toPlainString();
            case DATE -> date(LocalDate.ofEpochDay(cells.longAt(column)));
            case DATETIME -> dateTime(cells, column);
            default -> dateTime(cells, column) + "+00";
        };
    }

    private static String dateTime(Cells cells, int column) {
        LocalDateTime value =
                LocalDateTime.ofEpochSecond(cells.epochSecondAt(column), cells.nanoAt(column), ZoneOffset.UTC);
        return date(value.toLocalDate()) + " " + time(value.toLocalTime().toNanoOfDay());
    }

    /** The year before the year 1 is 1 BC. */
    private static String date(LocalDate date) {
        int year = date.getYear();
        StringBuilder text = new StringBuilder(16);
        pad(text, year > 0 ? year : 1 - year, 4).append('-');
        pad(text, date.getMonthValue(), 2).append('-');
        pad(text, date.getDayOfMonth(), 2);
        return year > 0 ? text.toString() : text.append(" (BC)").toString();
    }

    private static String time(long nanos) {
        long rest = Math.abs(nanos);
        long seconds = rest / NANOS_PER_SECOND;
        StringBuilder text = new StringBuilder(20);
        if (nanos < 0) {
            text.append('-');
        }
        pad(text, seconds / 3600, 2).append(':');
        pad(text, seconds / 60 % 60, 2).append(':');
        pad(text, seconds % 60, 2);
        long fraction = rest % NANOS_PER_SECOND;
        if (fraction > 0) {
            pad(text.append('.'), fraction, 9);
            while (text.charAt(text.length() - 1) == '0') {
                text.setLength(text.length() - 1);
            }
        }
        return text.toString();
    }

    private static StringBuilder pad(StringBuilder text, long value, int width) {
        String digits = Long.toString(value);
        return text.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
    }
}
