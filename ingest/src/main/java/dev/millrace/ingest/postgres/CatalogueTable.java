package dev.millrace.ingest.postgres;

import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An ordinary table, or a partitioned one with all its partitions as one.
 *
 * @param partitioned it is the root of partitions
 * @param columns in the table's order; without generated columns, which logical decoding does not send
 * @param generated the names of those
 * @param estimatedRows by the server's statistics and the present size, -1 not asked for
 * @param estimatedBytes with out-of-line values, without indexes; -1 not asked for
 */
record CatalogueTable(
        long oid,
        TableName name,
        boolean partitioned,
        boolean unlogged,
        ReplicaIdentity identity,
        List<CatalogueColumn> columns,
        List<String> generated,
        long estimatedRows,
        long estimatedBytes) {

    /** How the table's UPDATEs and DELETEs name the row they change. */
    enum ReplicaIdentity {
        /** By the primary key, where there is one. */
        DEFAULT,
        /** By the whole row before. */
        FULL,
        /** By the columns of a unique index. */
        INDEX,
        NOTHING
    }

    CatalogueTable {
        columns = List.copyOf(columns);
        generated = List.copyOf(generated);
    }

    boolean keyed() {
        return columns.stream().anyMatch(column -> column.keyPosition() > 0);
    }

    /** In key order; empty without a key. */
    List<CatalogueColumn> keyColumns() {
        return columns.stream()
                .filter(column -> column.keyPosition() > 0)
                .sorted(Comparator.comparingInt(CatalogueColumn::keyPosition))
                .toList();
    }

    /** In the form {@link dev.millrace.ingest.source.StreamListener#learn} takes. */
    List<Column> eventColumns() {
        return columns.stream().map(CatalogueColumn::column).toList();
    }

    SourceObject object() {
        String kind = partitioned ? "partitioned table" : "table";
        boolean wholeRows = identity == ReplicaIdentity.FULL;
        return new SourceObject(name, kind, eventColumns(), estimatedRows, estimatedBytes, wholeRows, note());
    }

    private String note() {
        List<String> notes = new ArrayList<>();
        if (unlogged) {
            notes.add("unlogged: its changes are not in the write-ahead log, so it can be loaded but not followed");
        }
        if (!keyed() && identity != ReplicaIdentity.FULL) {
            notes.add(
                    "no key: inserts and truncates only, unless the table gets a primary key or REPLICA IDENTITY FULL");
        }
        if (!generated.isEmpty()) {
            notes.add("generated columns are left out: " + String.join(", ", generated));
        }
        return String.join("; ", notes);
    }
}
