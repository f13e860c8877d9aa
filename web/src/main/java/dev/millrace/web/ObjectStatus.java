package dev.millrace.web;

import java.util.Objects;

/**
 * One object of a pipeline at one moment.
 *
 * @param name as in the source, e.g. {@code public.film}
 * @param rowsRead rows the historical load has read so far
 * @param rowsEstimated how many it expects to read in all; negative while unknown
 * @param reason why it is left out, and what helps; empty for others
 */
public record ObjectStatus(String name, Phase phase, long rowsRead, long rowsEstimated, String reason) {
    /** LOADING: the historical load runs. FOLLOWING: loaded, changes follow. LEFT_OUT: it doesn't fit yet; the others go on. */
    public enum Phase {
        WAITING,
        LOADING,
        FOLLOWING,
        LEFT_OUT,
        FAILED
    }

    public ObjectStatus {
        Objects.requireNonNull(name);
        Objects.requireNonNull(phase);
        Objects.requireNonNull(reason);
    }
}
