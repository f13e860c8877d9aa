package dev.millrace.storage.batch;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks a batch's rows in place. After {@link #next} the accessors tell of that row until the next call. Confined to one thread; may be
 * reopened on another batch.
 *
 * <p>Malformed bytes never crash, hang or allocate without bound: {@link dev.millrace.config.error.MillraceException} BATCH_MALFORMED.
 */
public final class BatchReader {
    private static final int OPERATIONS = Operation.values().length;
    private static final int MIN_TRANSACTION_BYTES = 25;

    private static final byte[] NONE = new byte[0];

    private byte[] buffer = NONE;
    private int at;
    private int rowsEnd;
    private int rowsLeft;
    private long logIndex;
    private int row;
    /** As {@link StoredBatch#numbers()}. */
    private int[] numbers;

    private int number;
    private int part;

    /** The schema section as it stood in the batch before: mostly the same again, and then so are the schema instances. */
    private byte[] schemaSection = new byte[0];

    private RowShape[] shapes = new RowShape[0];

    private long[] transactionIds;
    private long[] modifiedAt;
    private long[] nextOrdinals;
    private int[] positionOffsets;
    private int[] positionLengths;
    private String[] positions;

    private Operation operation;
    private int schemaNumber;
    private int transactionNumber;
    private long ordinal;
    private Cells values = new Cells();
    private Cells before = new Cells();
    private boolean hasBefore;
    private int valuesOffset;
    private int valuesLength;
    private int beforeOffset;
    private int beforeLength;

    /** Begins with {@code batch}; what came of an earlier batch (its cells, its buffer) stays valid but is no longer moved. */
    public void open(StoredBatch batch) {
        rowsLeft = 0;
        logIndex = batch.logIndex();
        row = -1;
        number = -1;
        part = 0;
        numbers = batch.numbers();
        buffer = BodyCodec.decode(batch.body(), batch.header().rawLength());
        int begin = BodyCodec.rawBegin(batch.body());
        int end = begin + batch.header().rawLength() - BatchFormat.TRAILER_BYTES;
        ByteCursor trailer = new ByteCursor(buffer, end, buffer.length);
        int rowBytes = trailer.readInt();
        int version = trailer.readByte();
        if (version != BatchFormat.VERSION) {
            throw BatchFormat.malformed(
                    "format version " + version + " is unknown; this release reads version " + BatchFormat.VERSION);
        }
        if (rowBytes < 0 || rowBytes > end - begin) {
            throw BatchFormat.malformed("the rows are said to take " + rowBytes + " of " + (end - begin) + " bytes");
        }
        rowsEnd = begin + rowBytes;
        ByteCursor dictionary = new ByteCursor(buffer, rowsEnd, end);
        readSchemas(dictionary);
        readTransactions(dictionary);
        int rows = dictionary.readVarint();
        if (rows != batch.header().eventCount() || rows < 0 || rows > rowBytes || dictionary.remaining() != 0) {
            throw BatchFormat.malformed("the body counts " + rows + " rows, the header "
                    + batch.header().eventCount());
        }
        if (numbers != null && numbers.length != rows) {
            throw new IllegalArgumentException(rows + " rows, " + numbers.length + " numbers");
        }
        values = new Cells();
        before = new Cells();
        hasBefore = false;
        operation = null;
        schemaNumber = 0;
        transactionNumber = 0;
        at = begin;
        rowsLeft = rows;
    }

    /** Lets go of the batch, which may be outsize: what came of it stays valid, but nothing may be asked of it here. */
    public void close() {
        rowsLeft = 0;
        at = rowsEnd;
        buffer = NONE;
        values = null;
        before = null;
    }

    private void readSchemas(ByteCursor dictionary) {
        int length = dictionary.readInt();
        int offset = dictionary.take(length);
        if (Arrays.equals(schemaSection, 0, schemaSection.length, buffer, offset, offset + length)) {
            return;
        }
        schemaSection = new byte[0];
        shapes = SchemaCodec.readAll(new ByteCursor(buffer, offset, offset + length));
        schemaSection = Arrays.copyOfRange(buffer, offset, offset + length);
    }

    private void readTransactions(ByteCursor dictionary) {
        int count = dictionary.readCount(MIN_TRANSACTION_BYTES);
        transactionIds = new long[count];
        modifiedAt = new long[count];
        nextOrdinals = new long[count];
        positionOffsets = new int[count];
        positionLengths = new int[count];
        positions = new String[count];
        for (int i = 0; i < count; i++) {
            transactionIds[i] = dictionary.readLong();
            modifiedAt[i] = dictionary.readLong();
            nextOrdinals[i] = dictionary.readLong();
            positionLengths[i] = dictionary.readVarint();
            positionOffsets[i] = dictionary.take(positionLengths[i]);
        }
    }

    /** Moves to the next row; false behind the last. */
    public boolean next() {
        if (rowsLeft == 0) {
            if (at != rowsEnd) {
                throw BatchFormat.malformed((rowsEnd - at) + " bytes follow the last row");
            }
            return false;
        }
        int flags = byteAt();
        int code = flags & BatchFormat.OPERATION_MASK;
        if (code >= OPERATIONS || flags >= 0x80) {
            throw BatchFormat.malformed("the row at byte " + (at - 1) + " begins with " + flags);
        }
        operation = Operation.of(code);
        if ((flags & BatchFormat.NEW_SCHEMA) != 0) {
            schemaNumber = number("schema", shapes.length);
        }
        if ((flags & BatchFormat.NEW_TRANSACTION) != 0) {
            transactionNumber = number("transaction", transactionIds.length);
        }
        if (schemaNumber >= shapes.length || transactionNumber >= transactionIds.length) {
            throw BatchFormat.malformed("the row before byte " + at + " has no schema or no transaction");
        }
        hasBefore = (flags & BatchFormat.HAS_BEFORE) != 0;
        if (operation.hasCells()) {
            valuesLength = imageLength();
            valuesOffset = at;
            values.moveTo(shapes[schemaNumber], buffer, valuesOffset, valuesLength);
            at += valuesLength;
            if (hasBefore) {
                beforeLength = imageLength();
                beforeOffset = at;
                before.moveTo(shapes[schemaNumber], buffer, beforeOffset, beforeLength);
                at += beforeLength;
            }
        } else if (hasBefore) {
            throw BatchFormat.malformed("the row before byte " + at + " is a " + operation + " with a row before");
        } else {
            valuesOffset = at;
            valuesLength = 0;
        }
        ordinal = nextOrdinals[transactionNumber]++;
        rowsLeft--;
        row++;
        if (numbers != null) {
            part = numbers[row] == number ? part + 1 : 0;
            number = numbers[row];
        }
        return true;
    }

    private int byteAt() {
        if (at >= rowsEnd) {
            throw BatchFormat.malformed("the rows end at byte " + at + " with " + rowsLeft + " to come");
        }
        return buffer[at++] & 0xff;
    }

    private int number(String what, int count) {
        long number = CellFormat.varint(buffer, at, rowsEnd);
        if (number >= count) {
            throw BatchFormat.malformed("the row before byte " + at + " names " + what + " " + number + " of " + count);
        }
        at += CellFormat.varintBytes(buffer, at);
        return (int) number;
    }

    private int imageLength() {
        if (rowsEnd - at < 4) {
            throw BatchFormat.malformed("the rows end at byte " + at + " in a length");
        }
        int length = (int) Bytes.INT.get(buffer, at);
        at += 4;
        if (length < 0 || length > rowsEnd - at) {
            throw BatchFormat.malformed(
                    "a row image of " + length + " bytes at byte " + at + " reaches beyond the rows");
        }
        return length;
    }

    /** The log index of the batch. */
    public long logIndex() {
        return logIndex;
    }

    /** The number of the current row's event within the log's batch, from 0. */
    public int row() {
        return numbers == null ? row : number;
    }

    /** How many rows before the current one came of the same event. */
    public int part() {
        return part;
    }

    public Operation operation() {
        return operation;
    }

    public Schema schema() {
        return shapes[schemaNumber].schema();
    }

    /** The schema's number within this batch, for tables of plans. */
    public int schemaNumber() {
        return schemaNumber;
    }

    /** Number of schemas in this batch. */
    public int schemaCount() {
        return shapes.length;
    }

    /** The same instance as in the batch opened before, where both have the same schemas. */
    public Schema schemaAt(int number) {
        return shapes[number].schema();
    }

    /** The transaction's number within this batch: rows of one number have one position, and ordinals that follow each other. */
    public int transactionNumber() {
        return transactionNumber;
    }

    public long transactionId() {
        return transactionIds[transactionNumber];
    }

    /** Microseconds from 1970 UTC, {@link Long#MIN_VALUE} unknown. */
    public long modifiedAtMicros() {
        return modifiedAt[transactionNumber];
    }

    /** The event id's stem; the id is {@code position() + ":" + ordinal()}. */
    public String position() {
        String position = positions[transactionNumber];
        if (position == null) {
            position = new String(
                    buffer,
                    positionOffsets[transactionNumber],
                    positionLengths[transactionNumber],
                    StandardCharsets.UTF_8);
            positions[transactionNumber] = position;
        }
        return position;
    }

    /** The event id's number. */
    public long ordinal() {
        return ordinal;
    }

    /** The row's values; one instance, moved by {@link #next}; not to be asked for operations without cells. */
    public Cells values() {
        return values;
    }

    public boolean hasBefore() {
        return hasBefore;
    }

    /** The row before; only when {@link #hasBefore()}; one instance, moved by {@link #next}. */
    public Cells before() {
        return before;
    }

    /** Where the current row's values begin in {@link #buffer()}: an image that {@link Cells#moveTo} reads again. */
    public int valuesOffset() {
        return valuesOffset;
    }

    /** The image's length; 0 for operations without cells. */
    public int valuesLength() {
        return valuesLength;
    }

    /** As {@link #valuesOffset()} for {@link #before()}; only when {@link #hasBefore()}. */
    public int beforeOffset() {
        return beforeOffset;
    }

    public int beforeLength() {
        return beforeLength;
    }

    /** The decompressed body; valid as long as it is held, whatever is opened next. */
    public byte[] buffer() {
        return buffer;
    }
}
