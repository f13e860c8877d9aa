package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.ingest.source.BareSource;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.function.LongPredicate;

/** The source in TABLE mode: whole tables are read, nothing is streamed, and nothing of ours is kept at the server. */
record PostgresTableSource(PostgresSource source) implements Source, ChunkedSource, BareSource {
    @Override
    public List<Finding> check(List<String> objects) {
        return source.check(objects);
    }

    @Override
    public List<SourceObject> discover() {
        return source.discover();
    }

    @Override
    public List<SourceObject> select(List<String> objects) {
        return source.select(objects);
    }

    @Override
    public List<List<String>> preview(TableName table, int rows) {
        return source.preview(table, rows);
    }

    @Override
    public ChunkReader openChunkReader() {
        return source.openChunkReader();
    }

    @Override
    public Snapshot decode(byte[] encoded) {
        return source.decode(encoded);
    }

    @Override
    public Read readBare(TableName table, byte[] upTo, LongPredicate goOn) {
        return source.readBare(table, upTo, goOn);
    }

    /** There are none in this mode. */
    @Override
    public void removeTraces() {
        // Nothing was left at the server.
    }

    @Override
    public void close() {
        source.close();
    }
}
