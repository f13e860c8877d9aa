package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.copy.CopyOut;

/**
 * Writes the rows of a binary COPY as READ events, straight from the messages' bytes (PostgreSQL manual, COPY, "Binary Format"):
 *
 * <pre>
 * header   11  signature PGCOPY\n 0xFF \r\n \0
 *           4  flags, 0
 *           4  length of an extension, then that
 * row       2  number of fields, -1 at the end
 *           per field 4 length, -1 for NULL, then the value
 * </pre>
 *
 * The server sends a row per message; that is not promised, so what a message leaves unfinished is kept until the rest is there. Confined to
 * one thread.
 */
final class CopyRows {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int HEADER_BYTES = SIGNATURE.length + 8;
    private static final int INCOMPLETE = -1;
    private static final int OUTSIZE_BYTES = 8 << 20;

    private final CellDecoder[] decoders;
    private final Schema schema;
    private final BatchWriter out;
    private final int maxBytes;
    private final Runnable full;

    private int schemaNumber;
    private long rows;
    private boolean begun;
    private boolean ended;

    /** What is unfinished, from its row's first byte on, and how many bytes there must be before it is worth another try. */
    private byte[] kept = new byte[0];

    private int keptLength;
    private int needed;

    /**
     * @param decoders by field; the schema's columns stand in the same order
     * @param full called whenever {@code out} holds {@code maxBytes}, between rows; where that is an outsize one, behind its message, which is not
     *     held meanwhile
     */
    CopyRows(CellDecoder[] decoders, Schema schema, BatchWriter out, int maxBytes, Runnable full) {
        this.decoders = decoders;
        this.schema = schema;
        this.out = out;
        this.maxBytes = maxBytes;
        this.full = full;
        this.schemaNumber = out.schema(schema);
    }

    /**
     * Takes the next message if there is one within a millisecond, so that an interruption is noticed also while the server is silent. Holds it
     * no longer than that, since it may be outsize.
     *
     * @return whether there was one
     */
    boolean acceptNext(CopyOut copy) throws SQLException {
        boolean taken = take(copy);
        if (out.sizeBytes() >= maxBytes) {
            handOn();
        }
        return taken;
    }

    private boolean take(CopyOut copy) throws SQLException {
        byte[] message = copy.readFromCopy(false);
        if (message == null) {
            return false;
        }
        LastRow.forget(copy, message.length);
        accept(message);
        return true;
    }

    /**
     * Takes the next message.
     *
     * @throws MillraceException COPY_MALFORMED, SOURCE_VALUE_MALFORMED, BATCH_TOO_LARGE; no row is left begun
     */
    void accept(byte[] message) {
        if (keptLength == 0) {
            consume(message, message.length);
            return;
        }
        if (kept.length - keptLength < message.length) {
            kept = Arrays.copyOf(
                    kept, Math.max(Math.addExact(keptLength, message.length), Math.min(2 * kept.length, 1 << 30)));
        }
        System.arraycopy(message, 0, kept, keptLength, message.length);
        keptLength += message.length;
        if (keptLength >= needed) {
            byte[] all = kept;
            int length = keptLength;
            kept = new byte[0];
            keptLength = 0;
            consume(all, length);
        }
    }

    /** Rows written so far. */
    long rows() {
        return rows;
    }

    /**
     * To be called when the server has sent all.
     *
     * @throws MillraceException COPY_MALFORMED when the end mark is missing
     */
    void finish() {
        if (!ended || keptLength > 0) {
            throw Malformed.copy("it ends in the middle, after " + rows + " rows");
        }
    }

    private void consume(byte[] b, int limit) {
        int at = begun ? 0 : header(b, limit);
        while (at != INCOMPLETE && at < limit) {
            if (ended) {
                throw Malformed.copy("bytes follow its end mark");
            }
            int next = row(b, at, limit);
            if (next == INCOMPLETE) {
                keep(b, at, limit);
                return;
            }
            at = next;
        }
    }

    private int header(byte[] b, int limit) {
        if (limit < HEADER_BYTES) {
            needed = HEADER_BYTES;
            keep(b, 0, limit);
            return INCOMPLETE;
        }
        int extension = BinaryDecoders.intAt(b, SIGNATURE.length + 4);
        if (!Arrays.equals(b, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)
                || BinaryDecoders.intAt(b, SIGNATURE.length) != 0
                || extension < 0
                || extension > 1 << 20) {
            throw Malformed.copy("its header is not that of the known version");
        }
        if (limit < HEADER_BYTES + extension) {
            needed = HEADER_BYTES + extension;
            keep(b, 0, limit);
            return INCOMPLETE;
        }
        begun = true;
        return HEADER_BYTES + extension;
    }

    /** Where the next row begins, or INCOMPLETE. */
    private int row(byte[] b, int from, int limit) {
        if (limit - from < 2) {
            needed = 2;
            return INCOMPLETE;
        }
        int fields = BinaryDecoders.shortAt(b, from);
        if (fields == -1) {
            ended = true;
            return from + 2;
        }
        if (fields != decoders.length) {
            throw Malformed.copy("a row has " + fields + " fields instead of " + decoders.length);
        }
        out.beginRow(Operation.READ, schemaNumber);
        int at = fields(b, from, limit);
        if (at == INCOMPLETE) {
            out.abandonRow();
            return INCOMPLETE;
        }
        out.endRow();
        rows++;
        if (out.sizeBytes() >= maxBytes && out.sizeBytes() < OUTSIZE_BYTES) {
            handOn();
        }
        return at;
    }

    private void handOn() {
        full.run();
        schemaNumber = out.schema(schema);
    }

    private int fields(byte[] b, int from, int limit) {
        int at = from + 2;
        int field = 0;
        try {
            for (; field < decoders.length; field++) {
                if (limit - at < 4) {
                    needed = at + 4 - from;
                    return INCOMPLETE;
                }
                int length = BinaryDecoders.intAt(b, at);
                at += 4;
                if (length >= 0) {
                    if (length > limit - at) {
                        needed = Math.addExact(at - from, length);
                        return INCOMPLETE;
                    }
                    decoders[field].decode(b, at, length, out);
                    at += length;
                } else if (length == -1) {
                    out.putNull();
                } else {
                    throw Malformed.copy("a field has the length " + length);
                }
            }
            return at;
        } catch (MillraceException e) {
            out.abandonRow();
            String what =
                    "Cannot take over column '" + schema.columns().get(field).name() + "' of table " + schema.table();
            throw new MillraceException(e.code(), e.category(), what, e.why(), e.remedy(), e);
        } catch (ArithmeticException e) {
            out.abandonRow();
            throw Malformed.copy("a row is larger than 2 GB");
        }
    }

    private void keep(byte[] b, int from, int limit) {
        kept = Arrays.copyOfRange(b, from, Math.max(limit, from + Math.min(needed, 1 << 20)));
        keptLength = limit - from;
    }
}
