package dev.millrace.config.load;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Something wrong, or a warning, at one place of a configuration file.
 *
 * @param line 1-based; 1 when the file as a whole is meant
 * @param column 1-based, in characters (code points); 1 when the line or file as a whole is meant
 * @param code stable, {@code UPPER_SNAKE}
 * @param message what is wrong and why, without a full stop; never holds a secret or a resolved reference
 * @param suggestion what to do, a sentence; may be empty
 */
public record Problem(
        Path file, int line, int column, Severity severity, String code, String message, String suggestion) {
    /** An ERROR keeps the file from being used; a WARNING does not. */
    public enum Severity {
        ERROR,
        WARNING
    }

    public Problem {
        Objects.requireNonNull(file);
        Objects.requireNonNull(severity);
        Objects.requireNonNull(code);
        Objects.requireNonNull(message);
        Objects.requireNonNull(suggestion);
        if (line < 1 || column < 1) {
            throw new IllegalArgumentException("place " + line + ":" + column);
        }
    }

    /** {@code file:line:column: message. suggestion}, as editors and build tools read it. */
    public String text() {
        String warning = severity == Severity.WARNING ? "warning: " : "";
        return file + ":" + line + ":" + column + ": " + warning + message + "."
                + (suggestion.isEmpty() ? "" : " " + suggestion);
    }

    @Override
    public String toString() {
        return text();
    }
}
