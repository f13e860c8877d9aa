/**
 * The source contract: what a connector has to offer, and the small abilities it may add (streaming, chunked historical load). Retry,
 * back-off, batching limits, scheduling, storage and metrics are the engine's ({@link dev.millrace.ingest.engine}), never the connector's.
 * Which thread calls what is told at each method.
 */
package dev.millrace.ingest.source;
