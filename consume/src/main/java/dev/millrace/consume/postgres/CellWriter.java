package dev.millrace.consume.postgres;

import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;

/**
 * Writes cells as fields of a binary COPY, in the forms that the receive functions in PostgreSQL's src/backend/utils/adt take. NULL and
 * UNCHANGED become NULL. Confined to one thread.
 */
final class CellWriter {
    private static final long EPOCH_DAYS = 10_957;
    private static final long EPOCH_SECONDS = EPOCH_DAYS * 86_400;
    private static final long EPOCH_MICROS = EPOCH_SECONDS * 1_000_000;
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final long[] TENS = {1, 10, 100, 1000, 10_000, 100_000, 1_000_000};
    private static final long MAX_SECONDS = Long.MAX_VALUE / 1_000_000 - 1;

    private final NumericForm numerics = new NumericForm();

    /**
     * Writes one cell.
     *
     * @return null, or why the column can't hold the value; what was written is then useless
     */
    String put(Cells cells, ColumnPlan plan, CopyStream out) throws SQLException {
        int column = plan.sourceIndex();
        if (cells.encodedLength(column) == 0) {
            out.putNull();
            return null;
        }
        return switch (plan.type().wire()) {
            case BOOL -> putBoolean(cells.booleanAt(column), out);
            case INT2 -> putWhole(cells.longAt(column), 2, out);
            case INT4 -> putWhole(cells.longAt(column), 4, out);
            case INT8 -> putWhole(cells.longAt(column), 8, out);
            case FLOAT4, FLOAT8 -> putFloating(cells, plan, out);
            case NUMERIC -> putNumeric(cells, plan, out);
            case TEXT -> putText(cells, plan, out);
            case BYTEA -> putBytes(cells, column, false, out);
            case JSONB -> putBytes(cells, column, true, out);
            case DATE -> putDate(cells, column, out);
            case TIME -> putTime(cells.longAt(column), plan.type().scale(), out);
            case TIMESTAMP, TIMESTAMPTZ -> putTimestamp(cells, plan, out);
        };
    }

    /** An instant of ours; {@link Long#MIN_VALUE} as NULL. */
    static void putInstant(long microsSince1970, CopyStream out) {
        if (microsSince1970 == Long.MIN_VALUE) {
            out.putNull();
        } else {
            out.putLongField(microsSince1970 - EPOCH_MICROS);
        }
    }

    static void putFlag(boolean value, CopyStream out) {
        out.putInt(1);
        out.putByte(value ? 1 : 0);
    }

    static void putText(String value, CopyStream out) throws SQLException {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length);
        out.putBytes(bytes, 0, bytes.length);
    }

    private static String putBoolean(boolean value, CopyStream out) {
        putFlag(value, out);
        return null;
    }

    private static String putWhole(long value, int bytes, CopyStream out) {
        if (bytes == 8) {
            out.putLongField(value);
            return null;
        }
        if (bytes == 2 ? value != (short) value : value != (int) value) {
            return value + " is out of the column's range";
        }
        out.putInt(bytes);
        if (bytes == 2) {
            out.putShort((int) value);
        } else {
            out.putInt((int) value);
        }
        return null;
    }

    private static String putFloating(Cells cells, ColumnPlan plan, CopyStream out) {
        boolean floating = plan.source() == Type.FLOAT || plan.source() == Type.DOUBLE;
        double value = floating ? cells.doubleAt(plan.sourceIndex()) : cells.longAt(plan.sourceIndex());
        if (plan.type().wire() == ColumnType.Wire.FLOAT4) {
            out.putInt(4);
            out.putInt(Float.floatToIntBits((float) value));
        } else {
            out.putLongField(Double.doubleToLongBits(value));
        }
        return null;
    }

    /** {@code jsonb}: its text behind the version of its form, 1. */
    private static String putBytes(Cells cells, int column, boolean jsonb, CopyStream out) throws SQLException {
        int length = cells.bytesLength(column);
        out.putInt(jsonb ? length + 1 : length);
        if (jsonb) {
            out.putByte(1);
        }
        out.putBytes(cells.buffer(), cells.bytesOffset(column), length);
        return null;
    }

    private String putNumeric(Cells cells, ColumnPlan plan, CopyStream out) {
        int column = plan.sourceIndex();
        if (plan.source() != Type.DECIMAL) {
            long value = cells.longAt(column);
            if (value == Long.MIN_VALUE) {
                return NumericForm.putBig(BigDecimal.valueOf(value), out);
            }
            numerics.putSmall(value, 0, out);
            return null;
        }
        Special special = cells.specialAt(column);
        if (special != null) {
            NumericForm.putSpecial(special, out);
            return null;
        }
        int columnScale = plan.type().scale();
        if (cells.isSmallDecimal(column)) {
            long unscaled = cells.unscaledAt(column);
            int scale = cells.scaleAt(column);
            boolean kept = columnScale < 0 || scale <= columnScale;
            if (kept && scale >= 0 && scale <= NumericForm.SMALL_SCALE && unscaled != Long.MIN_VALUE) {
                numerics.putSmall(unscaled, scale, out);
                return null;
            }
        }
        BigDecimal value = cells.decimalAt(column);
        if (columnScale >= 0 && value.scale() > columnScale && !endsInZeros(value, columnScale)) {
            return "it has " + value.scale() + " digits behind the point, the column keeps " + columnScale;
        }
        return NumericForm.putBig(value, out);
    }

    private static boolean endsInZeros(BigDecimal value, int scale) {
        return value.signum() == 0 || value.stripTrailingZeros().scale() <= scale;
    }

    private static String putText(Cells cells, ColumnPlan plan, CopyStream out) throws SQLException {
        int column = plan.sourceIndex();
        switch (plan.source()) {
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> {
                byte[] buffer = cells.buffer();
                int from = cells.bytesOffset(column);
                int length = cells.bytesLength(column);
                for (int i = from; i < from + length; i++) {
                    if (buffer[i] == 0) {
                        return "it holds a NUL character (U+0000), which PostgreSQL's text can't";
                    }
                }
                out.putInt(length);
                out.putBytes(buffer, from, length);
            }
            case BYTE_ARRAY -> {
                int from = cells.bytesOffset(column);
                putText("\\x" + HexFormat.of().formatHex(cells.buffer(), from, from + cells.bytesLength(column)), out);
            }
            default -> putText(TextForm.of(cells, column, plan.source()), out);
        }
        return null;
    }

    private static String putDate(Cells cells, int column, CopyStream out) {
        Special special = cells.specialAt(column);
        long days = special == null
                ? cells.longAt(column) - EPOCH_DAYS
                : infinite(special, Integer.MAX_VALUE, Integer.MIN_VALUE);
        if (special == null && (days >= Integer.MAX_VALUE || days <= Integer.MIN_VALUE)) {
            return "the date is out of PostgreSQL's range";
        }
        out.putInt(4);
        out.putInt((int) days);
        return null;
    }

    private static long infinite(Special special, long positive, long negative) {
        return special == Special.POSITIVE_INFINITY ? positive : negative;
    }

    private static String putTime(long nanos, int digits, CopyStream out) {
        long micros = Math.floorDiv(nanos, 1000L);
        if (micros < 0 || micros > MICROS_PER_DAY || micros == MICROS_PER_DAY && nanos % 1000 != 0) {
            return "the time is outside 00:00 to 24:00, all that PostgreSQL's time holds";
        }
        if (nanos % 1000 != 0 || micros % TENS[6 - digits] != 0) {
            return tooFine(digits);
        }
        out.putLongField(micros);
        return null;
    }

    private static String putTimestamp(Cells cells, ColumnPlan plan, CopyStream out) {
        int column = plan.sourceIndex();
        Special special = cells.specialAt(column);
        if (special != null) {
            out.putLongField(infinite(special, Long.MAX_VALUE, Long.MIN_VALUE));
            return null;
        }
        long seconds = (plan.source() == Type.DATE ? cells.longAt(column) * 86_400 : cells.epochSecondAt(column))
                - EPOCH_SECONDS;
        int nano = plan.source() == Type.DATE ? 0 : cells.nanoAt(column);
        // the server refuses what a long holds and its range doesn't
        if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) {
            return "the time is out of PostgreSQL's range";
        }
        int micros = nano / 1000;
        if (nano % 1000 != 0 || micros % TENS[6 - plan.type().scale()] != 0) {
            return tooFine(plan.type().scale());
        }
        out.putLongField(seconds * 1_000_000 + micros);
        return null;
    }

    private static String tooFine(int digits) {
        return "it has more than the " + digits + " digits of a second that the column keeps";
    }
}
