package dev.millrace.storage.batch;

import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One row image's cells, read in place by column number. Which accessor fits which type is told in {@link BatchWriter}; another one gives
 * nonsense or throws, never reads outside the image. Confined to one thread.
 */
public final class Cells {
    private RowShape shape;
    private byte[] buffer;
    private int image;
    private int columns;
    private boolean anyUnchanged;

    /** Where each cell begins, and at the end where the last one ends. */
    private int[] starts = new int[17];

    /**
     * Points at a row image of {@code schema} (see {@link BatchReader#valuesOffset()}).
     *
     * @throws dev.millrace.config.error.MillraceException BATCH_MALFORMED
     */
    public void moveTo(Schema schema, byte[] buffer, int offset, int length) {
        moveTo(shape != null && shape.schema() == schema ? shape : new RowShape(schema), buffer, offset, length);
    }

    void moveTo(RowShape newShape, byte[] newBuffer, int offset, int length) {
        int count = newShape.columns();
        if (offset < 0 || length < CellFormat.stateBytes(count) || length > newBuffer.length - offset) {
            throw BatchFormat.malformed("a row image of " + length + " bytes at byte " + offset
                    + " is too short or reaches beyond its buffer");
        }
        columns = 0;
        if (starts.length <= count) {
            starts = new int[count + 1];
        }
        int end = offset + length;
        int at = offset + CellFormat.stateBytes(count);
        boolean unchanged = false;
        for (int column = 0; column < count; column++) {
            starts[column] = at;
            int state = CellFormat.state(newBuffer, offset, column);
            if (state == CellFormat.VALUE) {
                int kind = newShape.kind(column);
                at = kind > 0 ? at + kind : CellFormat.endOfVariable(newBuffer, at, end, (byte) kind);
                if (at > end) {
                    throw BatchFormat.malformed(
                            "a row image of " + length + " bytes at byte " + offset + " ends in column " + column);
                }
            } else if (state == CellFormat.UNCHANGED) {
                unchanged = true;
            } else if (state != CellFormat.NULL) {
                throw BatchFormat.malformed(
                        "column " + column + " of the row image at byte " + offset + " has no valid state");
            }
        }
        if (at != end) {
            throw BatchFormat.malformed((end - at) + " bytes follow the last cell of the row image at byte " + offset);
        }
        starts[count] = at;
        shape = newShape;
        buffer = newBuffer;
        image = offset;
        anyUnchanged = unchanged;
        columns = count;
    }

    public Schema schema() {
        return shape.schema();
    }

    Type type(int column) {
        return shape.type(column);
    }

    public boolean isNull(int column) {
        return state(column) == CellFormat.NULL;
    }

    public boolean isUnchanged(int column) {
        return state(column) == CellFormat.UNCHANGED;
    }

    /** Whether any column is UNCHANGED. */
    public boolean anyUnchanged() {
        return anyUnchanged;
    }

    public boolean booleanAt(int column) {
        return longAt(column) != 0;
    }

    /** BYTE, SHORT, INTEGER, LONG, DATE (days), TIME (nanoseconds). */
    public long longAt(int column) {
        int at = encodedOffset(column);
        return switch (starts[column + 1] - at) {
            case 1 -> buffer[at];
            case 2 -> (short) Bytes.SHORT.get(buffer, at);
            case 4 -> (int) Bytes.INT.get(buffer, at);
            case 8 -> (long) Bytes.LONG.get(buffer, at);
            default -> throw unfit(column, "an integer");
        };
    }

    public double doubleAt(int column) {
        int at = encodedOffset(column);
        return switch (starts[column + 1] - at) {
            case 4 -> Float.intBitsToFloat((int) Bytes.INT.get(buffer, at));
            case 8 -> Double.longBitsToDouble((long) Bytes.LONG.get(buffer, at));
            default -> throw unfit(column, "a floating point number");
        };
    }

    /** The special value of a DECIMAL, DATE, DATETIME or ZONED_DATETIME, or null for an ordinary one. */
    public Special specialAt(int column) {
        int at = encodedOffset(column);
        if (starts[column + 1] == at) {
            return null;
        }
        return switch (shape.type(column)) {
            case DECIMAL -> decimalSpecial(buffer[at] & 0xff);
            case DATE -> special((int) Bytes.INT.get(buffer, at), Integer.MAX_VALUE, Integer.MIN_VALUE);
            case DATETIME, ZONED_DATETIME -> special((long) Bytes.LONG.get(buffer, at), Long.MAX_VALUE, Long.MIN_VALUE);
            default -> null;
        };
    }

    private static Special special(long value, long positive, long negative) {
        if (value == positive) {
            return Special.POSITIVE_INFINITY;
        }
        return value == negative ? Special.NEGATIVE_INFINITY : null;
    }

    private static Special decimalSpecial(int first) {
        return switch (first) {
            case CellFormat.DECIMAL_NAN -> Special.NAN;
            case CellFormat.DECIMAL_POSITIVE_INFINITY -> Special.POSITIVE_INFINITY;
            case CellFormat.DECIMAL_NEGATIVE_INFINITY -> Special.NEGATIVE_INFINITY;
            default -> null;
        };
    }

    /** Whether the DECIMAL's unscaled value fits a long: then the next two are its parts. */
    public boolean isSmallDecimal(int column) {
        int at = encodedOffset(column);
        return shape.kind(column) == CellFormat.DECIMAL
                && starts[column + 1] > at
                && (buffer[at] & 0xff) <= CellFormat.DECIMAL_SMALL_MAX;
    }

    public long unscaledAt(int column) {
        if (!isSmallDecimal(column)) {
            throw unfit(column, "a small DECIMAL");
        }
        int at = unscaledOffset(column);
        int end = starts[column + 1];
        if (end - at < 1 || end - at > 8) {
            throw BatchFormat.malformed(
                    "a DECIMAL at byte " + starts[column] + " has " + (end - at) + " bytes of digits");
        }
        long value = buffer[end - 1];
        for (int place = end - 2; place >= at; place--) {
            value = (value << 8) | (buffer[place] & 0xff);
        }
        return value;
    }

    public int scaleAt(int column) {
        return CellFormat.zigzag(CellFormat.varint(buffer, scaleOffset(column), starts[column + 1]));
    }

    public BigDecimal decimalAt(int column) {
        if (isSmallDecimal(column)) {
            return BigDecimal.valueOf(unscaledAt(column), scaleAt(column));
        }
        int scale = scaleAt(column);
        int at = unscaledOffset(column);
        if (at >= starts[column + 1]) {
            throw BatchFormat.malformed("a DECIMAL at byte " + starts[column] + " has no digits");
        }
        return new BigDecimal(new BigInteger(buffer, at, starts[column + 1] - at), scale);
    }

    private int scaleOffset(int column) {
        int at = encodedOffset(column);
        if (isSmallDecimal(column)) {
            return at + 1;
        }
        if (shape.kind(column) != CellFormat.DECIMAL
                || starts[column + 1] == at
                || (buffer[at] & 0xff) != CellFormat.DECIMAL_BIG) {
            throw unfit(column, "a finite DECIMAL");
        }
        return at + 1 + CellFormat.varintBytes(buffer, at + 1);
    }

    private int unscaledOffset(int column) {
        int scale = scaleOffset(column);
        CellFormat.varint(buffer, scale, starts[column + 1]);
        return scale + CellFormat.varintBytes(buffer, scale);
    }

    /** DATETIME, ZONED_DATETIME. */
    public long epochSecondAt(int column) {
        return (long) Bytes.LONG.get(buffer, timestamp(column, 12));
    }

    public int nanoAt(int column) {
        return (int) Bytes.INT.get(buffer, timestamp(column, 12) + 8);
    }

    public int offsetSecondsAt(int column) {
        return (int) Bytes.INT.get(buffer, timestamp(column, 16) + 12);
    }

    private int timestamp(int column, int width) {
        int at = encodedOffset(column);
        if (starts[column + 1] - at < width) {
            throw unfit(column, "a timestamp");
        }
        return at;
    }

    /** Where text or bytes stand in {@link #buffer()}. */
    public int bytesOffset(int column) {
        int at = encodedOffset(column);
        if (shape.kind(column) != CellFormat.BYTES || starts[column + 1] == at) {
            throw unfit(column, "text or bytes");
        }
        return buffer[at] >= 0 ? at + 1 : at + CellFormat.varintBytes(buffer, at);
    }

    public int bytesLength(int column) {
        return starts[column + 1] - bytesOffset(column);
    }

    public String stringAt(int column) {
        int at = bytesOffset(column);
        return new String(buffer, at, starts[column + 1] - at, StandardCharsets.UTF_8);
    }

    /**
     * Where the cell's encoding begins, its state excluded: equal cells of one type have equal bytes, so keys may be hashed and compared by
     * them. Equality is that of the bytes: a DECIMAL's scale, the sign of a floating zero and a timestamp's offset are part of it.
     */
    public int encodedOffset(int column) {
        return starts[Objects.checkIndex(column, columns)];
    }

    /** 0 for NULL and UNCHANGED, greater for every value. */
    public int encodedLength(int column) {
        int at = encodedOffset(column);
        return starts[column + 1] - at;
    }

    /** Of the columns from {@code from} to before {@code to}, whose encodings stand side by side. */
    int encodedLength(int from, int to) {
        return starts[Objects.checkIndex(to - 1, columns) + 1] - encodedOffset(from);
    }

    public byte[] buffer() {
        return buffer;
    }

    private int state(int column) {
        return CellFormat.state(buffer, image, Objects.checkIndex(column, columns));
    }

    private IllegalStateException unfit(int column, String wanted) {
        Type type = shape.type(column);
        String held = isNull(column) ? "NULL" : isUnchanged(column) ? "UNCHANGED" : type.name();
        return new IllegalStateException(
                "column " + column + " of " + shape.schema().table() + " holds " + held + ", not " + wanted);
    }
}
