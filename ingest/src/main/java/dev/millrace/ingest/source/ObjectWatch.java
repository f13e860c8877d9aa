package dev.millrace.ingest.source;

import dev.millrace.config.error.Finding;
import dev.millrace.storage.event.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Looks at a source for objects that are new. Used by one thread at a time, not always the same one. */
public interface ObjectWatch extends AutoCloseable {
    /** The most that one look tells of. */
    int MOST = 100;

    /**
     * A chosen object that isn't known yet.
     *
     * @param failed what keeps it from being taken in now, each {@link Finding.Status#FAILED}; empty when nothing does
     */
    record Arrival(SourceObject object, List<Finding> failed) {
        public Arrival {
            failed = List.copyOf(failed);
        }
    }

    /** How much time lies between two looks. */
    Duration every();

    /**
     * The chosen objects that are there and not among {@code known}, in name order, at most {@value #MOST}. Costs the source little as long as
     * there are none, and takes no locks there.
     *
     * @throws dev.millrace.config.error.MillraceException EXTERNAL when the source can't be asked now
     */
    List<Arrival> arrivals(Set<TableName> known);

    /**
     * Those of {@code objects} that something keeps from being taken in, however long one waits; in name order. Asks about all at once where
     * nothing does.
     *
     * @throws dev.millrace.config.error.MillraceException EXTERNAL when the source can't be asked now
     */
    List<Arrival> misfits(List<SourceObject> objects);

    /** Lets go of what is held at the source; a later look takes it up again. */
    @Override
    void close();
}
