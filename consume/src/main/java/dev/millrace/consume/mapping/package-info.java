/**
 * What a source's tables and columns are called at the destination and which types they have there: decided once, remembered in the state
 * store, found again from the destination itself when that memory is lost, and changed only upward as the source's schemas change. Used by
 * the consumer, on its thread.
 */
package dev.millrace.consume.mapping;
