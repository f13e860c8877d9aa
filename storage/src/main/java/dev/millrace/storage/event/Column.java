package dev.millrace.storage.event;

import java.util.Objects;

/**
 * One column of a schema.
 *
 * @param name as the source spells it
 * @param sourceType the source's own type name, for messages and mapping hints; may be empty
 * @param sourceId the source's lasting number of the column (PostgreSQL: attnum), by which a rename is known; 0 where there is none
 * @param keyPosition 1-based place in the key, 0 when not part of it
 */
public record Column(
        String name, DataType dataType, boolean nullable, int keyPosition, String sourceType, int sourceId) {
    public Column {
        Objects.requireNonNull(name);
        Objects.requireNonNull(dataType);
        Objects.requireNonNull(sourceType);
    }

    public Type type() {
        return dataType.type();
    }

    public boolean inKey() {
        return keyPosition > 0;
    }
}
