package dev.millrace.consume.mapping;

import dev.millrace.config.pipeline.LoadMode;
import java.util.Objects;

/**
 * Something that could be changed at the destination, and isn't until a user approves of it.
 *
 * @param column the source's column
 * @param to what it would become: a type as the destination calls it; of {@link Kind#LOAD_AGAIN} what happens, in words
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
        return kind.ordinal() + ":" + (kind == Kind.NEW_COLUMN ? "" : to) + ":" + column;
    }

    static boolean isWiderType(String key) {
        return key.startsWith(Kind.WIDER_TYPE.ordinal() + ":");
    }

    /** Whether the object has to be loaded again for it; rows that are only ever added can lack it. */
    boolean needsLoad(LoadMode mode) {
        return switch (kind) {
            case NEW_COLUMN -> mode != LoadMode.APPEND;
            case WIDER_TYPE -> false;
            case LOAD_AGAIN -> mode != LoadMode.APPEND || column.isEmpty();
        };
    }

    /** In words, once it was approved. */
    String approved(LoadMode mode) {
        String what = kind == Kind.LOAD_AGAIN ? change() : toString();
        return needsLoad(mode) ? what + "; the object is loaded again for it" : what;
    }

    /** In words, once it was rejected. */
    String rejected() {
        return kind == Kind.LOAD_AGAIN
                ? change() + "; it stays as it is, whenever the object is loaded again"
                : toString();
    }

    private String change() {
        return (column.isEmpty() ? "" : "column '" + column + "': ") + to;
    }

    /** In words. */
    @Override
    public String toString() {
        return switch (kind) {
            case NEW_COLUMN -> "new column '" + column + "' (" + to + ")";
            case WIDER_TYPE -> "column '" + column + "' becomes " + to;
            case LOAD_AGAIN -> change() + " when the object is loaded again";
        };
    }
}
