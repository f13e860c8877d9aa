package dev.millrace.config.error;

/** A lack of heap as a failure like others: a row or batch was too large for the memory that Java was given. */
public final class HeapExhausted {
    private HeapExhausted() {}

    /**
     * RESOURCE OUT_OF_MEMORY.
     *
     * @param what what failed, with its id
     */
    public static MillraceException of(String what, OutOfMemoryError cause) {
        long megabytes = Runtime.getRuntime().maxMemory() >> 20;
        return MillraceException.resource(
                "OUT_OF_MEMORY",
                what,
                "Java's heap of " + megabytes
                        + " MB has no room for it; a row takes up to twice its size on its way, and more where it is transformed or masked",
                "Start Millrace with a larger heap (java -Xmx…), or leave the table with the outsize rows out of 'objects'.",
                cause);
    }
}
