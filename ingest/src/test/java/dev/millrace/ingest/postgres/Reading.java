package dev.millrace.ingest.postgres;

import dev.millrace.config.setting.Settings;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.peer.PeerWatch;
import dev.millrace.storage.testing.TestDatabase;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What tests of reading share: connections to a test database, rows of a batch as text. */
final class Reading {
    private Reading() {}

    static Connections connections(TestDatabase database) {
        return connections(database, database.user());
    }

    static Connections connections(TestDatabase database, String user) {
        return connections(database, user, 64L << 20);
    }

    /** @param catchUpFrom bytes of log behind from which a stream first catches up in pieces */
    static Connections connections(TestDatabase database, String user, long catchUpFrom) {
        return connections(database, user, catchUpFrom, Duration.ofSeconds(2));
    }

    /** @param lockTimeout how long locks and the ends of others' transactions are waited for */
    static Connections connections(TestDatabase database, String user, long catchUpFrom, Duration lockTimeout) {
        Settings settings = new Settings(Map.ofEntries(
                Map.entry("host", database.host()),
                Map.entry("port", (long) database.port()),
                Map.entry("database", database.database()),
                Map.entry("user", user),
                Map.entry("sslMode", "prefer"),
                Map.entry("mode", "logical"),
                Map.entry("connectTimeout", Duration.ofSeconds(10)),
                Map.entry("queryTimeout", Duration.ofSeconds(60)),
                Map.entry("lockTimeout", lockTimeout),
                Map.entry("catchUpFrom", catchUpFrom),
                Map.entry("discoverEvery", Duration.ofSeconds(5)),
                Map.entry("peerTimeout", Duration.ofSeconds(20))));
        return new Connections(new PostgresSettings("test", settings));
    }

    static PostgresChunkReader reader(Connections connections) {
        return new PostgresChunkReader(
                connections,
                new PeerWatch("test-peer-watch", connections.settings().peerTimeout()));
    }

    /** The rows of a range in a snapshot of its own, each a list of cells as text; batches are cut at {@code maxBytes}. */
    static List<List<String>> rows(ChunkReader reader, TableName table, byte[] after, byte[] upTo, int maxBytes)
            throws InterruptedException {
        reader.begin();
        Schema schema = new Schema(table, 1, reader.columns(table));
        BatchWriter out = writer();
        List<List<String>> rows = new ArrayList<>();
        long read = reader.read(schema, after, upTo, out, maxBytes, () -> rows.addAll(rows(out)));
        reader.end();
        rows.addAll(rows(out));
        if (read != rows.size()) {
            throw new AssertionError("told of " + read + " rows, wrote " + rows.size());
        }
        return rows;
    }

    /** With a transaction begun. */
    static BatchWriter writer() {
        BatchWriter out = new BatchWriter();
        out.beginTransaction(0, Long.MIN_VALUE, "test", 0);
        return out;
    }

    /** Finishes the batch and returns its rows. */
    static List<List<String>> rows(BatchWriter out) {
        BatchReader reader = open(out);
        List<List<String>> rows = new ArrayList<>();
        while (reader.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 0; i < reader.schema().columns().size(); i++) {
                row.add(text(reader.values(), i));
            }
            rows.add(row);
        }
        return rows;
    }

    static BatchReader open(BatchWriter out) {
        EncodedBatch batch = out.finish(0, true, true, OffsetDelta.NONE);
        BatchReader reader = new BatchReader();
        reader.open(batch.stored(0));
        return reader;
    }

    /** A cell's encoding in hex, with its state; what must be equal on all paths. */
    static String bytes(Cells cells, int column) {
        if (cells.isNull(column)) {
            return "NULL";
        }
        int from = cells.encodedOffset(column);
        return HexFormat.of().formatHex(cells.buffer(), from, from + cells.encodedLength(column));
    }

    static String text(Cells cells, int column) {
        if (cells.isNull(column)) {
            return null;
        }
        Special special = cells.specialAt(column);
        if (special != null) {
            return special.name();
        }
        return switch (cells.schema().columns().get(column).type()) {
            case BOOLEAN -> Boolean.toString(cells.booleanAt(column));
            case BYTE, SHORT, INTEGER, LONG, TIME -> Long.toString(cells.longAt(column));
            case FLOAT -> Float.toString((float) cells.doubleAt(column));
            case DOUBLE -> Double.toString(cells.doubleAt(column));
            case DECIMAL -> cells.decimalAt(column).toPlainString();
            case DATE -> LocalDate.ofEpochDay(cells.longAt(column)).toString();
            case DATETIME, ZONED_DATETIME ->
                LocalDateTime.ofEpochSecond(cells.epochSecondAt(column), cells.nanoAt(column), ZoneOffset.UTC)
                        .toString();
            case BYTE_ARRAY -> {
                int from = cells.bytesOffset(column);
                yield HexFormat.of().formatHex(cells.buffer(), from, from + cells.bytesLength(column));
            }
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> cells.stringAt(column);
        };
    }
}
