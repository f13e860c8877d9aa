package dev.millrace.consume.failed;

import java.util.Optional;

/**
 * What has to happen before a parked event can be tried.
 *
 * @param front the first parked event that has to go before it; empty where none does
 * @param superseded whether it is never tried, because a load of its table is under way that makes it obsolete once it is complete
 */
public record Waits(Optional<EventPlace> front, boolean superseded) {
    /** Nothing has. */
    public static final Waits NOT = new Waits(Optional.empty(), false);
}
