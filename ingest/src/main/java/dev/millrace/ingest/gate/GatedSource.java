package dev.millrace.ingest.gate;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.ingest.source.BareSource;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.GrowingSource;
import dev.millrace.ingest.source.ObjectWatch;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.TableName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/** A source that streams, and is read, through gates: nothing that it gives on is clear where a rule masks it. Thread-safe as the source is. */
public final class GatedSource implements Source, StreamingSource, ChunkedSource, BareSource, GrowingSource {
    private final StreamingSource stream;
    private final GatedTables tables;
    private final Gates gates;

    private GatedSource(StreamingSource stream, GatedTables tables, Gates gates) {
        this.stream = stream;
        this.tables = tables;
        this.gates = gates;
    }

    /**
     * The source through these rules. Without rules rows pass as they are; a stream notices those that there were, so that the tables are loaded
     * again without them. Itself where the source can't be gated, and so never was.
     *
     * @throws MillraceException USER when the source can't be gated
     */
    public static Source of(Source source, BeforeLog rules) {
        boolean able = source instanceof ChunkedSource && source instanceof BareSource;
        if (rules.isEmpty() && !(able && source instanceof StreamingSource)) {
            return source;
        }
        if (!able) {
            throw MillraceException.user(
                    "BEFORE_LOG_UNSUPPORTED",
                    "This kind of source can't mask or filter before the log",
                    "its rows are not read in chunks",
                    "Use 'transform' instead.");
        }
        Gates gates = new Gates(rules);
        GatedTables tables = new GatedTables(source, gates);
        return source instanceof StreamingSource streaming ? new GatedSource(streaming, tables, gates) : tables;
    }

    @Override
    public StreamReader openStream(List<TableName> names, byte[] offset, StreamListener listener) {
        GatedRows rows = new GatedRows();
        GatedReader.Listener gated = new GatedReader.Listener(listener, gates, rows);
        StreamReader reader = stream.openStream(names, offset, gated);
        gated.tellChangedRules(names);
        return gates.isEmpty() ? reader : new GatedReader(reader, rows);
    }

    @Override
    public Optional<ObjectWatch> watch(List<String> objects) {
        return stream instanceof GrowingSource growing
                ? growing.watch(objects).map(watch -> gates.isEmpty() ? watch : new GatedWatch(watch, gates))
                : Optional.empty();
    }

    /** Only of a source that {@link #watch} gave a watch of; as the next. */
    @Override
    public boolean names(List<String> objects, TableName table) {
        return ((GrowingSource) stream).names(objects, table);
    }

    @Override
    public List<String> without(List<String> objects, Collection<TableName> leftOut) {
        return ((GrowingSource) stream).without(objects, leftOut);
    }

    @Override
    public byte[] prepare(List<TableName> names) {
        return stream.prepare(names);
    }

    @Override
    public byte[] currentPosition() {
        return stream.currentPosition();
    }

    @Override
    public boolean reached(byte[] offset, byte[] position) {
        return stream.reached(offset, position);
    }

    @Override
    public long distanceBytes(byte[] offset, byte[] position) {
        return stream.distanceBytes(offset, position);
    }

    @Override
    public String describe(byte[] offset) {
        return stream.describe(offset);
    }

    @Override
    public List<Finding> check(List<String> objects) {
        return tables.check(objects);
    }

    @Override
    public List<SourceObject> discover() {
        return tables.discover();
    }

    @Override
    public List<SourceObject> select(List<String> objects) {
        return tables.select(objects);
    }

    @Override
    public List<List<String>> preview(TableName table, int rows) {
        return tables.preview(table, rows);
    }

    @Override
    public ChunkReader openChunkReader() {
        return tables.openChunkReader();
    }

    @Override
    public Snapshot decode(byte[] encoded) {
        return tables.decode(encoded);
    }

    @Override
    public Read readBare(TableName table, byte[] upTo, LongPredicate goOn) {
        return tables.readBare(table, upTo, goOn);
    }

    @Override
    public void removeTraces() {
        tables.removeTraces();
    }

    @Override
    public void close() {
        tables.close();
    }
}
