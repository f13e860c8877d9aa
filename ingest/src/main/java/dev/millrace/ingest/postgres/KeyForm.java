package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A row's key as opaque bytes: the text forms of its values in key order, as the types' output functions write them under the session of
 * {@link Connections}. Stored in offsets, so it has a version:
 *
 * <pre>
 * 0  1  version, 1
 * 1  4  number of values, big-endian
 * then per value
 *    4  length in bytes, big-endian
 *       the text in UTF-8
 * </pre>
 */
final class KeyForm {
    private static final byte VERSION = 1;

    private KeyForm() {}

    /** Of values that stand in one buffer, none of them NULL. */
    static byte[] encode(byte[] buffer, int[] offsets, int[] lengths) {
        int size = 5;
        for (int length : lengths) {
            size += 4 + length;
        }
        ByteBuffer key = ByteBuffer.allocate(size).put(VERSION).putInt(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            key.putInt(lengths[i]).put(buffer, offsets[i], lengths[i]);
        }
        return key.array();
    }

    /** None of the values is null. */
    static byte[] encode(List<String> values) {
        int size = 5;
        List<byte[]> texts = new ArrayList<>();
        for (String value : values) {
            byte[] text = value.getBytes(StandardCharsets.UTF_8);
            texts.add(text);
            size += 4 + text.length;
        }
        ByteBuffer key = ByteBuffer.allocate(size).put(VERSION).putInt(texts.size());
        for (byte[] text : texts) {
            key.putInt(text.length).put(text);
        }
        return key.array();
    }

    /**
     * @throws MillraceException KEY_MALFORMED
     */
    static List<String> decode(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key);
        if (key.length < 5 || in.get() != VERSION) {
            throw malformed(key);
        }
        int count = in.getInt();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = in.remaining() < 4 ? -1 : in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw malformed(key);
            }
            values.add(new String(key, in.position(), length, StandardCharsets.UTF_8));
            in.position(in.position() + length);
        }
        if (in.hasRemaining()) {
            throw malformed(key);
        }
        return values;
    }

    private static MillraceException malformed(byte[] key) {
        return MillraceException.internal(
                "KEY_MALFORMED",
                "Cannot read a stored key",
                "its " + key.length + " bytes are not of a known version",
                null);
    }
}
