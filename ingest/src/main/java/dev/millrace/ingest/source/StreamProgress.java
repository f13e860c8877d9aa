package dev.millrace.ingest.source;

/**
 * Where a read ended.
 *
 * @param offset the offset behind the last event written; also moves on when nothing was written (idle progress), then it need not be stored
 *     at once, but it may be acknowledged only after it was stored and is durable: a source that stands behind the offset we find after
 *     a restart has let go of changes, and is refused
 * @param events how many were written
 * @param endsTransaction no transaction is open at this offset
 * @param transactions the numbers of all transactions of which events were written, in order; the first may have begun in an earlier read
 */
public record StreamProgress(byte[] offset, int events, boolean endsTransaction, long[] transactions) {}
