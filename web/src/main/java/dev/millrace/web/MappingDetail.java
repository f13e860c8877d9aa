package dev.millrace.web;

import java.util.List;
import java.util.Objects;

/** An object, where it goes, and its columns: those that are loaded first. */
public record MappingDetail(MappingStatus mapping, List<Column> columns) {

    /**
     * A column.
     *
     * @param destination its name there; empty where it is left out
     * @param sourceType as definitions write types: {@code decimal(12,2)}
     * @param destinationType the least type that it has there; empty where it is left out
     * @param state {@code mapped}, {@code renamed}, {@code left-out} (skipped, or waiting for approval) or {@code dropped} (the source has it
     *     no more)
     */
    public record Column(
            String source, String destination, String sourceType, String destinationType, boolean key, String state) {
        public Column {
            Objects.requireNonNull(source);
            Objects.requireNonNull(destination);
            Objects.requireNonNull(sourceType);
            Objects.requireNonNull(destinationType);
            Objects.requireNonNull(state);
        }
    }

    public MappingDetail {
        Objects.requireNonNull(mapping);
        columns = List.copyOf(columns);
    }
}
