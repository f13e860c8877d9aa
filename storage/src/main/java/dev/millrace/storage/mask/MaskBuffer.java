package dev.millrace.storage.mask;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 text that grows, and is used again. Confined to one thread. */
public final class MaskBuffer {
    private static final int KEPT_BYTES = 1 << 20;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

    private byte[] bytes = new byte[128];
    private int length;

    MaskBuffer() {}

    /** The text's bytes are the first {@link #length()} of it. */
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return length;
    }

    public String text() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Empties it; what one large value has blown up is let go. */
    void clear() {
        length = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[128];
        }
    }

    void put(byte value) {
        ensure(1);
        bytes[length++] = value;
    }

    void put(byte[] text, int offset, int count) {
        ensure(count);
        System.arraycopy(text, offset, bytes, length, count);
        length += count;
    }

    /** Two digits for each byte, in small letters. */
    void hex(byte[] values) {
        ensure(2 * values.length);
        int at = length;
        for (byte value : values) {
            bytes[at++] = HEX[value >> 4 & 0xf];
            bytes[at++] = HEX[value & 0xf];
        }
        length = at;
    }

    void ascii(String text) {
        ensure(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    /** The number with at least so many digits, zeros in front. */
    void digits(long notNegative, int least) {
        int count = 1;
        for (long rest = notNegative; rest >= 10; rest /= 10) {
            count++;
        }
        int width = Math.max(least, count);
        ensure(width);
        long rest = notNegative;
        for (int at = length + width - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += width;
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            long wanted = Math.max(2L * bytes.length, (long) length + more);
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, wanted));
        }
    }
}
