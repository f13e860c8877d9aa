package dev.millrace.storage.state;

import dev.millrace.storage.batch.OffsetDelta;
import java.util.Map;

/**
 * A pipeline's source offset: a view of its log, kept with the log index it reflects. Thread-safe by being confined to the pipeline's
 * ingest engine.
 */
public interface Offsets {
    /** The entries as last saved. */
    Map<String, byte[]> entries();

    /** The log index the entries reflect; the deltas after it have to be applied. */
    long logIndex();

    /** Applies a durable batch's delta; not synced, since the log holds the truth. */
    void apply(OffsetDelta delta, long logIndex);

    /** Makes what was applied durable, so that the log up to {@link #logIndex()} may be released. */
    void sync();

    /** Forgets everything: the pipeline begins again. Synced. */
    void clear();
}
