package dev.millrace.ingest.source;

import dev.millrace.storage.event.TableName;
import java.util.List;

/** The ability to stream changes from an offset. Offsets and positions are opaque outside the connector. */
public interface StreamingSource {
    /**
     * Prepares the source for a first start (publication, slot) and returns the offset at which streaming begins. Idempotent until the
     * first acknowledgement: a crash before the offset was stored may call it again.
     *
     * @throws dev.millrace.config.error.MillraceException USER when a slot of that name exists that can't be ours
     */
    byte[] prepare(List<TableName> tables);

    /**
     * Opens the stream behind {@code offset}; fits the publication to {@code tables} first.
     *
     * @throws dev.millrace.config.error.MillraceException USER SLOT_LOST, SLOT_MISSING, SLOT_AHEAD (the source has let go of changes behind
     *     the offset), SOURCE_REPLACED (another system or timeline), …; EXTERNAL SLOT_TAKEN, CONNECTION_…
     */
    StreamReader openStream(List<TableName> tables, byte[] offset, StreamListener listener);

    /** The source's position now: everything committed before the call is at or before it. */
    byte[] currentPosition();

    /** Whether a stream that stands at {@code offset} has passed {@code position}. */
    boolean reached(byte[] offset, byte[] position);

    /** Bytes of change log between the two, -1 unknown; for lag. */
    long distanceBytes(byte[] offset, byte[] position);

    /** An offset or position in the source's own notation, for people. */
    String describe(byte[] offset);
}
