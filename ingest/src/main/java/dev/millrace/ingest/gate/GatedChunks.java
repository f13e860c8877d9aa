package dev.millrace.ingest.gate;

import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads chunks through their tables' gates. Confined to one thread. */
final class GatedChunks implements ChunkReader {
    private final ChunkReader reader;
    private final Gates gates;
    private final GatedRows rows = new GatedRows();
    /** As the snapshot sees them. */
    private final Map<TableName, List<Column>> clear = new HashMap<>();

    GatedChunks(ChunkReader reader, Gates gates) {
        this.reader = reader;
        this.gates = gates;
    }

    @Override
    public Optional<byte[]> boundary(TableName table, byte[] after, long rowCount) {
        Optional<KeySeal> seal = gates.seal(table);
        if (seal.isEmpty()) {
            return reader.boundary(table, after, rowCount);
        }
        return reader.boundary(table, seal.get().open(after), rowCount).map(seal.get()::seal);
    }

    @Override
    public Snapshot begin() {
        clear.clear();
        return reader.begin();
    }

    @Override
    public List<Column> columns(TableName table) {
        List<Column> columns = reader.columns(table);
        clear.put(table, columns);
        return gates.gate(table, columns).map(TableGate::columns).orElse(columns);
    }

    @Override
    public long read(Schema schema, byte[] after, byte[] upTo, BatchWriter out, int maxBytes, Runnable full)
            throws InterruptedException {
        Optional<Schema> inside = inside(schema);
        if (inside.isEmpty()) {
            return reader.read(schema, after, upTo, out, maxBytes, full);
        }
        Optional<KeySeal> seal = gates.seal(schema.table());
        byte[] from = seal.isPresent() ? seal.get().open(after) : after;
        byte[] to = seal.isPresent() ? seal.get().open(upTo) : upTo;
        beginRows();
        long read = reader.read(inside.get(), from, to, rows.clear(), maxBytes, () -> {
            rows.moveInto(out, false);
            if (out.sizeBytes() >= maxBytes) {
                full.run();
            }
        });
        rows.moveInto(out, false);
        return read;
    }

    @Override
    public long readKey(Schema schema, byte[] key, BatchWriter out) throws InterruptedException {
        Optional<Schema> inside = inside(schema);
        if (inside.isEmpty()) {
            return reader.readKey(schema, key, out);
        }
        Optional<KeySeal> seal = gates.seal(schema.table());
        beginRows();
        long read = reader.readKey(inside.get(), seal.isPresent() ? seal.get().open(key) : key, rows.clear());
        rows.moveInto(out, false);
        return read;
    }

    /** What an earlier read has left behind when it failed is not this one's. */
    private void beginRows() {
        rows.discard();
        rows.clear().beginTransaction(0, Long.MIN_VALUE, "", 0);
    }

    /** The shape in which the rows are read; empty for a table without a rule. */
    private Optional<Schema> inside(Schema gated) {
        if (gates.rule(gated.table()).isEmpty()) {
            return Optional.empty();
        }
        List<Column> columns = clear.computeIfAbsent(gated.table(), reader::columns);
        return gates.gate(gated.table(), columns).map(gate -> rows.clear(gated.table(), columns, gate, gated));
    }

    @Override
    public void end() {
        reader.end();
    }

    @Override
    public void close() {
        reader.close();
    }
}
