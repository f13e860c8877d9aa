package dev.millrace.ingest.source;

/** A snapshot's place among the source's transactions. Immutable. */
public interface Snapshot {
    /** Whether the transaction's changes are visible in it. */
    boolean sees(long transactionId);

    /** A position (see {@link StreamingSource#reached}) at or behind every transaction it sees. */
    byte[] position();

    /** For the load's state; read again by {@link SnapshotCodec}. */
    byte[] encode();
}
