package dev.millrace.consume.failed;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A parked event's values for people and files: plain text, numbers and booleans by column; bytes in base64, times in ISO 8601, what JSON has
 * no number for as text.
 *
 * @param values the row; null for an event without one. Null values are null; columns that are not known are missing
 * @param before the row before, null where that isn't known
 * @param unchanged columns that the destination has the value of
 */
public record EventValues(Map<String, Object> values, Map<String, Object> before, List<String> unchanged) {
    private static final String MASK = "***";

    /** @param clear whether values are told; else which of them there are, NULLs as such */
    public static EventValues of(StoredBatch one, boolean clear) {
        BatchReader reader = new BatchReader();
        reader.open(one);
        if (!reader.next()) {
            throw new IllegalStateException("a failed event without an event");
        }
        if (!reader.operation().hasCells()) {
            return new EventValues(null, null, List.of());
        }
        List<String> unchanged = new ArrayList<>();
        Map<String, Object> values = row(reader.values(), clear, unchanged);
        Map<String, Object> before = reader.hasBefore() ? row(reader.before(), clear, new ArrayList<>()) : null;
        return new EventValues(values, before, unchanged);
    }

    private static Map<String, Object> row(Cells cells, boolean clear, List<String> unchanged) {
        Map<String, Object> row = new LinkedHashMap<>();
        List<Column> columns = cells.schema().columns();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i).name();
            if (cells.isUnchanged(i)) {
                unchanged.add(name);
            } else if (cells.isNull(i)) {
                row.put(name, null);
            } else {
                row.put(name, clear ? value(cells, i, columns.get(i)) : MASK);
            }
        }
        return row;
    }

    private static Object value(Cells cells, int i, Column column) {
        Special special = cells.specialAt(i);
        if (special != null) {
            return special.name();
        }
        return switch (column.type()) {
            case BOOLEAN -> cells.booleanAt(i);
            case BYTE, SHORT, INTEGER, LONG -> cells.longAt(i);
            case FLOAT, DOUBLE -> number(cells.doubleAt(i));
            case DECIMAL -> cells.decimalAt(i);
            case DATE -> date(cells.longAt(i));
            case TIME -> time(cells.longAt(i));
            case DATETIME -> dateTime(cells.epochSecondAt(i), cells.nanoAt(i));
            case ZONED_DATETIME -> instant(cells.epochSecondAt(i), cells.nanoAt(i), cells.offsetSecondsAt(i));
            case BYTE_ARRAY -> {
                int offset = cells.bytesOffset(i);
                byte[] bytes = Arrays.copyOfRange(cells.buffer(), offset, offset + cells.bytesLength(i));
                yield Base64.getEncoder().encodeToString(bytes);
            }
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> cells.stringAt(i);
        };
    }

    private static Object number(double value) {
        return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }

    private static String date(long days) {
        try {
            return LocalDate.ofEpochDay(days).toString();
        } catch (DateTimeException beyond) {
            return days + " days from 1970-01-01";
        }
    }

    /** As hours, minutes and seconds, which may be beyond a day. */
    private static String time(long nanos) {
        long seconds = Math.abs(nanos) / 1_000_000_000;
        String text = String.format(
                "%s%02d:%02d:%02d", nanos < 0 ? "-" : "", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        long rest = Math.abs(nanos) % 1_000_000_000;
        return rest == 0 ? text : text + String.format(".%09d", rest);
    }

    private static String dateTime(long second, int nano) {
        try {
            return LocalDateTime.ofEpochSecond(second, nano, ZoneOffset.UTC).toString();
        } catch (DateTimeException beyond) {
            return second + "." + nano + " seconds from 1970-01-01";
        }
    }

    private static String instant(long second, int nano, int offsetSeconds) {
        try {
            return Instant.ofEpochSecond(second, nano)
                    .atOffset(ZoneOffset.ofTotalSeconds(offsetSeconds))
                    .toString();
        } catch (DateTimeException beyond) {
            return second + "." + nano + " seconds from 1970-01-01 UTC";
        }
    }
}
