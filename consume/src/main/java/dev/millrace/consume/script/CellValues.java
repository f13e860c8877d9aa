package dev.millrace.consume.script;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A cell's value as an object, and back without a change. NULL is null.
 *
 * <pre>
 * BOOLEAN                          Boolean
 * BYTE, SHORT, INTEGER, LONG       Long
 * FLOAT                            Float
 * DOUBLE                           Double
 * DECIMAL                          BigDecimal, Special
 * CHAR, STRING, FILE_REF           String
 * BYTE_ARRAY                       byte[]
 * DATE                             LocalDate, Special
 * TIME                             Duration (from midnight)
 * DATETIME                         LocalDateTime, Special
 * ZONED_DATETIME                   OffsetDateTime, Special
 * LIST, MAP, LIST_MAP              String, the JSON text
 * </pre>
 */
public final class CellValues {
    private CellValues() {}

    /** @throws ScriptFailure SCRIPT_VALUE when a timestamp lies outside the years ±999,999,999 or its offset outside ±18 hours */
    public static Object read(Cells cells, int column) {
        if (cells.isNull(column)) {
            return null;
        }
        Type type = cells.schema().columns().get(column).type();
        Special special = cells.specialAt(column);
        if (special != null) {
            return special;
        }
        try {
            return switch (type) {
                case BOOLEAN -> cells.booleanAt(column);
                case BYTE, SHORT, INTEGER, LONG -> cells.longAt(column);
                case FLOAT -> (float) cells.doubleAt(column);
                case DOUBLE -> cells.doubleAt(column);
                case DECIMAL -> cells.decimalAt(column);
                case CHAR, STRING, FILE_REF, LIST, MAP, LIST_MAP -> cells.stringAt(column);
                case BYTE_ARRAY -> {
                    int at = cells.bytesOffset(column);
                    yield Arrays.copyOfRange(cells.buffer(), at, at + cells.bytesLength(column));
                }
                case DATE -> LocalDate.ofEpochDay(cells.longAt(column));
                case TIME -> Duration.ofNanos(cells.longAt(column));
                case DATETIME ->
                    LocalDateTime.ofEpochSecond(cells.epochSecondAt(column), cells.nanoAt(column), ZoneOffset.UTC);
                case ZONED_DATETIME -> zoned(cells, column);
            };
        } catch (DateTimeException outside) {
            throw new ScriptFailure(
                    "SCRIPT_VALUE",
                    cells.schema().columns().get(column).name(),
                    0,
                    "a timestamp lies outside of what a transformation can hold",
                    "Leave the column as it is, or correct the row at the source.");
        }
    }

    /** For people: booleans and numbers as they are, exact decimals and times as text, bytes in hexadecimal digits; null for NULL. */
    public static Object shown(Object value) {
        if (value == null || value instanceof Boolean || value instanceof String) {
            return value;
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (value instanceof byte[] bytes) {
            return HexFormat.of().formatHex(bytes);
        }
        if (value instanceof Number number) {
            boolean odd = number instanceof Double real && !Double.isFinite(real)
                    || number instanceof Float single && !Float.isFinite(single);
            return odd ? number.toString() : number;
        }
        return value == Special.NAN ? "NaN" : IsoTimes.text(value);
    }

    private static OffsetDateTime zoned(Cells cells, int column) {
        ZoneOffset offset = ZoneOffset.ofTotalSeconds(cells.offsetSecondsAt(column));
        return LocalDateTime.ofEpochSecond(cells.epochSecondAt(column), cells.nanoAt(column), offset)
                .atOffset(offset);
    }

    /** Puts the next cell of a row whose column has this type. */
    public static void write(BatchWriter row, Type type, Object value) {
        if (value == null) {
            row.putNull();
            return;
        }
        if (value instanceof Special special) {
            row.putSpecial(special);
            return;
        }
        switch (type) {
            case BOOLEAN -> row.putBoolean((Boolean) value);
            case BYTE, SHORT, INTEGER, LONG -> row.putLong((Long) value);
            case FLOAT -> row.putDouble((Float) value);
            case DOUBLE -> row.putDouble((Double) value);
            case DECIMAL -> row.putDecimal((BigDecimal) value);
            case CHAR, STRING, FILE_REF, LIST, MAP, LIST_MAP -> row.putString((String) value);
            case BYTE_ARRAY -> row.putBytes((byte[]) value, 0, ((byte[]) value).length);
            case DATE -> row.putLong(((LocalDate) value).toEpochDay());
            case TIME -> row.putLong(((Duration) value).toNanos());
            case DATETIME -> {
                LocalDateTime time = (LocalDateTime) value;
                row.putDateTime(time.toEpochSecond(ZoneOffset.UTC), time.get(ChronoField.NANO_OF_SECOND));
            }
            case ZONED_DATETIME -> {
                OffsetDateTime time = (OffsetDateTime) value;
                row.putZonedDateTime(
                        time.toEpochSecond(),
                        time.get(ChronoField.NANO_OF_SECOND),
                        time.getOffset().getTotalSeconds());
            }
        }
    }
}
