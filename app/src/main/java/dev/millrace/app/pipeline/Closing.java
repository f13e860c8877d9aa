package dev.millrace.app.pipeline;

/** Closes several things: each is attempted, the first failure is thrown with the later ones suppressed. */
public final class Closing {
    private Closing() {}

    /** In the order given. */
    public static void all(Runnable... closers) {
        RuntimeException first = null;
        for (Runnable closer : closers) {
            try {
                closer.run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
