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
    private final long everyNanos;
    private StreamPulse pulse = StreamPulse.NONE;
    private long heardAt = System.nanoTime();
    private boolean heard;

    Heartbeat(PostgresSettings settings, CatalogueLink link) {
        this.settings = settings;
        this.link = link;
        this.everyNanos = Math.min(PULSE_EVERY_NANOS, settings.peerTimeout().toNanos());
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
     * @param received the log position that the server has told us of, 0 where it tells none
     * @throws MillraceException CONNECTION_LOST when nothing can come any more
     */
    void feel(long now, long received) {
        if (heard || process == 0) {
            heard = false;
            heardAt = now;
            pulse = StreamPulse.NONE;
        } else if (now - heardAt >= everyNanos) {
            StreamPulse before = pulse;
            pulse = link.ask(
                    "Cannot ask whether the stream of slot '" + settings.slot() + "' is alive",
                    asked -> StreamPulse.of(asked, process));
            heardAt = System.nanoTime();
            String reason = pulse.dead(before, received);
            if (!reason.isEmpty()) {
                throw MillraceException.external(
                        "CONNECTION_LOST",
                        "Cannot read the changes of slot '" + settings.slot() + "'",
                        "nothing has come for more than " + TimeUnit.NANOSECONDS.toSeconds(everyNanos) + " s, and "
                                + reason,
                        "Check the network between, and firewalls that forget connections; it is tried again.",
                        null);
            }
        }
    }
}
