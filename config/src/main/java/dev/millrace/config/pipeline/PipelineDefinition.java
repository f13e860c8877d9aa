package dev.millrace.config.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One pipeline.
 *
 * @param name lower-case letters, digits, '-' and '_', at most 40 characters; unique in an installation
 * @param objects names or patterns ({@code *} within a part, {@code !} in front excludes), in the source's terms, e.g. {@code public.*};
 *     never empty
 * @param schedule when TABLE mode pipelines repeat; empty: once at start and on demand
 * @param guarantee empty: exactly-once where the destination can, else at-least-once
 */
public record PipelineDefinition(
    String name,
    ConnectorDefinition source,
    List<String> objects,
    ConnectorDefinition destination,
    OnDelete onDelete,
    Optional<Guarantee> guarantee,
    Optional<Schedule> schedule) {

  public PipelineDefinition {
    Objects.requireNonNull(name);
    objects = List.copyOf(objects);
  }
}
