/**
 * What stands between a source and its topic, for any connector: the stream with its order of acknowledgement, the historical load under
 * it, the offset as a view of the log, full loads, back-pressure. Hands durable batches to {@link dev.millrace.storage.log.Topic}, from
 * which {@code consume} reads. The stream runs on the thread that calls {@link dev.millrace.ingest.engine.IngestEngine#run}; chunks are
 * read as bounded tasks on an executor shared by all pipelines; one lock ({@code LoadBook}) orders what both append.
 */
package dev.millrace.ingest.engine;
