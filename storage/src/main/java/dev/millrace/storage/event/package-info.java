/**
 * The event model: types, columns, schemas, operations. Made by connectors in {@code ingest}, carried by {@link dev.millrace.storage.batch},
 * read by {@code consume}. Immutable data; safe from any thread.
 */
package dev.millrace.storage.event;
