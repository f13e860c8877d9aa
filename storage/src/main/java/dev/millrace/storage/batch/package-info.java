/**
 * The batch codec: rows are written once, at the source, cell by cell and without boxing ({@link dev.millrace.storage.batch.BatchWriter}),
 * travel as the same bytes, and are read in place ({@link dev.millrace.storage.batch.BatchReader}, {@link
 * dev.millrace.storage.batch.Cells}). Writers and readers are confined to one thread at a time; encoded and stored batches are immutable.
 */
package dev.millrace.storage.batch;
