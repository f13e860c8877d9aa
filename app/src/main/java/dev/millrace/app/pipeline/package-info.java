/**
 * Pipelines at work: each {@link dev.millrace.app.pipeline.PipelineRuntime} joins a source's ingest engine and a destination's consumer
 * through one topic and hands both to the task manager as tasks. Used by the commands and, through {@code app.Millrace}, by the web.
 * Thread-safe.
 */
package dev.millrace.app.pipeline;
