package dev.millrace.ingest.source;

/** The ability to read tables in key ranges, each in a snapshot whose place among the transactions is known. */
public interface ChunkedSource extends SnapshotCodec {
    /** A reader with a connection of its own, opened at first use. */
    ChunkReader openChunkReader();
}
