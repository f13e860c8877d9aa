package dev.millrace.config.transform;

import java.nio.file.Path;
import java.util.Objects;

/** Where something stands in a file; line and column from 1. */
public record Place(Path file, int line, int column) {
    public Place {
        Objects.requireNonNull(file);
    }

    /** {@code shop.yaml:12:5}. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column;
    }
}
