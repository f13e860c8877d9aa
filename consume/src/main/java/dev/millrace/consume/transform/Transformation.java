package dev.millrace.consume.transform;

import java.util.List;

/** A pipeline's phases in order. Immutable; safe from any thread. */
public final class Transformation {
    public static final Transformation NONE = new Transformation(List.of());

    private final List<RowPhase> phases;

    public Transformation(List<RowPhase> phases) {
        this.phases = List.copyOf(phases);
    }

    public List<RowPhase> phases() {
        return phases;
    }

    /** For one thread that reads the log; cheap. */
    public Transformer open(FailedEvents failed) {
        return new Transformer(phases, failed);
    }
}
