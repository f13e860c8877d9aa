package dev.millrace.consume.postgres;

import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;

/**
 * Values in text as PostgreSQL prints them (DateStyle ISO), so that a column that became text later holds old and new values in one form.
 * Times keep nine digits where they have them, instants the offset they were written in.
 */
final class TextForm {
    private TextForm() {}

    static String of(Cells cells, int column, Type type) {
        return switch (type) {
            case BOOLEAN -> cells.booleanAt(column) ? "true" : "false";
            case BYTE, SHORT, INTEGER, LONG -> Long.toString(cells.longAt(column));
            case FLOAT -> floating(Float.toString((float) cells.doubleAt(column)), 6);
            case DOUBLE -> floating(Double.toString(cells.doubleAt(column)), 15);
            case DECIMAL ->
                cells.specialAt(column) == null
                        ? cells.decimalAt(column).toPlainString()
                        : special(cells.specialAt(column), "I");
            case DATE ->
                cells.specialAt(column) == null
                        ? date(LocalDate.ofEpochDay(cells.longAt(column)), "")
                        : special(cells.specialAt(column), "i");
            case TIME -> time(cells.longAt(column));
            case DATETIME ->
                cells.specialAt(column) == null
                        ? dateTime(cells.epochSecondAt(column), cells.nanoAt(column), "")
                        : special(cells.specialAt(column), "i");
            case ZONED_DATETIME ->
                cells.specialAt(column) == null ? zoned(cells, column) : special(cells.specialAt(column), "i");
            case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF -> cells.stringAt(column);
        };
    }

    private static String special(Special value, String initial) {
        return switch (value) {
            case NAN -> "NaN";
            case POSITIVE_INFINITY -> initial + "nfinity";
            case NEGATIVE_INFINITY -> "-" + initial + "nfinity";
        };
    }

    /** Java's shortest digits in PostgreSQL's layout: an exponent below -4 and from {@code digits} on. */
    private static String floating(String java, int digits) {
        if (java.equals("NaN") || java.endsWith("Infinity")) {
            return java;
        }
        String sign = java.startsWith("-") ? "-" : "";
        BigDecimal value = new BigDecimal(java).abs().stripTrailingZeros();
        if (value.signum() == 0) {
            return sign + "0";
        }
        int exponent = value.precision() - value.scale() - 1;
        if (exponent >= -4 && exponent < digits) {
            return sign + value.toPlainString();
        }
        String all = value.unscaledValue().toString();
        String mantissa = all.length() == 1 ? all : all.charAt(0) + "." + all.substring(1);
        String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : Integer.toString(Math.abs(exponent));
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + power;
    }

    /** {@code 0044-03-15 BC}; {@code time} stands before the era. */
    private static String date(LocalDate date, String time) {
        boolean beforeChrist = date.getYear() <= 0;
        String year = pad(date.get(ChronoField.YEAR_OF_ERA), 4);
        return year + "-" + pad(date.getMonthValue(), 2) + "-" + pad(date.getDayOfMonth(), 2) + time
                + (beforeChrist ? " BC" : "");
    }

    private static String time(long nanos) {
        long rest = Math.abs(nanos);
        long seconds = rest / 1_000_000_000;
        return (nanos < 0 ? "-" : "") + pad(seconds / 3600, 2) + ":" + pad(seconds / 60 % 60, 2) + ":"
                + pad(seconds % 60, 2) + fraction((int) (rest % 1_000_000_000));
    }

    private static String dateTime(long epochSecond, int nano, String zone) {
        LocalDateTime value = LocalDateTime.ofEpochSecond(epochSecond, nano, ZoneOffset.UTC);
        return date(value.toLocalDate(), " " + time(value.toLocalTime().toNanoOfDay()) + zone);
    }

    private static String zoned(Cells cells, int column) {
        int offset = cells.offsetSecondsAt(column);
        int minutes = Math.abs(offset) / 60 % 60;
        int seconds = Math.abs(offset) % 60;
        String zone = (offset < 0 ? "-" : "+")
                + pad(Math.abs(offset) / 3600, 2)
                + (minutes == 0 && seconds == 0 ? "" : ":" + pad(minutes, 2))
                + (seconds == 0 ? "" : ":" + pad(seconds, 2));
        Instant shifted = Instant.ofEpochSecond(cells.epochSecondAt(column) + offset, cells.nanoAt(column));
        return dateTime(shifted.getEpochSecond(), shifted.getNano(), zone);
    }

    private static String fraction(int nano) {
        if (nano == 0) {
            return "";
        }
        String digits = pad(nano, 9);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return "." + digits.substring(0, end);
    }

    private static String pad(long value, int width) {
        String text = Long.toString(value);
        return "0".repeat(Math.max(0, width - text.length())) + text;
    }
}
