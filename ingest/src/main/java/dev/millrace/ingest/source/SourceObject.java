package dev.millrace.ingest.source;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import java.util.List;

/**
 * A table as the source describes it.
 *
 * @param columns with keys; the same columns that its events will have
 * @param estimatedRows by the source's statistics, -1 unknown
 * @param estimatedBytes -1 unknown
 * @param wholeRows whether its UPDATEs and DELETEs carry the whole row before
 * @param note what a user should know ("no key: inserts only"), or empty
 */
public record SourceObject(
        TableName table,
        String kind,
        List<Column> columns,
        long estimatedRows,
        long estimatedBytes,
        boolean wholeRows,
        String note) {
    public SourceObject {
        columns = List.copyOf(columns);
    }

    public boolean keyed() {
        return columns.stream().anyMatch(Column::inKey);
    }
}
