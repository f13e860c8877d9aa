package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON text in UTF-8 as it grows. Confined to one thread. */
final class JsonBytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

    private byte[] bytes;
    private int size;

    JsonBytes(int capacity) {
        this.bytes = new byte[capacity];
    }

    void raw(char ascii) {
        reserve(1);
        bytes[size++] = (byte) ascii;
    }

    void raw(String ascii) {
        byte[] text = ascii.getBytes(StandardCharsets.ISO_8859_1);
        raw(text, 0, text.length);
    }

    void raw(byte[] text, int offset, int length) {
        reserve(length);
        System.arraycopy(text, offset, bytes, size, length);
        size += length;
    }

    /** The UTF-8 text as a JSON string (RFC 8259): quotes, backslashes and control characters escaped. */
    void string(byte[] text, int offset, int length) {
        reserve(length + 2);
        raw('"');
        int plainFrom = offset;
        int end = offset + length;
        for (int at = offset; at < end; at++) {
            byte c = text[at];
            if (c >= 0 && c < ' ' || c == '"' || c == '\\') {
                raw(text, plainFrom, at - plainFrom);
                escape(c);
                plainFrom = at + 1;
            }
        }
        raw(text, plainFrom, end - plainFrom);
        raw('"');
    }

    private void escape(byte c) {
        raw('\\');
        switch (c) {
            case '"', '\\' -> raw((char) c);
            case '\n' -> raw('n');
            case '\r' -> raw('r');
            case '\t' -> raw('t');
            default -> {
                raw("u00");
                raw((char) HEX[c >> 4]);
                raw((char) HEX[c & 15]);
            }
        }
    }

    /** Whether the text is a number by RFC 8259. */
    static boolean isNumber(byte[] text, int offset, int length) {
        int end = offset + length;
        int at = offset < end && text[offset] == '-' ? offset + 1 : offset;
        int behind = digits(text, at, end);
        if (behind == at || text[at] == '0' && behind > at + 1) {
            return false;
        }
        if (behind < end && text[behind] == '.') {
            at = behind + 1;
            behind = digits(text, at, end);
            if (behind == at) {
                return false;
            }
        }
        if (behind < end && (text[behind] == 'e' || text[behind] == 'E')) {
            at = behind + 1;
            at += at < end && (text[at] == '+' || text[at] == '-') ? 1 : 0;
            behind = digits(text, at, end);
            if (behind == at) {
                return false;
            }
        }
        return behind == end;
    }

    private static int digits(byte[] text, int from, int end) {
        int at = from;
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }

    /** Nothing may be added afterwards. */
    void putInto(BatchWriter out) {
        out.lendBytes(bytes, 0, size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max(2L * bytes.length, (long) size + more);
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, wanted));
        }
    }
}
