package dev.millrace.ingest.postgres;

/** A place in the server's write-ahead log: an unsigned 64-bit number, written as two hexadecimal halves ({@code 16/B374D848}). */
final class Lsn {
    private Lsn() {}

    static String text(long lsn) {
        return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
                + "/"
                + Long.toHexString(lsn & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException for anything else; NumberFormatException is one
     */
    static long parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("not an LSN: " + text);
        }
        return Long.parseLong(text.substring(0, slash), 16) << 32 | Long.parseLong(text.substring(slash + 1), 16);
    }
}
