package dev.millrace.consume.postgres;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * One COPY … FROM STDIN (FORMAT binary) after another, by way of a reused buffer that is handed on in pieces. Confined to one thread.
 *
 * <p>The format, from the PostgreSQL manual, "COPY", "Binary Format"; integers are big-endian:
 *
 * <pre>
 * header   11  "PGCOPY\n", 0xff, "\r\n", 0
 *           4  flags, 0
 *           4  length of the extension, 0
 * row       2  number of fields, then each field
 *   field   4  length, or -1 for NULL
 *           n  the value as the type's receive function takes it
 * trailer   2  -1
 * </pre>
 */
final class CopyStream {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] HEADER = "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int PIECE_BYTES = 64 << 10;
    /** What the server has to hold at once; and a slow network has moved. */
    private static final int LARGEST_PIECE_BYTES = 4 << 20;

    private static final int MAX_KEPT_BYTES = 1 << 20;

    private final Runnable moved;
    private byte[] buffer = new byte[2 * PIECE_BYTES];
    private int size;
    private CopyIn copy;

    /** @param moved told of each piece that was handed on */
    CopyStream(Runnable moved) {
        this.moved = moved;
    }

    /** Begins a COPY; a transaction is open. */
    void begin(Connection connection, String sql) throws SQLException {
        copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        size = 0;
        putBytes(HEADER, 0, HEADER.length);
    }

    void beginRow(int fields) throws SQLException {
        if (size >= PIECE_BYTES) {
            flush();
        }
        putShort(fields);
    }

    /**
     * Ends the COPY.
     *
     * @return rows the server took
     */
    long end() throws SQLException {
        putShort(-1);
        flush();
        CopyIn ending = copy;
        copy = null;
        if (buffer.length > MAX_KEPT_BYTES) {
            buffer = new byte[2 * PIECE_BYTES];
        }
        return ending.endCopy();
    }

    /** Breaks off a COPY that is still open; the transaction is then failed. */
    void abandon() throws SQLException {
        CopyIn broken = copy;
        copy = null;
        if (broken != null && broken.isActive()) {
            broken.cancelCopy();
        }
    }

    void putNull() {
        putInt(-1);
    }

    void putByte(int value) {
        ensure(1);
        buffer[size++] = (byte) value;
    }

    void putShort(int value) {
        ensure(2);
        SHORT.set(buffer, size, (short) value);
        size += 2;
    }

    void putInt(int value) {
        ensure(4);
        INT.set(buffer, size, value);
        size += 4;
    }

    void putLong(long value) {
        ensure(8);
        LONG.set(buffer, size, value);
        size += 8;
    }

    /** A field of eight bytes with its length. */
    void putLongField(long value) {
        ensure(12);
        INT.set(buffer, size, 8);
        LONG.set(buffer, size + 4, value);
        size += 12;
    }

    /** Bytes as they are; long ones go past the buffer. */
    void putBytes(byte[] bytes, int offset, int length) throws SQLException {
        if (length > PIECE_BYTES) {
            flush();
            for (int at = 0; at < length; at += LARGEST_PIECE_BYTES) {
                copy.writeToCopy(bytes, offset + at, Math.min(LARGEST_PIECE_BYTES, length - at));
                moved.run();
            }
            return;
        }
        ensure(length);
        System.arraycopy(bytes, offset, buffer, size, length);
        size += length;
    }

    private void flush() throws SQLException {
        if (size > 0) {
            copy.writeToCopy(buffer, 0, size);
            size = 0;
            moved.run();
        }
    }

    private void ensure(int bytes) {
        if (buffer.length - size < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + bytes));
        }
    }
}
