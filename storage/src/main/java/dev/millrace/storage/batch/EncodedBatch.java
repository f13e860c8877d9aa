package dev.millrace.storage.batch;

import java.util.List;

/**
 * A finished batch on its way into the log, where it gets its index, chain and CRC.
 *
 * @param body the body's bytes (compressed where that pays) without those that are lent; owned by the batch
 * @param bodyLength of the body, with what is lent
 * @param lent outsize values where they already were, in order; not to be changed before the batch has been appended
 */
public record EncodedBatch(BatchHeader header, byte[] body, int bodyLength, List<Lent> lent) {
    /**
     * Bytes that stand in an array of someone else's.
     *
     * @param at how many of the batch's own bytes stand before them
     */
    public record Lent(int at, byte[] array, int offset, int length) {}

    /** Takes pieces of a body, one behind the other. */
    public interface Sink {
        void take(byte[] array, int offset, int length);
    }

    /** All bytes stand in {@code body}. */
    public EncodedBatch(BatchHeader header, byte[] body, int bodyLength) {
        this(header, body, bodyLength, List.of());
    }

    /** The same rows under another header. */
    public EncodedBatch under(BatchHeader newHeader) {
        return new EncodedBatch(newHeader, body, bodyLength, lent);
    }

    /** Gives the body's bytes from {@code from} up to {@code to} to {@code sink}, in pieces as they stand in memory. */
    public void pieces(int from, int to, Sink sink) {
        int place = 0;
        int own = 0;
        for (Lent piece : lent) {
            place = give(body, own, piece.at - own, place, from, to, sink);
            own = piece.at;
            place = give(piece.array, piece.offset, piece.length, place, from, to, sink);
        }
        give(body, own, bodyLength - place, place, from, to, sink);
    }

    private static int give(byte[] array, int offset, int length, int place, int from, int to, Sink sink) {
        int begin = Math.max(from, place);
        int end = Math.min(to, place + length);
        if (begin < end) {
            sink.take(array, offset + begin - place, end - begin);
        }
        return place + length;
    }

    /** The batch as the log would give it back at {@code logIndex}. */
    public StoredBatch stored(long logIndex) {
        boolean whole = lent.isEmpty() && bodyLength == body.length;
        return new StoredBatch(logIndex, header, whole ? body : joined());
    }

    private byte[] joined() {
        byte[] all = LargeArrays.allocate(bodyLength);
        int[] filled = {0};
        pieces(0, bodyLength, (array, offset, length) -> {
            System.arraycopy(array, offset, all, filled[0], length);
            filled[0] += length;
        });
        return all;
    }
}
