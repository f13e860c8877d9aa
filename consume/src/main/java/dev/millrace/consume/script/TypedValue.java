package dev.millrace.consume.script;

import dev.millrace.storage.event.DataType;
import java.util.Objects;

/**
 * What an expression came to: a type and a value in the form that {@link CellValues} draws, null for NULL.
 *
 * @param type of a NULL: STRING, which says nothing
 */
public record TypedValue(DataType type, Object value) {
    public TypedValue {
        Objects.requireNonNull(type);
    }

    public boolean isNull() {
        return value == null;
    }
}
