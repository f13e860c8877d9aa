package dev.millrace.consume.mapping;

import java.util.Objects;

/**
 * Something that could be changed at the destination, and isn't until a user approves of it.
 *
 * @param column the source's column
 * @param to what it would become: a type as the destination calls it, or a name
 */
public record Proposal(Kind kind, String column, String to) {
    /** What is proposed. Ordinals are stored: only ever append. */
    public enum Kind {
        /** A column that the table lacks; rows are loaded without it. */
        NEW_COLUMN,
        /** A wider type, which rows need: they are parked. */
        WIDER_TYPE,
        /** Another name, another table or a column, as the definition says, that takes effect where the object is loaded again. */
        LOAD_AGAIN
    }

    public Proposal {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(column);
        Objects.requireNonNull(to);
    }

    /** What an answer to it is kept under; the same for the same change. */
    String key() {
        return kind.ordinal() + ":" + (kind == Kind.WIDER_TYPE ? to : "") + ":" + column;
    }

    static boolean isWiderType(String key) {
        return key.startsWith(Kind.WIDER_TYPE.ordinal() + ":");
    }

    /** In words. */
    @Override
    public String toString() {
        return switch (kind) {
            case NEW_COLUMN -> "new column '" + column + "' (" + to + ")";
            case WIDER_TYPE -> "column '" + column + "' becomes " + to;
            case LOAD_AGAIN -> (column.isEmpty() ? "" : "column '" + column + "': ") + to;
        };
    }
}
