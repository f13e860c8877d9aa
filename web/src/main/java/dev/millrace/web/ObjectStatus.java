package dev.millrace.web;

import java.util.Objects;

/**
 * One object of a pipeline at one moment.
 *
 * @param name as in the source, e.g. {@code public.film}
 * @param rowsRead rows the historical load has read so far
 * @param rowsEstimated how many it expects to read in all; negative while unknown
 */
public record ObjectStatus(String name, Phase phase, long rowsRead, long rowsEstimated) {
    /** LOADING: the historical load runs. FOLLOWING: loaded, changes follow. */
    public enum Phase {
        WAITING,
        LOADING,
        FOLLOWING,
        FAILED
    }

    public ObjectStatus {
        Objects.requireNonNull(name);
        Objects.requireNonNull(phase);
    }
}
