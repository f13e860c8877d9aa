package dev.millrace.ingest.engine;

import dev.millrace.storage.event.TableName;
import java.util.Objects;

/**
 * An object that a pattern chooses and that is not read, because it doesn't fit; the others go on, and it joins by itself once it does.
 *
 * @param why what keeps it, and what helps
 */
public record LeftOut(TableName table, String why) {
    public LeftOut {
        Objects.requireNonNull(table);
        Objects.requireNonNull(why);
    }
}
