package dev.millrace.consume.transform.steps;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A cell taken out of its image, used again for every row; which field counts is told by the type its slot has. Confined to one thread.
 *
 * <pre>
 * BOOLEAN, whole numbers, DATE (days), TIME (nanoseconds)   number
 * FLOAT, DOUBLE                                             real
 * DECIMAL                                                   object: BigDecimal
 * DATETIME, ZONED_DATETIME                                  number: seconds, nano, offset
 * BYTE_ARRAY                                                object: byte[]
 * all others                                                object: String, or null while it stands in {@code bytes} as UTF-8
 * </pre>
 */
final class Value {
    enum State {
        VALUE,
        NULL,
        UNCHANGED
    }

    State state = State.NULL;
    long number;
    double real;
    int nano;
    int offset;
    Object object;
    byte[] bytes;
    int from;
    int length;
    /** Null for an ordinary value. */
    Special special;

    boolean isNull() {
        return state == State.NULL;
    }

    boolean isUnchanged() {
        return state == State.UNCHANGED;
    }

    String text() {
        if (object == null) {
            object = new String(bytes, from, length, StandardCharsets.UTF_8);
        }
        return (String) object;
    }

    /** Text as UTF-8, which stays as it is. */
    void utf8(byte[] buffer, int offset, int count) {
        state = State.VALUE;
        special = null;
        object = null;
        bytes = buffer;
        from = offset;
        length = count;
    }

    /** Sees that a text stands in {@code bytes}; false where UTF-8 has nothing for it: half a character. */
    boolean encode() {
        if (object instanceof String held) {
            byte[] utf8 = held.getBytes(StandardCharsets.UTF_8);
            if (!held.equals(new String(utf8, StandardCharsets.UTF_8))) {
                return false;
            }
            utf8(utf8, 0, utf8.length);
        }
        return true;
    }

    BigDecimal decimal() {
        return (BigDecimal) object;
    }

    void none() {
        state = State.NULL;
    }

    void unchanged() {
        state = State.UNCHANGED;
    }

    void number(long value) {
        state = State.VALUE;
        special = null;
        number = value;
    }

    void real(double value) {
        state = State.VALUE;
        special = null;
        real = value;
    }

    /** Text, JSON, decimal or bytes; null is NULL. */
    void object(Object value) {
        state = value == null ? State.NULL : State.VALUE;
        special = null;
        object = value;
    }

    void special(Special value) {
        state = State.VALUE;
        special = value;
    }

    void moment(long second, int nanos, int offsetSeconds) {
        state = State.VALUE;
        special = null;
        number = second;
        nano = nanos;
        offset = offsetSeconds;
    }

    void copy(Value other) {
        state = other.state;
        number = other.number;
        real = other.real;
        nano = other.nano;
        offset = other.offset;
        object = other.object;
        bytes = other.bytes;
        from = other.from;
        length = other.length;
        special = other.special;
    }

    void load(Cells cells, int column, Type type) {
        if (cells.isNull(column)) {
            state = State.NULL;
            return;
        }
        if (cells.isUnchanged(column)) {
            state = State.UNCHANGED;
            return;
        }
        state = State.VALUE;
        special = cells.specialAt(column);
        if (special != null) {
            return;
        }
        switch (type) {
            case BOOLEAN -> number = cells.booleanAt(column) ? 1 : 0;
            case BYTE, SHORT, INTEGER, LONG, DATE, TIME -> number = cells.longAt(column);
            case FLOAT, DOUBLE -> real = cells.doubleAt(column);
            case DECIMAL -> object = cells.decimalAt(column);
            case DATETIME, ZONED_DATETIME -> {
                number = cells.epochSecondAt(column);
                nano = cells.nanoAt(column);
                offset = type == Type.ZONED_DATETIME ? cells.offsetSecondsAt(column) : 0;
            }
            case BYTE_ARRAY -> {
                int at = cells.bytesOffset(column);
                object = Arrays.copyOfRange(cells.buffer(), at, at + cells.bytesLength(column));
            }
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF ->
                utf8(cells.buffer(), cells.bytesOffset(column), cells.bytesLength(column));
        }
    }

    /** Puts the next cell of a row, whose column has this type. */
    void write(BatchWriter row, Type type) {
        if (state == State.NULL) {
            row.putNull();
        } else if (state == State.UNCHANGED) {
            row.putUnchanged();
        } else if (special != null) {
            row.putSpecial(special);
        } else {
            switch (type) {
                case BOOLEAN -> row.putBoolean(number != 0);
                case BYTE, SHORT, INTEGER, LONG, DATE, TIME -> row.putLong(number);
                case FLOAT, DOUBLE -> row.putDouble(real);
                case DECIMAL -> row.putDecimal(decimal());
                case DATETIME -> row.putDateTime(number, nano);
                case ZONED_DATETIME -> row.putZonedDateTime(number, nano, offset);
                case BYTE_ARRAY -> row.putBytes((byte[]) object, 0, ((byte[]) object).length);
                case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> {
                    if (object == null) {
                        row.putBytes(bytes, from, length);
                    } else {
                        row.putString(text());
                    }
                }
            }
        }
    }
}
