package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.nio.charset.StandardCharsets;

/** Reads a replication message in place, in network byte order, never beyond its end. Confined to one thread; reused. */
final class MessageBytes {
    private static final byte[] NONE = new byte[0];

    private byte[] buffer = NONE;
    private int place;
    private int end;

    void open(byte[] bytes, int offset, int length) {
        buffer = bytes;
        place = offset;
        end = offset + length;
    }

    /** Lets go of the message, which may be outsize, while the next one is waited for. */
    void close() {
        open(NONE, 0, 0);
    }

    byte[] buffer() {
        return buffer;
    }

    int place() {
        return place;
    }

    int int8() {
        return buffer[take(1)] & 0xFF;
    }

    int int16() {
        int at = take(2);
        return (buffer[at] & 0xFF) << 8 | buffer[at + 1] & 0xFF;
    }

    int int32() {
        int at = take(4);
        return buffer[at] << 24 | (buffer[at + 1] & 0xFF) << 16 | (buffer[at + 2] & 0xFF) << 8 | buffer[at + 3] & 0xFF;
    }

    long int64() {
        return (long) int32() << 32 | int32() & 0xFFFFFFFFL;
    }

    /** Up to a zero byte. */
    String text() {
        int from = place;
        while (int8() != 0) {
            // on to the end of the text
        }
        return new String(buffer, from, place - 1 - from, StandardCharsets.UTF_8);
    }

    /** Passes {@code length} bytes and returns where they begin. */
    int skip(int length) {
        return take(length);
    }

    private int take(int length) {
        if (length < 0 || length > end - place) {
            throw malformed("a field of " + length + " bytes does not fit into the message");
        }
        int at = place;
        place += length;
        return at;
    }

    static MillraceException malformed(String why) {
        return MillraceException.external(
                "STREAM_MALFORMED",
                "Cannot read a message of the PostgreSQL change stream",
                why,
                "It is read again.",
                null);
    }
}
