package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;

/** Parked events that failed alike. */
public record FailedGroup(TableName table, Failure.Phase phase, String code) {
    static FailedGroup of(FailedEvent event) {
        return new FailedGroup(
                event.table(), event.failure().phase(), event.failure().code());
    }

    /**
     * What is known of a group.
     *
     * @param oldestMillis when the oldest of them was parked
     * @param expiresMillis when the next of them is too old
     * @param example why one of them failed
     */
    public record Figures(long events, long bytes, long oldestMillis, long expiresMillis, String example) {
        static final Figures NONE = new Figures(0, 0, Long.MAX_VALUE, Long.MAX_VALUE, "");

        Figures and(FailedEvent event) {
            return new Figures(
                    events + 1,
                    bytes + event.bytes(),
                    Math.min(oldestMillis, event.course().parkedAtMillis()),
                    Math.min(expiresMillis, event.course().expiresAtMillis()),
                    example.isEmpty() ? event.failure().why().withoutValues() : example);
        }

        Figures plus(Figures other) {
            return new Figures(
                    events + other.events,
                    bytes + other.bytes,
                    Math.min(oldestMillis, other.oldestMillis),
                    Math.min(expiresMillis, other.expiresMillis),
                    example.isEmpty() ? other.example : example);
        }
    }
}
