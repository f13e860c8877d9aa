package dev.millrace.ingest.engine;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
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
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * A source over {@link FakeDatabase}. Offsets are a transaction's place in the log (4 bytes) and how many of its changes were read (4
 * bytes); positions a place alone. Chunks have three keys. {@code tables} are those chosen; a pattern looks for new ones. A stream with tables
 * that none had before is opened once all that is logged by then is visible.
 */
final class FakeSource implements Source, StreamingSource, ChunkedSource, GrowingSource {
    final FakeDatabase database;
    volatile List<TableName> tables = List.of(FakeDatabase.KEYED, FakeDatabase.KEYLESS);
    /** What is found to keep a new table from joining. */
    final Map<TableName, Finding> unfit = new ConcurrentHashMap<>();
    /** A stream with one of these can't be opened. */
    final Set<TableName> refused = ConcurrentHashMap.newKeySet();
    /** The tables of every stream that was opened, in order. */
    final List<List<TableName>> opened = new CopyOnWriteArrayList<>();
    /** How often new tables were looked for. */
    final AtomicInteger looks = new AtomicInteger();

    /** The tables that a stream was opened with. */
    private final Set<TableName> published = ConcurrentHashMap.newKeySet();

    /** Every offset that was acknowledged, in order. */
    final List<byte[]> acknowledged = new ArrayList<>();

    private final AtomicReference<RuntimeException> readFailure = new AtomicReference<>();
    private final CountDownLatch reading = new CountDownLatch(1);
    private volatile CountDownLatch readGate = new CountDownLatch(0);

    FakeSource(FakeDatabase database) {
        this.database = database;
    }

    void failNextRead(RuntimeException failure) {
        readFailure.set(failure);
    }

    /** From now on reads of chunks wait, until interrupted or released. */
    void holdReads() {
        readGate = new CountDownLatch(1);
    }

    void releaseReads() {
        readGate.countDown();
    }

    boolean awaitRead(long millis) throws InterruptedException {
        return reading.await(millis, TimeUnit.MILLISECONDS);
    }

    static byte[] offset(int transactions, int changes) {
        return ByteBuffer.allocate(8).putInt(transactions).putInt(changes).array();
    }

    static List<Column> columns(TableName table) {
        DataType number = DataType.of(Type.LONG);
        return table.equals(FakeDatabase.KEYED)
                ? List.of(
                        new Column("id", number, false, 1, "bigint", 1),
                        new Column("a", number, true, 0, "bigint", 2),
                        new Column("b", number, true, 0, "bigint", 3))
                : List.of(new Column("v", number, true, 0, "bigint", 1));
    }

    @Override
    public Snapshot decode(byte[] encoded) {
        return FakeSnapshot.decode(encoded);
    }

    @Override
    public List<SourceObject> select(List<String> objects) {
        return tables.stream()
                .filter(table -> !objects.contains("!" + table))
                .map(FakeSource::object)
                .toList();
    }

    private static SourceObject object(TableName table) {
        return new SourceObject(table, "table", columns(table), 10, 100, false, "");
    }

    @Override
    public Optional<ObjectWatch> watch(List<String> objects) {
        return objects.contains("*") ? Optional.of(new Watch()) : Optional.empty();
    }

    @Override
    public List<String> without(List<String> objects, Collection<TableName> leftOut) {
        return Stream.concat(objects.stream(), leftOut.stream().map(table -> "!" + table))
                .toList();
    }

    @Override
    public boolean names(List<String> objects, TableName table) {
        return objects.contains(table.name());
    }

    private final class Watch implements ObjectWatch {
        @Override
        public List<Arrival> misfits(List<SourceObject> objects) {
            return objects.stream()
                    .filter(object -> unfit.containsKey(object.table()))
                    .map(object -> new Arrival(object, List.of(unfit.get(object.table()))))
                    .toList();
        }

        @Override
        public Duration every() {
            return Duration.ofMillis(1);
        }

        @Override
        public List<Arrival> arrivals(Set<TableName> known) {
            looks.incrementAndGet();
            return tables.stream()
                    .filter(table -> !known.contains(table))
                    .map(table -> new Arrival(
                            object(table),
                            Optional.ofNullable(unfit.get(table)).stream().toList()))
                    .toList();
        }

        @Override
        public void close() {}
    }

    @Override
    public byte[] prepare(List<TableName> chosen) {
        return offset(0, 0);
    }

    @Override
    public StreamReader openStream(List<TableName> chosen, byte[] offset, StreamListener listener) {
        if (chosen.stream().anyMatch(refused::contains)) {
            throw MillraceException.user("REFUSED", "Cannot stream these tables", chosen.toString(), "");
        }
        opened.add(chosen);
        if (!published.isEmpty() && !published.containsAll(chosen)) {
            database.awaitOlderWriters();
        }
        published.addAll(chosen);
        return new FakeStream(database, chosen, offset, listener, acknowledged);
    }

    @Override
    public byte[] currentPosition() {
        return ByteBuffer.allocate(4).putInt(database.logged()).array();
    }

    @Override
    public boolean reached(byte[] offset, byte[] position) {
        return ByteBuffer.wrap(offset).getInt() >= ByteBuffer.wrap(position).getInt();
    }

    @Override
    public long distanceBytes(byte[] offset, byte[] position) {
        return -1;
    }

    @Override
    public String describe(byte[] offset) {
        ByteBuffer bytes = ByteBuffer.wrap(offset);
        return bytes.getInt() + "/" + bytes.getInt();
    }

    @Override
    public ChunkReader openChunkReader() {
        return new Chunks();
    }

    @Override
    public List<Finding> check(List<String> objects) {
        return List.of();
    }

    @Override
    public List<SourceObject> discover() {
        return select(List.of());
    }

    @Override
    public List<List<String>> preview(TableName table, int rows) {
        return List.of();
    }

    @Override
    public void removeTraces() {}

    @Override
    public void close() {}

    private final class Chunks implements ChunkReader {
        private FakeSnapshot snapshot;

        @Override
        public Optional<byte[]> boundary(TableName table, byte[] after, long rows) {
            long upTo = (after == null ? -1 : ByteBuffer.wrap(after).getLong()) + 3;
            return upTo >= FakeDatabase.KEYS - 1
                    ? Optional.empty()
                    : Optional.of(ByteBuffer.allocate(8).putLong(upTo).array());
        }

        @Override
        public Snapshot begin() {
            synchronized (database) {
                snapshot = new FakeSnapshot(database.visible(), database.logged());
            }
            return snapshot;
        }

        @Override
        public List<Column> columns(TableName table) {
            return FakeSource.columns(table);
        }

        @Override
        public long read(Schema schema, byte[] after, byte[] upTo, BatchWriter out, int maxBytes, Runnable full)
                throws InterruptedException {
            reading.countDown();
            readGate.await();
            RuntimeException failure = readFailure.getAndSet(null);
            if (failure != null) {
                throw failure;
            }
            FakeDatabase.Content content = database.as(snapshot.visible());
            long[] rows = {0};
            if (schema.table().equals(FakeDatabase.KEYLESS)) {
                content.keyless.forEach((value, count) -> {
                    for (int i = 0; i < count; i++) {
                        out.beginRow(Operation.READ, out.schema(schema));
                        out.putLong(value);
                        end(out, maxBytes, full, rows);
                    }
                });
                return rows[0];
            }
            long low = after == null ? Long.MIN_VALUE : ByteBuffer.wrap(after).getLong();
            long high = upTo == null ? Long.MAX_VALUE : ByteBuffer.wrap(upTo).getLong();
            content.keyed.forEach((key, row) -> {
                if (key > low && key <= high) {
                    put(schema, key, row, out);
                    end(out, maxBytes, full, rows);
                }
            });
            return rows[0];
        }

        private void put(Schema schema, long key, List<Long> row, BatchWriter out) {
            out.beginRow(Operation.READ, out.schema(schema));
            out.putLong(key);
            out.putLong(row.get(0));
            out.putLong(row.get(1));
        }

        private void end(BatchWriter out, int maxBytes, Runnable full, long[] rows) {
            out.endRow();
            rows[0]++;
            if (out.sizeBytes() >= maxBytes) {
                full.run();
            }
        }

        @Override
        public long readKey(Schema schema, byte[] key, BatchWriter out) {
            long number = ByteBuffer.wrap(key).getLong();
            List<Long> row = database.as(snapshot.visible()).keyed.get(number);
            if (row == null) {
                return 0;
            }
            put(schema, number, row, out);
            out.endRow();
            return 1;
        }

        @Override
        public void end() {
            snapshot = null;
        }

        @Override
        public void close() {}
    }
}
