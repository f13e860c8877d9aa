package dev.millrace.app.pipeline;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.error.Nearest;
import dev.millrace.storage.event.TableName;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Holds the names that users give against the objects that a pipeline has at its source. Stateless. */
public final class KnownObjects {
    private KnownObjects() {}

    /**
     * @param known empty where the pipeline doesn't know its objects yet: then nothing can be said
     * @throws MillraceException USER OBJECT_NOT_FOUND with the nearest name where it is none of them
     */
    public static void require(String pipeline, TableName table, Collection<TableName> known) {
        if (!known.isEmpty() && !known.contains(table)) {
            throw MillraceException.user(
                    "OBJECT_NOT_FOUND",
                    "Pipeline '" + pipeline + "' has no object '" + table + "'",
                    "it has " + known.size(),
                    nearest(table, known)
                                    .map(name -> "Did you mean '" + name + "'? ")
                                    .orElse("")
                            + "See 'millrace status --json'.");
        }
    }

    /** The one of this name in another schema, or the one that is written most like it. */
    private static Optional<String> nearest(TableName table, Collection<TableName> known) {
        return known.stream()
                .filter(other -> other.name().equals(table.name()))
                .map(TableName::toString)
                .findFirst()
                .or(() -> Nearest.to(
                        table.toString(),
                        known.stream().map(TableName::toString).collect(Collectors.toList())));
    }
}
