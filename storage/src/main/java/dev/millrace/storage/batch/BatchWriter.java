package dev.millrace.storage.batch;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Encodes rows into a batch: per row {@code beginRow}, one put per column in the schema's order, optionally {@code beginBefore} and one put
 * per column again, {@code endRow}. Nothing is boxed; the buffers are reused over {@link #finish}. Confined to one thread.
 *
 * <p>A put that does not fit the column's type, or a call out of order, is a defect: {@link IllegalStateException}. After one the row may
 * only be abandoned. A batch of more than 1 GB before compression is refused with {@link dev.millrace.config.error.MillraceException}
 * BATCH_TOO_LARGE.
 */
public final class BatchWriter {
    private static final int IDLE = -1;

    private final Bytes rows = new Bytes(64 << 10);
    private final Dictionary dictionary = new Dictionary();
    private final BodyCodec codec = new BodyCodec();

    private int eventCount;
    private int lastSchema;
    private int lastTransaction;

    private int rowStart;
    private int rowSchema;
    private int rowTransaction;
    private RowShape shape;
    private int imageStart;
    /** {@link Bytes#length()} where the image begins. */
    private int imageBegan;

    /** The next column to put, {@link #IDLE} outside a row. */
    private int column = IDLE;

    private boolean inBefore;

    private int markedBytes;
    private int markedEvents;
    private int markedSchema;
    private int markedTransaction;

    /**
     * The schema's number in this batch; registers it when it is new here (by identity first, then by its content). Numbers end with
     * {@link #finish}: ask again for the next batch.
     */
    public int schema(Schema schema) {
        return dictionary.schema(schema);
    }

    /**
     * The rows that follow belong to this source transaction, also behind {@link #finish}, where the ordinals go on counting.
     *
     * @param transactionId the source's number, 0 for a historical load
     * @param modifiedAtMicros commit time, microseconds from 1970 UTC; {@link Long#MIN_VALUE} unknown
     * @param position the offset in text, the stem of event ids: id = position + ":" + ordinal
     * @param firstOrdinal the ordinal of the next row within that offset
     */
    public void beginTransaction(long transactionId, long modifiedAtMicros, String position, long firstOrdinal) {
        if (column != IDLE) {
            throw new IllegalStateException("a transaction begins within a row");
        }
        dictionary.beginTransaction(transactionId, modifiedAtMicros, position, firstOrdinal);
    }

    public void beginRow(Operation operation, int schema) {
        if (!operation.hasCells()) {
            throw new IllegalStateException(operation + " has no cells");
        }
        begin(operation, schema);
        beginImage();
    }

    private void begin(Operation operation, int schema) {
        if (column != IDLE) {
            throw new IllegalStateException("a row begins within a row");
        }
        shape = dictionary.shape(schema);
        rowSchema = schema;
        rowTransaction = dictionary.transaction();
        rowStart = rows.size();
        int flags = operation.ordinal();
        if (rowSchema != lastSchema) {
            flags |= BatchFormat.NEW_SCHEMA;
        }
        if (rowTransaction != lastTransaction) {
            flags |= BatchFormat.NEW_TRANSACTION;
        }
        rows.putByte(flags);
        if (rowSchema != lastSchema) {
            rows.putVarint(rowSchema);
        }
        if (rowTransaction != lastTransaction) {
            rows.putVarint(rowTransaction);
        }
    }

    private void beginImage() {
        rows.putInt(0);
        imageStart = rows.size();
        imageBegan = rows.length();
        rows.putZeros(CellFormat.stateBytes(shape.columns()));
        column = 0;
    }

    private void endImage() {
        if (column != shape.columns()) {
            throw new IllegalStateException("row of " + shape.schema().table() + " ends after " + Math.max(column, 0)
                    + " of " + shape.columns() + " columns");
        }
        rows.setInt(imageStart - 4, rows.length() - imageBegan);
    }

    public void putNull() {
        putState(CellFormat.NULL);
    }

    /** The value is what the destination already holds; never NULL. */
    public void putUnchanged() {
        putState(CellFormat.UNCHANGED);
    }

    private void putState(int state) {
        int current = nextColumn();
        int at = imageStart + (current >> 2);
        rows.array()[at] |= (byte) (state << ((current & 3) << 1));
    }

    public void putBoolean(boolean value) {
        nextColumn(Type.BOOLEAN);
        rows.putByte(value ? 1 : 0);
    }

    /** BYTE, SHORT, INTEGER, LONG; DATE as days; TIME as nanoseconds. */
    public void putLong(long value) {
        int current = nextColumn();
        Type type = shape.type(current);
        require(CellEncoding.integer(rows, type, value), value);
    }

    /** FLOAT (the nearest one), DOUBLE. */
    public void putDouble(double value) {
        int current = nextColumn();
        switch (shape.type(current)) {
            case FLOAT -> rows.putInt(Float.floatToIntBits((float) value));
            case DOUBLE -> rows.putLong(Double.doubleToLongBits(value));
            default -> throw unfit("a floating point number");
        }
    }

    /** DECIMAL that is finite: {@code unscaled × 10^-scale}; the scale is kept (1.50 stays 1.50). */
    public void putDecimal(long unscaled, int scale) {
        nextColumn(Type.DECIMAL);
        CellEncoding.decimal(rows, unscaled, scale);
    }

    /** DECIMAL of any size. */
    public void putDecimal(BigDecimal value) {
        if (value.unscaledValue().bitLength() < Long.SIZE) {
            putDecimal(value.unscaledValue().longValue(), value.scale());
            return;
        }
        nextColumn(Type.DECIMAL);
        CellEncoding.bigDecimal(rows, value);
    }

    /** DECIMAL, DATE, DATETIME, ZONED_DATETIME: a value outside the number line; NaN for DECIMAL only. */
    public void putSpecial(Special value) {
        int current = nextColumn();
        if (!CellEncoding.special(rows, shape.type(current), value)) {
            throw unfit(value == Special.NAN ? "NaN" : "an infinity");
        }
    }

    /** DATETIME. */
    public void putDateTime(long epochSecond, int nano) {
        nextColumn(Type.DATETIME);
        requireTimestamp(epochSecond, nano);
        CellEncoding.timestamp(rows, epochSecond, nano);
    }

    /** ZONED_DATETIME; {@code offsetSeconds} the offset it was written in, 0 where the source keeps only the instant. */
    public void putZonedDateTime(long epochSecond, int nano, int offsetSeconds) {
        nextColumn(Type.ZONED_DATETIME);
        requireTimestamp(epochSecond, nano);
        CellEncoding.timestamp(rows, epochSecond, nano);
        rows.putInt(offsetSeconds);
    }

    private void requireTimestamp(long epochSecond, int nano) {
        require(epochSecond != Long.MAX_VALUE && epochSecond != Long.MIN_VALUE, epochSecond);
        require(nano >= 0 && nano <= 999_999_999, nano);
    }

    /** CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF (UTF-8) and BYTE_ARRAY. */
    public void putBytes(byte[] bytes, int offset, int length) {
        beginBytes(length);
        rows.putBytes(bytes, offset, length);
    }

    /** As {@link #putBytes}, without a copy where they are outsize: nobody may change the array before the finished batch is appended. */
    public void lendBytes(byte[] bytes, int offset, int length) {
        beginBytes(length);
        rows.lend(bytes, offset, length);
    }

    private void beginBytes(int length) {
        if (shape.kind(nextColumn()) != CellFormat.BYTES) {
            throw unfit("text or bytes");
        }
        rows.putVarint(length);
    }

    /** As {@link #putBytes}, encoding as UTF-8. */
    public void putString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        lendBytes(utf8, 0, utf8.length);
    }

    /** The cell as {@code cells} has it, NULL and UNCHANGED included, as bytes (see {@link #lendBytes}); both columns are of one type, or both text or bytes. */
    public void putCopy(Cells cells, int from) {
        putCopies(cells, from, 1);
    }

    /** As {@link #putCopy} of {@code count} columns, at least one, that follow each other; costs little more than one of them. */
    public void putCopies(Cells cells, int from, int count) {
        for (int source = from; source < from + count; source++) {
            if (cells.encodedLength(source) == 0) {
                putState(cells.isNull(source) ? CellFormat.NULL : CellFormat.UNCHANGED);
            } else if (!shape.takes(nextColumn(), cells.type(source))) {
                throw unfit("a " + cells.type(source));
            }
        }
        rows.lend(cells.buffer(), cells.encodedOffset(from), cells.encodedLength(from, from + count));
    }

    private int nextColumn() {
        if (column == IDLE || column >= shape.columns()) {
            throw new IllegalStateException(
                    column == IDLE
                            ? "a put outside a row"
                            : "row of " + shape.schema().table() + " gets more than " + column + " cells");
        }
        return column++;
    }

    private void nextColumn(Type type) {
        int current = nextColumn();
        if (shape.type(current) != type) {
            throw unfit("a " + type);
        }
    }

    private void require(boolean fits, long value) {
        if (!fits) {
            throw unfit(Long.toString(value));
        }
    }

    private IllegalStateException unfit(String got) {
        int current = column - 1;
        return new IllegalStateException("column " + current + " of "
                + shape.schema().table() + " is a " + shape.type(current) + " and was given " + got);
    }

    /** The row's values are whole; what follows is the row before the change, in full width; columns that are not known are UNCHANGED. */
    public void beginBefore() {
        if (column == IDLE || inBefore) {
            throw new IllegalStateException("a row before begins outside a row's values");
        }
        endImage();
        inBefore = true;
        rows.array()[rowStart] |= BatchFormat.HAS_BEFORE;
        beginImage();
    }

    public void endRow() {
        if (column == IDLE) {
            throw new IllegalStateException("a row ends that was not begun");
        }
        endImage();
        ended();
    }

    private void ended() {
        column = IDLE;
        inBefore = false;
        lastSchema = rowSchema;
        lastTransaction = rowTransaction;
        dictionary.rowEnded();
        eventCount++;
    }

    /** Takes back the row that was begun and not ended; does nothing outside a row. */
    public void abandonRow() {
        if (column != IDLE) {
            rows.truncate(rowStart);
            column = IDLE;
            inBefore = false;
        }
    }

    /** What is written from here on can be taken back by {@link #rollback}. */
    public void mark() {
        if (column != IDLE) {
            throw new IllegalStateException("a mark within a row");
        }
        markedBytes = rows.size();
        markedEvents = eventCount;
        markedSchema = lastSchema;
        markedTransaction = lastTransaction;
    }

    /**
     * Takes back every row since {@link #mark}, whole or begun, in the same batch. A transaction has to be begun again before the next row: the
     * ordinals are not taken back.
     */
    public void rollback() {
        rows.truncate(markedBytes);
        column = IDLE;
        inBefore = false;
        eventCount = markedEvents;
        lastSchema = markedSchema;
        lastTransaction = markedTransaction;
    }

    /** TRUNCATE, LOAD_STARTED, LOAD_COMPLETED. */
    public void control(Operation operation, int schema) {
        if (operation.hasCells()) {
            throw new IllegalStateException(operation + " has cells");
        }
        begin(operation, schema);
        ended();
    }

    /** When the transaction last begun was committed, in microseconds from 1970 UTC; {@link Long#MIN_VALUE} unknown or none begun. */
    public long modifiedAtMicros() {
        return dictionary.modifiedAtMicros();
    }

    public int eventCount() {
        return eventCount;
    }

    /** Bytes encoded so far, before compression. */
    public int sizeBytes() {
        return rows.length();
    }

    /** Finishes the batch, which may be without rows, and makes the writer empty for the next; the transaction goes on. */
    public EncodedBatch finish(
            long createdAtMillis, boolean historicalLoad, boolean endsTransaction, OffsetDelta offsetDelta) {
        BatchHeader header =
                new BatchHeader(createdAtMillis, eventCount, historicalLoad, endsTransaction, endBody(), offsetDelta);
        EncodedBatch batch = codec.encode(header, rows);
        clear();
        return batch;
    }

    /** As {@link #finish}, for a batch that takes the place of {@code source} in memory: the same in all that isn't rows, and not compressed. */
    public StoredBatch finishDerived(StoredBatch source) {
        return finishDerived(source, null);
    }

    /**
     * As {@link #finishDerived(StoredBatch)}, where rows may be missing or more.
     *
     * @param numbers by row its event's number in the log's batch; may be longer, and is copied
     */
    public StoredBatch finishDerived(StoredBatch source, int[] numbers) {
        int[] own = numbers == null ? null : Arrays.copyOf(numbers, eventCount);
        BatchHeader header = source.header().derived(eventCount, endBody());
        StoredBatch derived = BodyCodec.plain(header, rows).stored(source.logIndex());
        clear();
        return new StoredBatch(derived.logIndex(), header, derived.body(), own);
    }

    private int endBody() {
        if (column != IDLE) {
            throw new IllegalStateException("a batch ends within a row");
        }
        int rowBytes = rows.length();
        dictionary.write(rows, eventCount);
        rows.putInt(rowBytes);
        rows.putByte(BatchFormat.VERSION);
        return rows.length();
    }

    private void clear() {
        rows.clear();
        dictionary.clear();
        eventCount = 0;
        lastSchema = 0;
        lastTransaction = 0;
    }
}
