/**
 * The state store: offsets, positions, schemas, load plans, run records, in RocksDB, whose only user this package is. Written by the
 * engines in {@code ingest}, {@code consume} and {@code app}; thread-safe throughout.
 */
package dev.millrace.storage.state;
