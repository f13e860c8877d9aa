package dev.millrace.storage.batch;

/**
 * What is known of a batch without decoding its body.
 *
 * @param createdAtMillis wall clock when the batch was finished, for lag and retention, never for order
 * @param historicalLoad only READ and load events
 * @param endsTransaction the last event is its source transaction's last: a window may end here
 * @param rawLength bytes of the body before compression
 */
public record BatchHeader(
        long createdAtMillis,
        int eventCount,
        boolean historicalLoad,
        boolean endsTransaction,
        int rawLength,
        OffsetDelta offsetDelta) {
    /** The header of a batch that takes this one's place in memory, with other rows. */
    BatchHeader derived(int newEventCount, int newRawLength) {
        return new BatchHeader(
                createdAtMillis, newEventCount, historicalLoad, endsTransaction, newRawLength, offsetDelta);
    }

    /** This header with another offset, and where it ends. */
    public BatchHeader with(boolean newEndsTransaction, OffsetDelta newOffsetDelta) {
        return new BatchHeader(
                createdAtMillis, eventCount, historicalLoad, newEndsTransaction, rawLength, newOffsetDelta);
    }
}
