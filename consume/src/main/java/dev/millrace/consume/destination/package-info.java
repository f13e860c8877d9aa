/**
 * The destination contract: what one kind of destination has to offer to be loaded, and the data it is handed. Retry, windows, net effects,
 * mapping and guarantees are the consumer's, never the destination's. One consumer's thread calls a destination's transaction methods.
 */
package dev.millrace.consume.destination;
