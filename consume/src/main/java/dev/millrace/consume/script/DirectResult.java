package dev.millrace.consume.script;

/** Takes what {@link Direct} has computed; one of these is called. */
public interface DirectResult {
    /** For BOOLEAN. */
    void truth(boolean value);

    /** For BYTE, SHORT, INTEGER, LONG: within the type's range. */
    void whole(long value);

    /** For FLOAT, DOUBLE. */
    void real(double value);

    /** For CHAR, STRING, FILE_REF: UTF-8, the receiver's from now on. */
    void text(byte[] utf8);
}
