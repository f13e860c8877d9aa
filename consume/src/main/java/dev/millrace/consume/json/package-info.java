/**
 * Converts JSON columns by a destination's strategy, as the last phase of {@link dev.millrace.consume.transform}: as they are, as text, arrays as
 * text, or flattened into columns with arrays in child tables. What was learned of a table's documents, and how many elements each row's
 * arrays have had, is kept in the state store ({@link dev.millrace.consume.json.LearnedShapes}). Runs on the thread that gathers.
 */
package dev.millrace.consume.json;
