package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.engine.LoadStatus.State;
import dev.millrace.ingest.source.SnapshotCodec;
import dev.millrace.storage.event.TableName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The offset's entries: their names, and the bytes of a table's load progress. All numbers big-endian; bytes are a 4-byte length, -1 for
 * null, and then so many bytes.
 *
 * <pre>
 * stream                       the stream's offset, the connector's bytes
 * seen                         8 bytes: the log index up to which every transaction has been seen by a snapshot
 * dropped                      see Barrier.droppedUnseen
 * reread/&lt;schema&gt;.&lt;name&gt;/&lt;n&gt;   a key to read again, the connector's bytes
 * load/&lt;schema&gt;.&lt;name&gt;         1 format = 1 · 1 state · 4 generation · bytes low · 1 last range planned · 8 next range's number ·
 *                              8 rows · 4 shape's version · 8 started · 8 ended · bytes piece's snapshot · 4 ranges, each: 8 number · bytes upTo · 1 done
 * </pre>
 *
 * In names, {@code % . /} of a schema's or table's own name are written {@code %25 %2E %2F}.
 */
final class ProgressCodec {
    static final String STREAM = "stream";
    static final String SEEN = "seen";
    static final String DROPPED = "dropped";
    private static final String LOAD = "load/";
    private static final String REREAD = "reread/";
    private static final byte FORMAT = 1;

    private ProgressCodec() {}

    static boolean isLoad(String entry) {
        return entry.startsWith(LOAD) || entry.startsWith(REREAD);
    }

    static String load(TableName table) {
        return LOAD + escaped(table.schema()) + "." + escaped(table.name());
    }

    /** The table whose load progress an entry is; empty for other entries. */
    static Optional<TableName> loaded(String entry) {
        int border = entry.indexOf('.');
        return entry.startsWith(LOAD) && border > 0
                ? Optional.of(new TableName(
                        plain(entry.substring(LOAD.length(), border)), plain(entry.substring(border + 1))))
                : Optional.empty();
    }

    private static String plain(String escaped) {
        return escaped.replace("%2F", "/").replace("%2E", ".").replace("%25", "%");
    }

    static String rereads(TableName table) {
        return REREAD + escaped(table.schema()) + "." + escaped(table.name()) + "/";
    }

    static String reread(TableName table, long number) {
        return rereads(table) + number;
    }

    static byte[] encode(TableLoad load) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeByte(load.state.ordinal());
            out.writeInt(load.generation);
            write(out, load.low);
            out.writeBoolean(load.lastPlanned);
            out.writeLong(load.nextRange);
            out.writeLong(load.rows);
            out.writeInt(load.schemaVersion);
            out.writeLong(load.startedAtMillis);
            out.writeLong(load.endedAtMillis);
            write(out, load.piece == null ? null : load.piece.encode());
            out.writeInt(load.ranges.size());
            for (TableLoad.Range range : load.ranges) {
                out.writeLong(range.number);
                write(out, range.upTo);
                out.writeBoolean(range.done);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    /** Whether the load whose progress this is has begun, now or in an earlier generation. */
    static boolean begun(byte[] entry) {
        ByteBuffer bytes = ByteBuffer.wrap(entry);
        return bytes.remaining() < 6 || bytes.get(1) != State.PENDING.ordinal() || bytes.getInt(2) > 1;
    }

    /** Fills a new {@code load}. What was in flight is waiting again; a piece that had not landed begins again. */
    static void decode(byte[] entry, TableLoad load, SnapshotCodec snapshots) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(entry))) {
            if (in.readByte() != FORMAT) {
                throw unknownFormat(load(load.table));
            }
            load.state = state(in.readByte());
            load.generation = in.readInt();
            load.low = read(in);
            load.lastPlanned = in.readBoolean();
            load.nextRange = in.readLong();
            load.rows = in.readLong();
            load.schemaVersion = in.readInt();
            load.startedAtMillis = in.readLong();
            load.endedAtMillis = in.readLong();
            byte[] piece = read(in);
            load.piece = piece == null ? null : snapshots.decode(piece);
            int ranges = in.readInt();
            for (int i = 0; i < ranges; i++) {
                TableLoad.Range range = new TableLoad.Range(in.readLong(), load.planPosition(), read(in));
                range.done = in.readBoolean();
                load.ranges.add(range);
            }
            if (in.available() > 0) {
                throw new IOException(in.available() + " bytes follow it");
            }
        } catch (IOException e) {
            throw malformed("load progress of table " + load.table, e.toString());
        }
        if (!load.keyed && load.state == State.LOADING) {
            load.restart();
        }
    }

    private static State state(int ordinal) throws IOException {
        State[] states = State.values();
        if (ordinal < 0 || ordinal >= states.length) {
            throw new IOException("state " + ordinal + " is unknown");
        }
        return states[ordinal];
    }

    static MillraceException malformed(String what, String why) {
        return MillraceException.resource(
                "OFFSET_MALFORMED",
                "The stored " + what + " can't be read",
                why,
                "Restore the data folder, or load everything again: millrace reload --all --pipeline NAME",
                null);
    }

    static MillraceException unknownFormat(String entry) {
        return MillraceException.user(
                "OFFSET_FORMAT",
                "The stored offset's entry '" + entry + "' is of an unknown format",
                "it was written by a newer version",
                "Run the version that wrote it, or a newer one.");
    }

    private static void write(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value == null ? -1 : value.length);
        if (value != null) {
            out.write(value);
        }
    }

    private static byte[] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        if (length > in.available()) {
            throw new IOException("length " + length + " beyond the entry's " + in.available() + " bytes");
        }
        byte[] value = new byte[length];
        in.readFully(value);
        return value;
    }

    /** As UTF-8 text for a table's own name in a request kept in the state store. */
    static byte[] table(TableName table) {
        return (table.schema() + "\0" + table.name()).getBytes(StandardCharsets.UTF_8);
    }

    static TableName table(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int border = text.indexOf('\0');
        if (border < 0) {
            throw malformed("request to load a table again", "its " + bytes.length + " bytes name no table");
        }
        return new TableName(text.substring(0, border), text.substring(border + 1));
    }

    private static String escaped(String part) {
        return part.replace("%", "%25").replace(".", "%2E").replace("/", "%2F");
    }
}
