package dev.millrace.consume.destination;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.Schema;

/** A load that is another one but for what is told otherwise. Threads as that one. */
public interface DelegatedLoad extends TableLoad {
    /** The other one. */
    TableLoad load();

    @Override
    default TargetTable target() {
        return load().target();
    }

    @Override
    default Schema schema() {
        return load().schema();
    }

    @Override
    default OnDelete onDelete() {
        return load().onDelete();
    }

    @Override
    default boolean shadow() {
        return load().shadow();
    }

    @Override
    default boolean truncated() {
        return load().truncated();
    }

    @Override
    default boolean historical() {
        return load().historical();
    }

    @Override
    default int rowCount() {
        return load().rowCount();
    }

    @Override
    default boolean loading() {
        return load().loading();
    }

    @Override
    default long truncatedAtMicros() {
        return load().truncatedAtMicros();
    }

    @Override
    default long loadedAtMicros() {
        return load().loadedAtMicros();
    }

    @Override
    default RowCursor rows() {
        return load().rows();
    }
}
