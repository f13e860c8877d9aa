/**
 * The PostgreSQL source: settings, connections, the catalogue and its types, chunks read by binary COPY, changes read by logical
 * decoding (pgoutput), and what is kept at the server for that: one slot and two publications per pipeline. Hands rows and events to the
 * engine in {@code ingest.engine} through the contracts of {@code ingest.source}, encoded by {@code storage.batch}. Starts no threads:
 * a stream is confined to the engine's stream thread, a chunk reader to its worker, everything else is called from any thread.
 */
package dev.millrace.ingest.postgres;
