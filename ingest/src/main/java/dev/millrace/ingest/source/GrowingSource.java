package dev.millrace.ingest.source;

import dev.millrace.storage.event.TableName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The ability to tell of objects that came to be after a pipeline had chosen its own by patterns. */
public interface GrowingSource {
    /** Looks for what {@code objects} chooses; empty where each is named exactly, so that none can come. Does not connect. */
    Optional<ObjectWatch> watch(List<String> objects);

    /** Whether one of {@code objects} names just this table, and no pattern has to choose it. */
    boolean names(List<String> objects, TableName table);

    /** What chooses the same but for {@code leftOut}, in the definition's terms. */
    List<String> without(List<String> objects, Collection<TableName> leftOut);
}
