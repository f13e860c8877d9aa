package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A test's stream of a database: events come out as text, and what the listener is told is kept. Single-threaded. */
final class Following implements StreamListener, AutoCloseable {
    final PostgresSource source;
    List<TableName> tables;
    final Map<TableName, Schema> schemas = new HashMap<>();
    final List<String> moved = new ArrayList<>();
    final Map<TableName, String> contentChanged = new HashMap<>();
    final TreeSet<TableName> unwanted = new TreeSet<>();
    final List<Long> begun = new ArrayList<>();
    final List<String> ids = new ArrayList<>();
    StreamProgress last;
    byte[] offset;
    private StreamReader stream;

    private Following(PostgresSource source, List<TableName> tables) {
        this.source = source;
        this.tables = tables;
    }

    /** Prepares and opens a stream of these tables of schema public. */
    static Following of(TestDatabase database, String... tables) {
        return of(new PostgresSource(Reading.connections(database).settings()), tables);
    }

    static Following of(PostgresSource source, String... tables) {
        Following following = new Following(
                source,
                List.of(tables).stream()
                        .map(name -> new TableName("public", name))
                        .toList());
        following.offset = following.source.prepare(following.tables);
        following.open();
        return following;
    }

    void open() {
        stream = source.openStream(tables, offset, this);
    }

    /** As at a crash; {@link #open} goes on. */
    void stop() {
        stream.close();
    }

    /** As after a crash: everything in memory is gone but schemas and the offset. */
    void reopen() {
        stream.close();
        open();
    }

    /** Events until the stream has passed the source's position of now. */
    List<String> drain() throws InterruptedException {
        byte[] until = source.currentPosition();
        List<String> events = new ArrayList<>();
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (!source.reached(offset, until)) {
            events.addAll(read(1000, 1 << 20));
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not reached " + source.describe(until) + " but " + source.describe(offset)
                        + " with " + events);
            }
        }
        return events;
    }

    /** Reads until the listener was told that this table's content changed; returns why. */
    String awaitContentChanged(String table) throws InterruptedException {
        long deadline = System.nanoTime() + 120_000_000_000L;
        TableName name = new TableName("public", table);
        while (!contentChanged.containsKey(name)) {
            read(1000, 1 << 20);
            if (System.nanoTime() > deadline) {
                throw new AssertionError("nobody told that the content of " + table + " changed");
            }
        }
        return contentChanged.remove(name);
    }

    List<String> read(int maxEvents, int maxBytes) throws InterruptedException {
        BatchWriter out = new BatchWriter();
        last = stream.read(out, maxEvents, maxBytes, 1000, 50);
        offset = last.offset();
        int expected = out.eventCount();
        List<String> events = texts(Reading.open(out));
        if (last.events() != expected || events.size() != expected) {
            throw new AssertionError("told of " + last.events() + " events, wrote " + expected);
        }
        return events;
    }

    /** Reads until that fails, as it has to within some time when the connection is lost. */
    MillraceException readUntilLost() throws InterruptedException {
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (System.nanoTime() < deadline) {
            try {
                read(10, 1000);
            } catch (MillraceException e) {
                return e;
            }
        }
        throw new AssertionError("nobody noticed that the connection is lost");
    }

    void acknowledge() {
        stream.acknowledge(offset);
    }

    private List<String> texts(BatchReader reader) {
        List<String> events = new ArrayList<>();
        while (reader.next()) {
            ids.add(reader.position() + ":" + reader.ordinal());
            StringBuilder text = new StringBuilder(reader.operation().name())
                    .append(' ')
                    .append(reader.schema().table().name());
            if (reader.operation().hasCells()) {
                text.append(cells(reader.values()));
                if (reader.hasBefore()) {
                    text.append(" was ").append(cells(reader.before()));
                }
            }
            events.add(text.toString());
        }
        return events;
    }

    private static String cells(Cells cells) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < cells.schema().columns().size(); i++) {
            String text = cells.isUnchanged(i) ? "~" : String.valueOf(Reading.text(cells, i));
            texts.add(text.length() > 100 ? text.length() + " characters" : text);
        }
        return "(" + String.join(", ", texts) + ")";
    }

    @Override
    public void transactionBegins(long transactionId) {
        begun.add(transactionId);
    }

    @Override
    public boolean wants(TableName table, long transactionId) {
        return !unwanted.contains(table);
    }

    @Override
    public void keyMoved(TableName table, byte[] newKey) {
        moved.add(table.name() + KeyForm.decode(newKey));
    }

    @Override
    public void contentChanged(TableName table, String reason) {
        contentChanged.merge(table, reason, (old, added) -> old + "; " + added);
    }

    @Override
    public Optional<Schema> known(TableName table) {
        return Optional.ofNullable(schemas.get(table));
    }

    @Override
    public Schema learn(TableName table, List<Column> columns) {
        Schema before = schemas.get(table);
        Schema schema = new Schema(table, before == null ? 1 : before.version() + 1, columns);
        if (before == null || !before.sameShape(schema)) {
            schemas.put(table, schema);
        }
        return schemas.get(table);
    }

    @Override
    public void close() {
        stream.close();
        source.removeTraces();
    }
}
