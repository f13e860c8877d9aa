/**
 * The durable event log: topics of batches in order, appended, synced, read and retained. The only package that knows Chronicle Queue, which
 * writes the files; reading and verifying them is our own, by plain reads. {@code ingest} appends, {@code consume} reads; each topic has one
 * syncing thread of its own ({@code log-sync-<pipeline>}), and whoever appends or reads does it on a thread of theirs.
 */
package dev.millrace.storage.log;
