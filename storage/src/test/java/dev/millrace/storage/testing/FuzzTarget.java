package dev.millrace.storage.testing;

import dev.millrace.config.error.MillraceException;
import java.util.SplittableRandom;

/** A decoder under {@link Fuzzer}: makes damaged inputs of real ones and reads them. Confined to one thread. */
public interface FuzzTarget {
    /** A few words for reports, e.g. {@code binary COPY}. */
    String name();

    /** One damaged input, as the messages it comes in, decided by {@code random} alone. */
    byte[][] input(SplittableRandom random);

    /**
     * Reads it to its end, every value of it.
     *
     * @throws MillraceException where the decoder refuses it; anything else thrown is a defect
     */
    void decode(byte[][] input);

    /** The most bytes that reading {@code input} may allocate. */
    default long allowance(byte[][] input) {
        long bytes = 0;
        for (byte[] message : input) {
            bytes += message.length;
        }
        return (4L << 20) + 64 * bytes;
    }

    /** Whether the decoder says this of damaged bytes. */
    boolean expects(MillraceException refusal);
}
