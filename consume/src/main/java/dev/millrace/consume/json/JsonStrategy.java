package dev.millrace.consume.json;

/** What JSON columns become at a destination. */
public enum JsonStrategy {
    /** JSON columns, as they are. */
    COLUMNS,
    /** Text columns with the JSON text. */
    TEXT,
    /** JSON columns in which every array is a string with the array's JSON text; a column of arrays is a text column. */
    ARRAYS_AS_TEXT,
    /** JSON columns in which arrays stay, but every array within another one is a string with its JSON text. */
    NESTED_ARRAYS_AS_TEXT,
    /** A column for each path through objects; a child table for each array, with a row for each element. */
    FLATTEN
}
