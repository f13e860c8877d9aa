package dev.millrace.ingest.source;

import dev.millrace.config.error.Finding;
import dev.millrace.storage.event.TableName;
import java.util.List;

/**
 * One configured source. Methods connect as they need, may block for the settings' time-outs, obey interruption by throwing, and throw
 * {@link dev.millrace.config.error.MillraceException} (EXTERNAL when trying again may help, USER when someone has to act). Thread-safe;
 * what it opens is not.
 *
 * <p>Abilities are further interfaces of the same object: {@link StreamingSource}, {@link ChunkedSource}.
 */
public interface Source extends AutoCloseable {
    /** Probes in order, each its own finding; never throws for what a probe finds. {@code objects} as in the pipeline's definition. */
    List<Finding> check(List<String> objects);

    /** All objects that could be chosen, system objects excepted, in name order. */
    List<SourceObject> discover();

    /**
     * The chosen ones by the definition's names and patterns.
     *
     * @throws dev.millrace.config.error.MillraceException USER OBJECT_NOT_FOUND for a plain name that is not there (with the nearest name), or
     *     when nothing is chosen
     */
    List<SourceObject> select(List<String> objects);

    /** Up to {@code rows} rows as text by column, null for NULL. */
    List<List<String>> preview(TableName table, int rows);

    /** Removes what the connector keeps at the source (slot, publications); what is not there is no error. */
    void removeTraces();

    @Override
    void close();
}
