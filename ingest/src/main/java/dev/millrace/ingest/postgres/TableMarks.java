package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the tables were when an offset was stored, so small that every offset can carry it: enough to notice after a restart that a table was
 * dropped and created again, rewritten, filled in, published anew, or got and lost partitions meanwhile. In bytes (big-endian), a format 2 and
 * then per table:
 *
 * <pre>
 *  0  4  CRC32C of schema, zero byte and name, in UTF-8
 *  4  4  OID
 *  8  4  CRC32C of what it is stored in ({@link TableFacts#storageSum})
 * 12  4  its membership in a publication of ours ({@link Published}), 0 for none
 * 16  4  CRC32C of what describes its columns
 * 20  4  CRC32C of the names of columns that older rows show a never-written default in
 * </pre>
 *
 * A mark is of a moment at which the listener had been told of all that came before: so what a stream or a chunk learned of a new shape and
 * then lost, when the process died before the catalogue was compared, is still a difference to the mark.
 */
final class TableMarks {
    private static final int SIZE = 24;
    private static final byte FORMAT = 2;

    private record Mark(int oid, int storage, int membership, int columns, int filledIn) {}

    private final Map<Integer, Mark> marks = new HashMap<>();

    private TableMarks() {}

    static byte[] encode(Collection<TableFacts> tables, Map<TableName, Integer> memberships) {
        ByteBuffer out = ByteBuffer.allocate(1 + tables.size() * SIZE).put(FORMAT);
        for (TableFacts table : tables) {
            out.putInt(sum(table.table())).putInt((int) table.oid()).putInt(table.storageSum(0));
            out.putInt(memberships.getOrDefault(table.table(), 0))
                    .putInt(columnsSum(table))
                    .putInt(filledInSum(table));
        }
        return out.array();
    }

    /** Bytes of another form give no marks, and then every table counts as published anew. */
    static TableMarks decode(byte[] bytes) {
        TableMarks decoded = new TableMarks();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length % SIZE == 1 && in.get() == FORMAT) {
            while (in.hasRemaining()) {
                decoded.marks.put(
                        in.getInt(), new Mark(in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt()));
            }
        }
        return decoded;
    }

    /** The memberships under which all changes of these tables have been published up to the mark. */
    Map<TableName, Integer> memberships(Collection<TableName> tables) {
        Map<TableName, Integer> memberships = new HashMap<>();
        for (TableName table : tables) {
            Mark mark = marks.get(sum(table));
            if (mark != null && mark.membership != 0) {
                memberships.put(table, mark.membership);
            }
        }
        return memberships;
    }

    /**
     * Whether its columns were altered since the mark in a way that can have changed rows: with a rewrite, or with a default filled in. What has
     * been learned of it meanwhile does not matter, because a shape may be learned before its change of content is noticed.
     */
    boolean mayBeFilledIn(TableFacts now) {
        Mark mark = marks.get(sum(now.table()));
        return mark != null
                && mark.oid == (int) now.oid()
                && mark.columns != columnsSum(now)
                && (mark.filledIn != filledInSum(now) || mark.storage != now.storageSum(0) && !now.partitioned());
    }

    /** Why the table's content is another than at the mark, empty when it is not or nothing is known. */
    Optional<String> differs(TableFacts now) {
        Mark mark = marks.get(sum(now.table()));
        if (mark == null) {
            return Optional.empty();
        }
        if (mark.oid != (int) now.oid()) {
            return Optional.of("it was dropped and created again");
        }
        if (!now.partitioned()) {
            return Optional.empty(); // rewritten, maybe only packed: the columns tell whether it matters
        }
        // Partitions that were created in place began empty, and all their rows came as changes: leave out the newest
        // of them, one by one.
        for (int newest = 0; newest <= now.bornInPlace(); newest++) {
            if (now.storageSum(newest) == mark.storage) {
                return Optional.empty();
            }
        }
        return Optional.of("partitions were attached, detached or emptied");
    }

    /** Whether the table is still stored where it was at the mark: no ALTER has rewritten it. */
    boolean sameStorage(TableFacts now) {
        Mark mark = marks.get(sum(now.table()));
        return mark != null && mark.storage == now.storageSum(0);
    }

    private static int columnsSum(TableFacts table) {
        CRC32C sum = new CRC32C();
        sum.update(table.columns().getBytes(StandardCharsets.UTF_8));
        return (int) sum.getValue();
    }

    private static int filledInSum(TableFacts table) {
        CRC32C sum = new CRC32C();
        table.filledIn().stream().sorted().forEach(name -> {
            sum.update(name.getBytes(StandardCharsets.UTF_8));
            sum.update(0);
        });
        return (int) sum.getValue();
    }

    private static int sum(TableName table) {
        CRC32C sum = new CRC32C();
        sum.update(table.schema().getBytes(StandardCharsets.UTF_8));
        sum.update(0);
        sum.update(table.name().getBytes(StandardCharsets.UTF_8));
        return (int) sum.getValue();
    }
}
