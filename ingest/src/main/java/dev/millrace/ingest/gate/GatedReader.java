package dev.millrace.ingest.gate;

import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.Optional;

/** A stream through its tables' gates. Confined to the stream's thread. */
final class GatedReader implements StreamReader {
    private final StreamReader reader;
    private final GatedRows rows;

    GatedReader(StreamReader reader, GatedRows rows) {
        this.reader = reader;
        this.rows = rows;
    }

    @Override
    public StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
            throws InterruptedException {
        rows.discard();
        StreamProgress progress = reader.read(rows.clear(), maxEvents, maxBytes, maxMillis, idleMillis);
        int events = rows.moveInto(out, true);
        return new StreamProgress(progress.offset(), events, progress.endsTransaction(), progress.transactions());
    }

    @Override
    public void acknowledge(byte[] offset) {
        reader.acknowledge(offset);
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Stands between a connector's stream and the engine: tells the engine what goes into the log, and the connector what it has told. */
    record Listener(StreamListener listener, Gates gates, GatedRows rows) implements StreamListener {
        @Override
        public void transactionBegins(long transactionId) {
            listener.transactionBegins(transactionId);
        }

        @Override
        public boolean wants(TableName table, long transactionId) {
            return listener.wants(table, transactionId);
        }

        @Override
        public void keyMoved(TableName table, byte[] newKey) {
            listener.keyMoved(
                    table, gates.seal(table).map(seal -> seal.seal(newKey)).orElse(newKey));
        }

        @Override
        public void contentChanged(TableName table, String reason) {
            listener.contentChanged(table, reason);
        }

        @Override
        public Optional<Schema> known(TableName table) {
            return listener.known(table)
                    .map(schema -> new Schema(
                            table,
                            schema.version(),
                            schema.columns().stream().map(TableGate::unmarked).toList()));
        }

        @Override
        public Schema learn(TableName table, List<Column> columns) {
            return gates.gate(table, columns)
                    .map(gate -> rows.clear(table, columns, gate, listener.learn(table, gate.columns())))
                    .orElseGet(() -> listener.learn(table, columns));
        }

        /** A table whose rules have changed since it was last seen is loaded again: its older rows are not as the rules want them. */
        void tellChangedRules(List<TableName> tables) {
            for (TableName table : tables) {
                listener.known(table).ifPresent(schema -> {
                    gates.learned(table, schema.columns());
                    List<String> now = TableGate.marks(gates.rule(table), schema.columns());
                    if (!TableGate.marks(schema.columns()).equals(now)) {
                        listener.contentChanged(table, "its masks or filters before the log have changed");
                    }
                });
            }
        }
    }
}
