package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.duckdb.DuckDbTypes.ColumnKind;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.LargeArrays;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;

/**
 * Appends the cells of rows to value columns, by position and without boxing; which accessor of a cell feeds which column type is settled
 * once per load. A value the column can't hold exactly is refused, never rounded.
 */
final class RowAppender {
    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long SECONDS_PER_DAY = 86_400L;
    private static final long NANOS_PER_DAY = SECONDS_PER_DAY * 1_000_000_000L;
    /** 290309-12-22 (BC) 00:00:00, the earliest timestamp DuckDB knows. */
    private static final long MIN_MICROS = -9_223_372_022_400_000_000L;

    private static final int LONG_DIGITS = 18;
    private static final long[] POWERS = new long[LONG_DIGITS + 1];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    private final String table;
    private final List<TargetColumn> columns;
    private final ColumnKind[] kinds;
    private final int[] sources;
    private final int[] digits;
    private final int[] scales;

    RowAppender(String table, List<TargetColumn> columns) {
        this.table = table;
        this.columns = columns;
        this.kinds = new ColumnKind[columns.size()];
        this.sources = new int[columns.size()];
        this.digits = new int[columns.size()];
        this.scales = new int[columns.size()];
        for (int i = 0; i < kinds.length; i++) {
            TargetColumn column = columns.get(i);
            kinds[i] = DuckDbTypes.kind(column.dataType());
            sources[i] = column.sourceIndex();
            digits[i] = DuckDbTypes.digits(column.dataType());
            scales[i] = DuckDbTypes.scale(column.dataType());
        }
    }

    /** Appends all columns' cells of the row's {@code image}; NULL for cells that are UNCHANGED or lacking. */
    void append(CellSink to, RowCursor row, Cells image) throws SQLException {
        for (int i = 0; i < kinds.length; i++) {
            int source = sources[i];
            if (source < 0 || image.isNull(source) || image.isUnchanged(source)) {
                to.none();
            } else {
                value(to, row, image, i);
            }
        }
    }

    /** Throws as {@link #append} does where a cell can't be appended. */
    void check(RowCursor row, Cells image) {
        for (int i = 0; i < kinds.length; i++) {
            int source = sources[i];
            if (source >= 0 && !image.isNull(source) && !image.isUnchanged(source)) {
                switch (kinds[i]) {
                    case DECIMAL -> unscaled(row, image, i);
                    case DATE -> days(row, image, i);
                    case TIME -> timeMicros(row, image, i);
                    case TIMESTAMP, TIMESTAMPTZ -> micros(row, image, i);
                    default -> {}
                }
            }
        }
    }

    private void value(CellSink to, RowCursor row, Cells image, int i) throws SQLException {
        int source = sources[i];
        switch (kinds[i]) {
            case BOOLEAN -> to.truth(image.booleanAt(source));
            case TINYINT -> to.tiny((byte) image.longAt(source));
            case SMALLINT -> to.small((short) image.longAt(source));
            case INTEGER -> to.integer((int) image.longAt(source));
            case BIGINT -> to.big(image.longAt(source));
            case FLOAT -> to.single((float) image.doubleAt(source));
            case DOUBLE ->
                to.real(
                        type(image, source) == Type.FLOAT || type(image, source) == Type.DOUBLE
                                ? image.doubleAt(source)
                                : (double) image.longAt(source));
            case DECIMAL -> decimal(to, row, image, i);
            case VARCHAR, JSON -> text(to, image, source);
            case BLOB -> to.bytes(bytes(image, source));
            case DATE -> to.days(days(row, image, i));
            case TIME -> to.dayMicros(timeMicros(row, image, i));
            case TIMESTAMP, TIMESTAMPTZ -> to.micros(micros(row, image, i));
        }
    }

    private static Type type(Cells image, int source) {
        return image.schema().columns().get(source).type();
    }

    private static byte[] bytes(Cells image, int source) {
        return LargeArrays.copy(image.buffer(), image.bytesOffset(source), image.bytesLength(source));
    }

    private static void text(CellSink to, Cells image, int source) throws SQLException {
        switch (type(image, source)) {
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> to.text(bytes(image, source));
            default -> to.text(CellText.of(image, source).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void decimal(CellSink to, RowCursor row, Cells image, int i) throws SQLException {
        int source = sources[i];
        boolean whole = type(image, source) != Type.DECIMAL;
        boolean special = !whole && image.specialAt(source) != null;
        if (!special && digits[i] <= LONG_DIGITS && (whole || image.isSmallDecimal(source))) {
            long unscaled = whole ? image.longAt(source) : image.unscaledAt(source);
            int shift = scales[i] - (whole ? 0 : image.scaleAt(source));
            if (shift == 0 && Math.abs(unscaled) < POWERS[digits[i]]) {
                to.decimal(unscaled, digits[i]);
                return;
            }
            if (shift > 0 && shift <= digits[i] && Math.abs(unscaled) < POWERS[digits[i] - shift]) {
                to.decimal(unscaled * POWERS[shift], digits[i]);
                return;
            }
        }
        BigInteger unscaled = unscaled(row, image, i);
        if (digits[i] <= LONG_DIGITS) {
            to.decimal(unscaled.longValueExact(), digits[i]);
        } else {
            to.wideDecimal(unscaled.longValue(), unscaled.shiftRight(Long.SIZE).longValue());
        }
    }

    private BigInteger unscaled(RowCursor row, Cells image, int i) {
        int source = sources[i];
        boolean whole = type(image, source) != Type.DECIMAL;
        if (!whole && image.specialAt(source) != null) {
            throw refused(
                    row,
                    i,
                    String.valueOf(image.specialAt(source)),
                    " is none that DECIMAL(" + digits[i] + "," + scales[i] + ") of DuckDB has");
        }
        BigDecimal value = whole ? BigDecimal.valueOf(image.longAt(source)) : image.decimalAt(source);
        BigDecimal scaled;
        try {
            scaled = value.setScale(scales[i], RoundingMode.UNNECESSARY);
        } catch (ArithmeticException e) {
            throw refused(row, i, value.toPlainString(), " has more than " + scales[i] + " digits behind the point");
        }
        if (scaled.precision() > digits[i] && scaled.signum() != 0) {
            throw refused(row, i, value.toPlainString(), " has more than " + digits[i] + " digits");
        }
        return scaled.unscaledValue();
    }

    private int days(RowCursor row, Cells image, int i) {
        Special special = image.specialAt(sources[i]);
        if (special != null) {
            return special == Special.POSITIVE_INFINITY ? Integer.MAX_VALUE : -Integer.MAX_VALUE;
        }
        long days = image.longAt(sources[i]);
        if (days >= Integer.MAX_VALUE || days <= -Integer.MAX_VALUE) {
            throw refused(row, i, "day " + days + " from 1970-01-01", " is outside DuckDB's calendar");
        }
        return (int) days;
    }

    private long timeMicros(RowCursor row, Cells image, int i) {
        long nanos = image.longAt(sources[i]);
        if (nanos < 0 || nanos > NANOS_PER_DAY) {
            throw refused(row, i, CellText.of(image, sources[i]), " is not between 00:00 and 24:00");
        }
        if (nanos % 1_000 != 0) {
            throw refused(row, i, CellText.of(image, sources[i]), " has more than six digits behind the second");
        }
        return nanos / 1_000;
    }

    private long micros(RowCursor row, Cells image, int i) {
        int source = sources[i];
        Special special = image.specialAt(source);
        if (special != null) {
            return special == Special.POSITIVE_INFINITY ? Long.MAX_VALUE : -Long.MAX_VALUE;
        }
        boolean date = type(image, source) == Type.DATE;
        long seconds = date ? image.longAt(source) * SECONDS_PER_DAY : image.epochSecondAt(source);
        int nanos = date ? 0 : image.nanoAt(source);
        if (nanos % 1_000 != 0) {
            throw refused(row, i, CellText.of(image, source), " has more than six digits behind the second");
        }
        if (seconds <= MIN_MICROS / MICROS_PER_SECOND || seconds >= Long.MAX_VALUE / MICROS_PER_SECOND) {
            throw refused(row, i, "second " + seconds + " from 1970-01-01", " is outside DuckDB's timestamps");
        }
        return seconds * MICROS_PER_SECOND + nanos / 1_000;
    }

    /** @param why goes on behind the value */
    private DataException refused(RowCursor row, int i, String value, String why) {
        Reason reason = new Reason(value + why, "the value" + why).after("event " + row.eventId() + ": ");
        return new DataException(table, columns.get(i).name(), reason, row.eventId());
    }
}
