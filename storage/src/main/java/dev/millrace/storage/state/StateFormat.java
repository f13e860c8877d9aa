package dev.millrace.storage.state;

import dev.millrace.config.error.MillraceException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * What the values in the state store have in common: a first byte that says their format, big-endian numbers, and text as a 4-byte length
 * in front of UTF-8 bytes. A value that can't be read is damage, never another exception.
 */
final class StateFormat {
    /** What to do about a damaged state. */
    static final String WAY_BACK =
            "Stop Millrace, and put the 'rocksdb' folder of the newest checkpoint in 'state/checkpoints' in place of 'state/rocksdb'. Failed events that were"
                    + " parked since are not in it: have objects that may have had some loaded again (millrace reload). Without a checkpoint, move the data folder"
                    + " away, start again and load anew.";

    private static final byte INDEX_FORMAT = 1;

    private StateFormat() {}

    static byte[] index(long logIndex) {
        return ByteBuffer.allocate(1 + Long.BYTES)
                .put(INDEX_FORMAT)
                .putLong(logIndex)
                .array();
    }

    static long readIndex(byte[] value, String what) {
        return read(value, INDEX_FORMAT, what, ByteBuffer::getLong);
    }

    /**
     * Reads a value behind its format byte, to its end.
     *
     * @throws MillraceException RESOURCE STATE_DAMAGED when it is cut or goes on, DATA_FOLDER_VERSION when a newer version wrote it
     */
    static <T> T read(byte[] value, byte format, String what, Function<ByteBuffer, T> reader) {
        if (value.length == 0 || value[0] < 1) {
            throw damaged(what, null);
        }
        if (value[0] > format) {
            throw MillraceException.user(
                    "DATA_FOLDER_VERSION",
                    "A stored " + what + " can't be read",
                    "it was written by a newer version (format " + value[0] + ", known here " + format + ")",
                    "Run that version again, or a newer one.");
        }
        try {
            ByteBuffer buffer = ByteBuffer.wrap(value, 1, value.length - 1);
            T result = reader.apply(buffer);
            if (buffer.hasRemaining()) {
                throw damaged(what, null);
            }
            return result;
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException damage) {
            throw damaged(what, damage);
        }
    }

    static String readText(ByteBuffer buffer) {
        int length = buffer.getInt();
        if (length < 0 || length > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static MillraceException damaged(String what, Exception cause) {
        return MillraceException.resource(
                "STATE_DAMAGED",
                "A stored " + what + " can't be read",
                "its bytes are not of any format known",
                WAY_BACK,
                cause);
    }
}
