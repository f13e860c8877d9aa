package dev.millrace.ingest.source;

/** Reads {@link Snapshot#encode} again; a {@link ChunkedSource} is one too. */
public interface SnapshotCodec {
    Snapshot decode(byte[] encoded);
}
