package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import java.util.concurrent.TimeUnit;

/**
 * Whether the server still has the connection that changes are read from: after some silence it is asked over the stream's other connection,
 * which has a time-out. Confined to the stream's thread.
 */
final class Heartbeat {
    private static final long PULSE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PostgresSettings settings;
    private final CatalogueLink link;
    private int process;
    private Pulse pulse = Pulse.ALIVE;
    private long heardAt = System.nanoTime();
    private boolean heard;

    Heartbeat(PostgresSettings settings, CatalogueLink link) {
        this.settings = settings;
        this.link = link;
    }

    /** From now on it is this process of the server that is listened to; 0: none yet. */
    void of(int backend) {
        if (backend != process) {
            process = backend;
            heard = true;
        }
    }

    /** Something has come. */
    void heard() {
        heard = true;
    }

    /**
     * Nothing is there at the moment.
     *
     * @throws MillraceException CONNECTION_LOST when nothing can come any more
     */
    void feel(long now) {
        if (heard || process == 0) {
            heard = false;
            heardAt = now;
            pulse = Pulse.ALIVE;
        } else if (now - heardAt >= PULSE_EVERY_NANOS) {
            Pulse before = pulse;
            pulse = link.ask(
                    "Cannot ask whether the stream of slot '" + settings.slot() + "' is alive",
                    asked -> Pulse.of(asked, process));
            heardAt = System.nanoTime();
            if (pulse.dead(before)) {
                throw MillraceException.external(
                        "CONNECTION_LOST",
                        "Cannot read the changes of slot '" + settings.slot() + "'",
                        "nothing has come for more than " + TimeUnit.NANOSECONDS.toSeconds(PULSE_EVERY_NANOS)
                                + " s, and " + pulse.text(),
                        "Check the network between, and firewalls that forget connections; it is tried again.",
                        null);
            }
        }
    }
}
