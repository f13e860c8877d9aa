package dev.millrace.ingest.gate;

import dev.millrace.config.error.Finding;
import dev.millrace.ingest.source.BareSource;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.mask.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/** A source whose tables are read through gates. */
record GatedTables(Source source, Gates gates) implements Source, ChunkedSource, BareSource {
    @Override
    public List<Finding> check(List<String> objects) {
        List<Finding> findings = new ArrayList<>(source.check(objects));
        if (!gates.isEmpty() && findings.stream().allMatch(finding -> finding.status() != Finding.Status.FAILED)) {
            findings.addAll(gates.check(source.select(objects)));
        }
        return findings;
    }

    @Override
    public List<SourceObject> discover() {
        return source.discover();
    }

    @Override
    public List<SourceObject> select(List<String> objects) {
        List<SourceObject> chosen = source.select(objects);
        gates.requireFit(chosen);
        return chosen;
    }

    /** Masked; not filtered. */
    @Override
    public List<List<String>> preview(TableName table, int rows) {
        List<List<String>> preview = source.preview(table, rows);
        if (gates.rule(table).masks().isEmpty()) {
            return preview;
        }
        List<Column> columns = source.discover().stream()
                .filter(object -> object.table().equals(table))
                .map(SourceObject::columns)
                .findFirst()
                .orElse(List.of());
        return gates.gate(table, columns)
                .map(gate -> preview.stream()
                        .map(row -> masked(row, gate.openMasks()))
                        .toList())
                .orElse(preview);
    }

    private static List<String> masked(List<String> row, Mask[] masks) {
        List<String> masked = new ArrayList<>(row);
        for (int i = 0; i < Math.min(masks.length, row.size()); i++) {
            if (masks[i] != null && row.get(i) != null) {
                masked.set(i, masks[i].mask(row.get(i)));
            }
        }
        return masked;
    }

    @Override
    public ChunkReader openChunkReader() {
        ChunkReader reader = ((ChunkedSource) source).openChunkReader();
        return gates.isEmpty() ? reader : new GatedChunks(reader, gates);
    }

    @Override
    public Snapshot decode(byte[] encoded) {
        return ((ChunkedSource) source).decode(encoded);
    }

    @Override
    public Read readBare(TableName table, byte[] upTo, LongPredicate goOn) {
        Optional<KeySeal> seal = gates.seal(table);
        return ((BareSource) source)
                .readBare(table, seal.isPresent() ? seal.get().open(upTo) : upTo, goOn);
    }

    @Override
    public void removeTraces() {
        source.removeTraces();
    }

    @Override
    public void close() {
        source.close();
    }
}
