package dev.millrace.ingest.postgres;

import java.util.concurrent.TimeUnit;

/** When the stream looks at the catalogue: every few seconds, and soon after a table was described anew. Confined to the stream's thread. */
final class ContentRounds {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final CatalogueLink link;
    private final ContentWatch watch;
    private final Runnable refit;
    private long lookedAt = System.nanoTime();
    private boolean soon;

    /**
     * @param refit fits the publications again and tells the listener which tables are new in them
     */
    ContentRounds(CatalogueLink link, ContentWatch watch, Runnable refit) {
        this.link = link;
        this.watch = watch;
        this.refit = refit;
    }

    /** The marks of the tables as last seen, for offsets. */
    byte[] marks() {
        return watch.marks();
    }

    void soonIf(boolean described) {
        soon |= described;
    }

    /** To be called outside transactions. */
    void lookIfDue(long now) {
        if (now - lookedAt < (soon ? SOON_NANOS : EVERY_NANOS)) {
            return;
        }
        soon = false;
        try {
            link.ask("Cannot compare the catalogue with what it was", asked -> {
                watch.check(asked);
                return null;
            });
            if (watch.takePublicationsStale()) {
                refit.run();
            }
        } finally {
            lookedAt = System.nanoTime();
        }
    }
}
