package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * What the tables were when an offset was stored, so small that every offset can carry it: enough to notice after a restart that a table was
 * dropped and created again, rewritten, or got and lost partitions meanwhile. In bytes, per table (big-endian):
 *
 * <pre>
 * 0  4  CRC32C of schema, zero byte and name, in UTF-8
 * 4  4  OID
 * 8  4  CRC32C of what it is stored in ({@link TableFacts#storageSum})
 * </pre>
 *
 * and once more per table, how it was published ({@link Published}): after its name another zero byte and "published" go into the CRC32C,
 * CRC32C of the membership takes the OID's place, and the last four bytes are zero.
 */
final class TableMarks {
  private static final int SIZE = 12;
  private static final String PUBLISHED = "\0published";

  private record Mark(int oid, int storage) {}

  private final Map<Integer, Mark> marks = new HashMap<>();

  private TableMarks() {}

  static byte[] encode(Collection<TableFacts> tables, Map<TableName, Integer> published) {
    ByteBuffer out = ByteBuffer.allocate((tables.size() + published.size()) * SIZE);
    for (TableFacts table : tables) {
      out.putInt(sum(table.table(), "")).putInt((int) table.oid()).putInt(table.storageSum(0));
    }
    published.forEach((table, membership) -> out.putInt(sum(table, PUBLISHED)).putInt(membership).putInt(0));
    return out.array();
  }

  /** Bytes that are no whole number of marks give none: only comfort is lost. */
  static TableMarks decode(byte[] bytes) {
    TableMarks decoded = new TableMarks();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (bytes.length % SIZE == 0 && in.hasRemaining()) {
      decoded.marks.put(in.getInt(), new Mark(in.getInt(), in.getInt()));
    }
    return decoded;
  }

  boolean knows(TableName table) {
    return marks.containsKey(sum(table, ""));
  }

  /** Why the table's content is another than at the mark, empty when it is not or nothing is known. */
  Optional<String> differs(TableFacts now) {
    Mark mark = marks.get(sum(now.table(), ""));
    if (mark == null) {
      return Optional.empty();
    }
    if (mark.oid != (int) now.oid()) {
      return Optional.of("it was dropped and created again");
    }
    if (!now.partitioned()) {
      return Optional.empty(); // rewritten, maybe only packed: the columns tell whether it matters
    }
    // Partitions that were created in place began empty, and all their rows came as changes: leave out the newest of them, one by one.
    for (int newest = 0; newest <= now.bornInPlace(); newest++) {
      if (now.storageSum(newest) == mark.storage) {
        return Optional.empty();
      }
    }
    return Optional.of("partitions were attached, detached or emptied");
  }

  /** Whether the table is still stored where it was at the mark: no ALTER has rewritten it. */
  boolean sameStorage(TableFacts now) {
    Mark mark = marks.get(sum(now.table(), ""));
    return mark != null && mark.storage == now.storageSum(0);
  }

  /** How the table was published, as {@link Published} tells it; empty when that is not known. */
  OptionalInt published(TableName table) {
    Mark mark = marks.get(sum(table, PUBLISHED));
    return mark == null ? OptionalInt.empty() : OptionalInt.of(mark.oid);
  }

  private static int sum(TableName table, String suffix) {
    CRC32C sum = new CRC32C();
    sum.update(table.schema().getBytes(StandardCharsets.UTF_8));
    sum.update(0);
    sum.update(table.name().getBytes(StandardCharsets.UTF_8));
    sum.update(suffix.getBytes(StandardCharsets.UTF_8));
    return (int) sum.getValue();
  }
}
