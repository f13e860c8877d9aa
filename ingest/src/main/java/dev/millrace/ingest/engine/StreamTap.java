package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.StreamListener;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.Schemas;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what a stream asks while it decodes a batch, and collects what it meets. Confined to the stream's thread. */
final class StreamTap implements StreamListener {
    private static final Logger LOG = LoggerFactory.getLogger(StreamTap.class);

    private final LoadBook book;
    private final Schemas schemas;
    private final ReloadRequests reloads;
    private Map<TableName, List<LoadBook.Move>> moved = new LinkedHashMap<>();
    private long transaction;

    StreamTap(LoadBook book, Schemas schemas, ReloadRequests reloads) {
        this.book = book;
        this.schemas = schemas;
        this.reloads = reloads;
    }

    @Override
    public void transactionBegins(long transactionId) {
        transaction = transactionId;
        book.admit(transactionId);
    }

    @Override
    public boolean wants(TableName table, long transactionId) {
        return book.wants(table, transactionId);
    }

    @Override
    public void keyMoved(TableName table, byte[] newKey) {
        if (book.knows(table)) {
            moved.computeIfAbsent(table, each -> new ArrayList<>()).add(new LoadBook.Move(transaction, newKey));
        }
    }

    @Override
    public void contentChanged(TableName table, String reason) {
        if (book.knows(table)) {
            LOG.info("Table {} is loaded again: {}", table, reason);
            reloads.add(table);
        }
    }

    @Override
    public Optional<Schema> known(TableName table) {
        return schemas.latest(table);
    }

    @Override
    public Schema learn(TableName table, List<Column> columns) {
        return schemas.learn(table, columns);
    }

    /** What the batch now read has met. */
    LoadBook.Met takeMet() {
        if (moved.isEmpty()) {
            return LoadBook.Met.NOTHING;
        }
        LoadBook.Met met = new LoadBook.Met(moved, Set.of());
        moved = new LinkedHashMap<>();
        return met;
    }
}
