package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The changes of some of a {@link FakeDatabase}'s tables behind an offset of {@link FakeSource}. Confined to one thread. */
final class FakeStream implements StreamReader {
    /** Of how many transactions one ends in a read of its own, as those with outsize rows do. */
    private static final int ENDS_APART = 4;

    private final FakeDatabase database;
    private final List<TableName> chosen;
    private final StreamListener listener;
    private final List<byte[]> acknowledged;
    private int transactions;
    private int changes;

    /** @param acknowledged is given every offset that is acknowledged, under its own lock */
    FakeStream(
            FakeDatabase database,
            List<TableName> chosen,
            byte[] offset,
            StreamListener listener,
            List<byte[]> acknowledged) {
        this.database = database;
        this.acknowledged = acknowledged;
        this.chosen = chosen;
        ByteBuffer bytes = ByteBuffer.wrap(offset);
        this.transactions = bytes.getInt();
        this.changes = bytes.getInt();
        this.listener = listener;
    }

    @Override
    public StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
            throws InterruptedException {
        database.awaitMore(transactions, idleMillis);
        int read = 0;
        List<Long> ids = new ArrayList<>();
        while (transactions < database.logged() && read < maxEvents) {
            FakeDatabase.Transaction transaction = database.transaction(transactions);
            List<FakeDatabase.Change> published = transaction.published();
            if (published.isEmpty()) {
                transactions++;
                continue;
            }
            listener.transactionBegins(transaction.id());
            out.beginTransaction(transaction.id(), transaction.id() * 10, "t" + transaction.id(), changes);
            int before = out.eventCount();
            while (changes < published.size() && read < maxEvents) {
                write(out, published.get(changes++), transaction.id());
                read++;
            }
            if (out.eventCount() > before) {
                ids.add(transaction.id());
            }
            if (changes == published.size()) {
                if (out.eventCount() > before && transaction.id() % ENDS_APART == 0) {
                    break; // its end comes by itself
                }
                transactions++;
                changes = 0;
            }
        }
        return new StreamProgress(
                FakeSource.offset(transactions, changes),
                out.eventCount(),
                changes == 0,
                ids.stream().mapToLong(Long::longValue).toArray());
    }

    private void write(BatchWriter out, FakeDatabase.Change change, long transaction) {
        if (!chosen.contains(change.table()) || !listener.wants(change.table(), transaction)) {
            return;
        }
        boolean moved = change.operation() == Operation.UPDATE && change.key() != change.oldKey();
        if (moved) {
            listener.keyMoved(
                    change.table(), ByteBuffer.allocate(8).putLong(change.key()).array());
        }
        int schema = out.schema(listener.learn(change.table(), FakeSource.columns(change.table())));
        if (change.operation() == Operation.TRUNCATE) {
            out.control(Operation.TRUNCATE, schema);
            return;
        }
        out.beginRow(change.operation(), schema);
        if (change.table().equals(FakeDatabase.KEYLESS)) {
            out.putLong(change.a());
        } else if (change.operation() == Operation.DELETE) {
            out.putLong(change.key());
            out.putUnchanged();
            out.putUnchanged();
        } else {
            out.putLong(change.key());
            out.putLong(change.a());
            if (change.bUnchanged()) {
                out.putUnchanged();
            } else {
                out.putLong(change.b());
            }
            if (moved) {
                out.beginBefore();
                out.putLong(change.oldKey());
                out.putUnchanged();
                out.putUnchanged();
            }
        }
        out.endRow();
    }

    @Override
    public void acknowledge(byte[] offset) {
        synchronized (acknowledged) {
            acknowledged.add(offset);
        }
    }

    @Override
    public void close() {}
}
