package dev.millrace.ingest.gate;

import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A value of a definition, to which cells of one type are compared. Immutable. */
@FunctionalInterface
interface Literal {
    /** What {@link #compare} gives for a NaN, which is neither greater nor less nor equal. */
    int INCOMPARABLE = Integer.MIN_VALUE;

    /** Negative, 0 or positive, as the cell, which has a value, is less, equal or greater. Infinities are beyond everything. */
    int compare(Cells cells, int column);

    /** Empty when the text is no value of that type, or such values are not compared. */
    static Optional<Literal> of(String text, Type type) {
        try {
            return switch (type) {
                case BOOLEAN -> bool(text);
                case BYTE, SHORT, INTEGER, LONG -> Optional.of(whole(Long.parseLong(text)));
                case FLOAT, DOUBLE -> Optional.of(floating(Double.parseDouble(text)));
                case DECIMAL -> Optional.of(decimal(new BigDecimal(text)));
                case STRING, FILE_REF -> Optional.of(text(text, false));
                case CHAR -> Optional.of(text(text, true));
                case DATE -> Optional.of(whole(LocalDate.parse(text).toEpochDay()));
                case TIME -> Optional.of(whole(LocalTime.parse(text).toNanoOfDay()));
                case DATETIME ->
                    Optional.of(time(LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC)));
                case ZONED_DATETIME ->
                    Optional.of(
                            time(OffsetDateTime.parse(text.replace(' ', 'T')).toInstant()));
                case BYTE_ARRAY, LIST, MAP, LIST_MAP -> Optional.empty();
            };
        } catch (NumberFormatException | DateTimeException notOne) {
            return Optional.empty();
        }
    }

    /** What can be compared with a column of this type, for people. */
    static String expected(Type type) {
        return switch (type) {
            case BOOLEAN -> "a BOOLEAN is compared with true or false";
            case BYTE, SHORT, INTEGER, LONG -> "whole numbers are compared with a whole number";
            case FLOAT, DOUBLE, DECIMAL -> "numbers are compared with a number like 12.5";
            case CHAR, STRING, FILE_REF -> "text is compared with text";
            case DATE -> "dates are compared with a date like 2026-11-21";
            case TIME -> "times are compared with a time like 13:45:00";
            case DATETIME -> "these are compared with a date and time like '2026-11-21 13:45:00'";
            case ZONED_DATETIME -> "these are compared with a date, a time and an offset like 2026-11-21T13:45:00Z";
            case BYTE_ARRAY, LIST, MAP, LIST_MAP -> "a " + type + " can only be tested by 'is null' and 'is not null'";
        };
    }

    private static Optional<Literal> bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Optional.of((cells, column) -> cells.booleanAt(column) ? 0 : -1);
            case "false" -> Optional.of((cells, column) -> cells.booleanAt(column) ? 1 : 0);
            default -> Optional.empty();
        };
    }

    private static Literal whole(long value) {
        return (cells, column) -> Long.compare(cells.longAt(column), value);
    }

    private static Literal floating(double value) {
        return (cells, column) -> {
            double cell = cells.doubleAt(column);
            if (Double.isNaN(cell) || Double.isNaN(value)) {
                return INCOMPARABLE;
            }
            return cell < value ? -1 : cell > value ? 1 : 0;
        };
    }

    private static Literal decimal(BigDecimal value) {
        return (cells, column) -> {
            Special special = cells.specialAt(column);
            if (special != null) {
                return switch (special) {
                    case NAN -> INCOMPARABLE;
                    case POSITIVE_INFINITY -> 1;
                    case NEGATIVE_INFINITY -> -1;
                };
            }
            return cells.decimalAt(column).compareTo(value);
        };
    }

    /** By the order of code points; with fixed-length text the blanks at the end don't count. */
    private static Literal text(String text, boolean padded) {
        byte[] utf8 = (padded ? text.stripTrailing() : text).getBytes(StandardCharsets.UTF_8);
        return (cells, column) -> {
            byte[] buffer = cells.buffer();
            int from = cells.bytesOffset(column);
            int to = from + cells.bytesLength(column);
            while (padded && to > from && buffer[to - 1] == ' ') {
                to--;
            }
            return Integer.signum(Arrays.compareUnsigned(buffer, from, to, utf8, 0, utf8.length));
        };
    }

    private static Literal time(Instant value) {
        long second = value.getEpochSecond();
        int nano = value.getNano();
        return (cells, column) -> {
            int bySecond = Long.compare(cells.epochSecondAt(column), second);
            return bySecond != 0 ? bySecond : Integer.compare(cells.nanoAt(column), nano);
        };
    }
}
