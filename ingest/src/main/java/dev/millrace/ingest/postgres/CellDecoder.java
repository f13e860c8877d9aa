package dev.millrace.ingest.postgres;

import dev.millrace.storage.batch.BatchWriter;

/** Turns one value that is not NULL, as the server sends it, into one put. Stateless; safe from any thread. */
@FunctionalInterface
interface CellDecoder {
    /**
     * Reads the value's {@code length} bytes at {@code offset} and puts exactly one cell, to which outsize ones may be lent
     * ({@link BatchWriter#lendBytes}): the buffer is not changed any more.
     *
     * @throws dev.millrace.config.error.MillraceException SOURCE_VALUE_MALFORMED, without the value itself; nothing was put then
     */
    void decode(byte[] buffer, int offset, int length, BatchWriter out);
}
