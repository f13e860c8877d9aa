package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.DataType;

/**
 * What a PostgreSQL type means here and how its values are read. A value gives the same cell, byte for byte, whether it comes in text
 * form by the stream or by binary COPY.
 *
 * @param sourceType by format_type under an empty search path, so it may stand behind {@code ::} as it is
 * @param text reads the text form (the type's output function, under the session of {@link Connections})
 * @param copied reads the field that {@link #copyExpression} makes in a binary COPY
 * @param copiedAsText whether that field is the text form: for types whose binary form is not worth a second decoder
 * @param outputFunction qualified and quoted
 * @param json writes the text form as a JSON value, for arrays and composites of the type
 */
record ColumnType(
        DataType dataType,
        String sourceType,
        CellDecoder text,
        CellDecoder copied,
        boolean copiedAsText,
        String outputFunction,
        JsonForm json) {

    /** The column (quoted) as it is to be selected for a binary COPY. */
    String copyExpression(String column) {
        return copiedAsText ? textExpression(column) : column;
    }

    /**
     * The column (quoted) in text form. By the output function itself, as the stream does it, because casts to text differ from it for some
     * types ({@code inet} gains a mask, {@code char(n)} loses its blanks, {@code boolean} is spelled out).
     */
    String textExpression(String column) {
        return "pg_catalog.textin(" + outputFunction + "(" + column + "))";
    }
}
