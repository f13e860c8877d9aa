package dev.millrace.app.fault;

import java.util.Optional;

/** Faults of one kind. Stateless: a trial gets all it needs, and whatever it finds out it tells the trial's tally. */
public interface FaultFamily {
    /** One lower-case word, as in {@code -Dfaults.only=}. */
    String name();

    /** Why this machine can't make these faults (no root to mount with, say); empty where it can. Said in the table, never passed over. */
    default Optional<String> unavailable() {
        return Optional.empty();
    }

    /** How many trials a run makes. The short form of all families together is to take about three minutes on two idle cores. */
    int trials(boolean longForm);

    /**
     * One trial, decided by {@link Trial#random} alone as far as the machine's timing lets it be.
     *
     * @throws AssertionError where something was lost, doubled, wrong, or not said clearly
     */
    void run(Trial trial) throws Exception;
}
