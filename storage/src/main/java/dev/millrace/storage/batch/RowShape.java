package dev.millrace.storage.batch;

import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;

/** A schema by column position: what a row of it looks like, resolved once. Immutable. */
final class RowShape {
    private final Schema schema;
    private final Type[] types;
    private final byte[] kinds;

    RowShape(Schema schema) {
        this.schema = schema;
        this.types = new Type[schema.columns().size()];
        this.kinds = new byte[types.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = schema.columns().get(i).type();
            kinds[i] = CellFormat.kind(types[i]);
        }
    }

    Schema schema() {
        return schema;
    }

    int columns() {
        return types.length;
    }

    Type type(int column) {
        return types[column];
    }

    byte kind(int column) {
        return kinds[column];
    }

    /** Whether the column takes cells of {@code other} as they are encoded: it has that type, or both are text or bytes. */
    boolean takes(int column, Type other) {
        return types[column] == other
                || kinds[column] == CellFormat.BYTES && CellFormat.kind(other) == CellFormat.BYTES;
    }
}
