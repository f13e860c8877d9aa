/**
 * The net effect of a window on one table: what the rows of many events leave to be written, by key where the table has one, in order where
 * it has not. Rows are referred to where they stand in the batches' buffers; only rows put together from several events are encoded anew.
 * Handed to the destination as a {@link dev.millrace.consume.destination.TableLoad}. Used by one thread at a time: filled by the one
 * that gathers, read by the one that loads.
 */
package dev.millrace.consume.effect;
