package dev.millrace.consume.destination;

import dev.millrace.config.error.Finding;
import dev.millrace.storage.event.DataType;
import java.util.List;
import java.util.Optional;

/** A destination that is another one but for what is done otherwise. Threads and failures as that one. */
public interface DelegatedDestination extends Destination {
    /** The other one. */
    Destination destination();

    @Override
    default List<Finding> check() {
        return destination().check();
    }

    @Override
    default NamingRules naming() {
        return destination().naming();
    }

    @Override
    default String columnType(DataType type) {
        return destination().columnType(type);
    }

    @Override
    default Optional<ExistingTable> describe(TargetName table) {
        return destination().describe(table);
    }

    @Override
    default Optional<Long> claim() {
        return destination().claim();
    }

    @Override
    default Optional<Long> committedIndex() {
        return destination().committedIndex();
    }

    @Override
    default long replayed() {
        return destination().replayed();
    }

    @Override
    default LoadTransaction begin() {
        return destination().begin();
    }

    @Override
    default void close() {
        destination().close();
    }
}
