package dev.millrace.consume.mapping;

import dev.millrace.storage.event.DataType;
import java.util.Objects;

/**
 * A source column and its place at the destination.
 *
 * @param sourceId as in {@link dev.millrace.storage.event.Column#sourceId()}, 0 unknown
 * @param type what the destination's column holds: at least the source column's type
 * @param dropped the source has it no more; it stays at the destination, NULL in new rows
 */
public record MappedColumn(
        String sourceName, int sourceId, String targetName, DataType type, int keyPosition, boolean dropped) {
    public MappedColumn {
        Objects.requireNonNull(sourceName);
        Objects.requireNonNull(targetName);
        Objects.requireNonNull(type);
    }

    MappedColumn asDropped() {
        return new MappedColumn(sourceName, sourceId, targetName, type, 0, true);
    }
}
