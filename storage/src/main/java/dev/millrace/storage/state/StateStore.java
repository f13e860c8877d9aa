package dev.millrace.storage.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an installation knows beside its log. Thread-safe. {@code synced} writes are on disk when the call returns; other writes survive a
 * killed process but not a power cut. Values are opaque bytes to the store; keys sort by their UTF-8 bytes; a key is at most 2,000
 * characters and a value at most 64 MB.
 */
public interface StateStore extends AutoCloseable {
    /** The kinds of state, each in a column family of its own. */
    enum Kind {
        PIPELINE,
        OFFSET,
        POSITION,
        SCHEMA,
        MAPPING,
        FAILED_EVENT,
        RUN,
        LOG,
        INSTALLATION
    }

    Optional<byte[]> get(Kind kind, String key);

    /** All entries whose key begins with {@code prefix}, in key order; at most {@code limit}. */
    default List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, int limit) {
        return list(kind, prefix, "", limit);
    }

    /** As {@link #list(Kind, String, int)}, only entries behind the key {@code after}, for those who read many in pieces. */
    List<Map.Entry<String, byte[]>> list(Kind kind, String prefix, String after, int limit);

    /**
     * Applies all changes atomically.
     *
     * @throws dev.millrace.config.error.MillraceException RESOURCE when the disk refuses; nothing was changed
     */
    void write(StateChanges changes, boolean synced);

    /** Writes a consistent copy into {@code folder}, which must not exist. */
    void checkpoint(java.nio.file.Path folder);

    @Override
    void close();
}
