package dev.millrace.consume;

/**
 * How large a window may grow. A window takes what is durable in the log when it begins, without waiting for more; so it is small while the
 * consumer keeps up and grows by itself to these limits (about a second's work) when more comes than is loaded. While that goes on, windows are
 * micro-batches of up to {@code hardFactor} times the rows and half that many times the bytes, until the log has no more. While one is loaded the next is gathered, so two are in
 * memory; together they never have more bytes than a transaction that is applied whole may have.
 *
 * @param windowRows events after which the window ends at the next end of a source transaction
 * @param windowBytes decoded bytes after which it does
 * @param windowMillis how long the rest of a source transaction is waited for before what stands in front of it is loaded without it; after
 *     thirty times as long its beginning is loaded, too, and the window ends inside it
 * @param hardFactor a transaction that is larger than this many times the limits is applied in pieces
 */
public record ConsumeOptions(int windowRows, long windowBytes, long windowMillis, int hardFactor) {
    public ConsumeOptions {
        if (windowRows < 1 || windowBytes < 1 || windowMillis < 0 || hardFactor < 1) {
            throw new IllegalArgumentException(
                    "window of " + windowRows + " rows, " + windowBytes + " bytes, " + windowMillis + " ms");
        }
    }

    /** 100,000 events or 16 MB, a second for the rest of a transaction, pieces from four times that. */
    public static ConsumeOptions defaults() {
        return new ConsumeOptions(100_000, 16L << 20, 1_000, 4);
    }
}
