/**
 * The durable event log: topics of batches in order, appended, synced, read and retained. The only package that knows Chronicle Queue.
 * {@code ingest} appends, {@code consume} reads; each topic has one syncing thread of its own ({@code log-sync-<pipeline>}).
 */
package dev.millrace.storage.log;
