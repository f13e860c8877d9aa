package dev.millrace.consume.script;

/** The row that {@link Direct} reads, by the numbers of the columns it was compiled with, without objects. Confined to one thread. */
public interface DirectRow {
    /** Whether the column has an ordinary value, and one that is read as cheaply as the others. Asked of each column before it is read. */
    boolean isPlain(int column);

    /** BOOLEAN. */
    boolean truthAt(int column);

    /** BYTE, SHORT, INTEGER, LONG. */
    long wholeAt(int column);

    /** FLOAT, DOUBLE. */
    double realAt(int column);

    /** How many bytes the text of a CHAR, STRING or FILE_REF has in UTF-8. */
    int textLength(int column);

    /** Copies them to where {@code at} is in {@code to}. */
    void textAt(int column, byte[] to, int at);
}
