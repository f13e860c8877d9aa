package dev.millrace.consume.transform.steps;

import java.util.Objects;

/** Why a step doesn't fit the table it is to work on. Caught within the package. */
final class StepProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String suggestion;

    StepProblem(String message, String suggestion) {
        super(Objects.requireNonNull(message), null, false, false);
        this.suggestion = suggestion;
    }

    String suggestion() {
        return suggestion;
    }
}
