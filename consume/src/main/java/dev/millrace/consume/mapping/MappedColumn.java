package dev.millrace.consume.mapping;

import dev.millrace.storage.event.DataType;
import java.util.Objects;

/**
 * A source column and its place at the destination.
 *
 * @param sourceId as in {@link dev.millrace.storage.event.Column#sourceId()}, 0 unknown
 * @param type what the destination's column holds: at least the source column's type
 * @param dropped the source has it no more, or it is left out; it stays at the destination, NULL in new rows
 * @param sourceType the source column's own type, as it was met last
 */
public record MappedColumn(
        String sourceName,
        int sourceId,
        String targetName,
        DataType type,
        int keyPosition,
        boolean dropped,
        DataType sourceType) {
    public MappedColumn {
        Objects.requireNonNull(sourceName);
        Objects.requireNonNull(targetName);
        Objects.requireNonNull(type);
        Objects.requireNonNull(sourceType);
    }

    /** A column that has the source's type. */
    public MappedColumn(
            String sourceName, int sourceId, String targetName, DataType type, int keyPosition, boolean dropped) {
        this(sourceName, sourceId, targetName, type, keyPosition, dropped, type);
    }

    MappedColumn asDropped() {
        return new MappedColumn(sourceName, sourceId, targetName, type, 0, true, sourceType);
    }

    MappedColumn withType(DataType newType) {
        return new MappedColumn(sourceName, sourceId, targetName, newType, keyPosition, dropped, sourceType);
    }

    MappedColumn withTargetName(String newName) {
        return new MappedColumn(sourceName, sourceId, newName, type, keyPosition, dropped, sourceType);
    }
}
