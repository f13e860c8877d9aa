package dev.millrace.consume;

import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.StateStore;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Where a pipeline's events and all that is known of them are kept.
 *
 * @param failed where events go that can't be applied; empty: one ends the run
 * @param choices what users choose while it runs
 * @param neighbours other pipelines that lead to the same destination: the tables that they have made are theirs
 */
public record Stores(
        Topic topic, StateStore state, Optional<FailedQueue> failed, MappingChoices choices, Set<String> neighbours) {
    public Stores {
        Objects.requireNonNull(topic);
        Objects.requireNonNull(state);
        Objects.requireNonNull(failed);
        Objects.requireNonNull(choices);
        neighbours = Set.copyOf(neighbours);
    }
}
