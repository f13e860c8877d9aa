package dev.millrace.storage.batch;

import dev.millrace.config.error.MillraceException;

/**
 * The bytes of a batch body. Integers are little-endian; {@code varint} is seven bits a byte, lowest first, the high bit saying that more
 * follows; {@code text} is a varint length in bytes and UTF-8.
 *
 * <pre>
 * body
 *   0        1   codec of the rest: 0 raw, 1 one LZ4 block
 *   1        n   raw body, {@link BatchHeader#rawLength()} bytes once it is decompressed
 *
 * raw body
 *   0        r   rows, one behind the other
 *   r        d   dictionary
 *   r+d      4   r, where the dictionary begins
 *   r+d+4    1   version of this format: 1
 *
 * row
 *   0        1   bits 0-3 operation, bit 4 a before image follows, bit 5 a schema number follows, bit 6 a transaction number follows
 *   .   varint   schema number, when it differs from the row before (0 at the start)
 *   .   varint   transaction number, when it differs from the row before (0 at the start)
 *   .        4   length of the values image        } only for operations with cells;
 *   .        n   values image, see CellFormat      } the before image likewise,
 *   .      4+n   before image                      } only with bit 4
 *
 * dictionary
 *   0        4   length s of the schemas
 *   4        s   schemas: varint count, then each
 *                  text table schema, text table name, varint version, varint columns, then for each column
 *                  text name, 1 type ordinal, varint length, varint precision, zigzag varint scale,
 *                  1 flags (bit 0 nullable), varint key position, text source type, zigzag varint source id
 *   .   varint   number of transactions, then each
 *                  8 id, 8 commit time in microseconds, 8 ordinal of its first row here, text position
 *   .   varint   number of rows
 * </pre>
 *
 * <p>A row's ordinal is its transaction entry's first ordinal plus the number of rows before it with the same entry.
 */
final class BatchFormat {
    static final int VERSION = 1;
    static final int CODEC_RAW = 0;
    static final int CODEC_LZ4 = 1;

    /** No body may be larger before compression, and no length field is believed that says so. */
    static final int MAX_RAW_BYTES = 1 << 30;

    /**
     * Values from this size on are outsize: kept out of what is copied. A batch that has one is not compressed, because it never stands in one
     * array on its way into the log.
     */
    static final int OUTSIZE_BYTES = 8 << 20;

    static final int OPERATION_MASK = 0x0f;
    static final int HAS_BEFORE = 0x10;
    static final int NEW_SCHEMA = 0x20;
    static final int NEW_TRANSACTION = 0x40;

    static final int TRAILER_BYTES = 5;

    private BatchFormat() {}

    static MillraceException malformed(String why) {
        return MillraceException.resource(
                "BATCH_MALFORMED",
                "A batch can't be decoded",
                why,
                "Restore the data folder, or load everything again: millrace reload --all --pipeline NAME",
                null);
    }
}
