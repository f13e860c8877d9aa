package dev.millrace.config.load;

import dev.millrace.config.error.MillraceException;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a load gave.
 *
 * @param value empty exactly when {@code problems} has errors
 * @param problems errors and warnings
 */
public record Loaded<T>(Optional<T> value, Problems problems) {
    public Loaded {
        if (value.isPresent() == problems.hasErrors()) {
            throw new IllegalArgumentException("a value and errors exclude each other: " + problems.text());
        }
    }

    /**
     * The value.
     *
     * @throws MillraceException USER CONFIGURATION_INVALID with every error, a line each
     */
    public T orThrow() {
        return value.orElseThrow(() -> {
            int count = problems.errors().size();
            String lines = problems.errors().stream().map(Problem::text).collect(Collectors.joining("\n"));
            String what =
                    count == 1 ? "The configuration has a problem" : "The configuration has " + count + " problems";
            return MillraceException.user("CONFIGURATION_INVALID", what, "\n" + lines, "");
        });
    }
}
