package dev.millrace.ingest.postgres;

import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Operation;
import java.util.Arrays;

/**
 * Turns pgoutput messages (protocol version 1, text; PostgreSQL manual, "Logical Replication Message Formats") into rows. Every change of a
 * transaction has a number, counted before anything is left out, so that the number means the same when the transaction is sent again:
 * the part that was written before a restart is passed over by it, and it is the event's ordinal.
 *
 * <p>Confined to the stream's thread.
 */
final class ChangeDecoder {
    private static final long MICROS_TO_2000 = 946_684_800_000_000L;

    /** What of a change's tuples makes the row. */
    private enum Image {
        NEW,
        NEW_AND_OLD_KEY,
        NEW_AND_OLD,
        OLD_KEY,
        OLD
    }

    private final Relations relations;
    private final StreamListener listener;
    private final MessageBytes in = new MessageBytes();
    private final Tuple old = new Tuple();
    private final Tuple now = new Tuple();

    private BatchWriter out;
    private long turn;
    private int written;
    private long[] transactions = new long[8];
    private int transactionCount;
    private boolean described;

    private long end;
    private boolean open;
    private boolean passedOver;
    private boolean announced;
    private boolean headed;
    private long commit;
    private long transactionId;
    private long modifiedAtMicros;
    private long ordinal;
    private long resumeCommit;
    private long resumeOrdinal;

    ChangeDecoder(Relations relations, StreamListener listener, StreamOffset from) {
        this.relations = relations;
        this.listener = listener;
        this.end = from.end();
        this.resumeCommit = from.commit();
        this.resumeOrdinal = from.eventsWritten();
    }

    /** What follows goes into {@code writer}; counts begin at 0. */
    void beginRead(BatchWriter writer) {
        out = writer;
        written = 0;
        transactionCount = 0;
        headed = false;
        described = false;
        turn++;
    }

    /** Events written in this read. */
    int written() {
        return written;
    }

    /** Where this read has come to. */
    StreamProgress progress(Server server, byte[] marks) {
        StreamOffset offset =
                new StreamOffset(end, partCommit(), partEvents(), server.timeline(), server.systemId(), marks);
        boolean whole = !open && partCommit() == 0;
        return new StreamProgress(offset.encode(), written, whole, Arrays.copyOf(transactions, transactionCount));
    }

    /** The server will send the transaction that is open from its start again: what was written of it is passed over then. */
    void brokenOff() {
        long part = partCommit();
        long events = partEvents();
        open = false;
        resumeCommit = part;
        resumeOrdinal = events;
    }

    boolean inTransaction() {
        return open;
    }

    /** Whether a chosen table was described in this read. */
    boolean described() {
        return described;
    }

    /** Where the last whole transaction ended. */
    long end() {
        return end;
    }

    /** The commit LSN of the transaction that is open or only written in part, else 0. */
    long partCommit() {
        return open && ordinal > 0 && !passedOver ? commit : resumeCommit;
    }

    /** How many of its events lie behind us. */
    long partEvents() {
        return open && ordinal > 0 && !passedOver
                ? Math.max(ordinal, commit == resumeCommit ? resumeOrdinal : 0)
                : resumeOrdinal;
    }

    /** Outside a transaction the server has nothing more for us before {@code lsn}. */
    void idleAt(long lsn) {
        if (!open && Long.compareUnsigned(lsn, end) > 0) {
            end = lsn;
            if (Long.compareUnsigned(resumeCommit, end) < 0) {
                resumeCommit = 0;
                resumeOrdinal = 0;
            }
        }
    }

    static boolean isCommit(byte[] buffer, int offset, int length) {
        return length > 0 && buffer[offset] == 'C';
    }

    void message(byte[] buffer, int offset, int length) {
        in.open(buffer, offset, length);
        int type = in.int8();
        switch (type) {
            case 'I' -> insert();
            case 'U' -> update();
            case 'D' -> delete();
            case 'B' -> begin();
            case 'C' -> commit();
            case 'R' -> described |= relations.learn(RelationMessage.read(in));
            case 'T' -> truncate();
            case 'Y', 'O', 'M' -> {
                // names of types, origins and messages of others: types are read from the catalogue, the rest is not
                // data
            }
            default -> throw MessageBytes.malformed("a message of unknown type " + type);
        }
        in.close();
    }

    private void begin() {
        if (open) {
            throw MessageBytes.malformed("a transaction begins inside another");
        }
        commit = in.int64();
        modifiedAtMicros = in.int64() + MICROS_TO_2000;
        transactionId = Integer.toUnsignedLong(in.int32());
        open = true;
        ordinal = 0;
        announced = false;
        headed = false;
        turn++;
        // A transaction whose commit stands before our offset was written before; the server only sends it when it
        // forgot what was confirmed.
        passedOver = Long.compareUnsigned(commit, end) < 0;
    }

    private void commit() {
        if (!open) {
            throw MessageBytes.malformed("a commit without a transaction");
        }
        in.int8();
        in.int64();
        long after = in.int64();
        open = false;
        if (!passedOver) {
            end = after;
            resumeCommit = 0;
            resumeOrdinal = 0;
        }
    }

    private void insert() {
        TablePlan plan = change();
        if (in.int8() != 'N') {
            throw MessageBytes.malformed("an insert without a new row");
        }
        now.read(in);
        if (wants(plan)) {
            require(plan, now);
            row(Operation.INSERT, plan, Image.NEW);
        }
    }

    private void update() {
        TablePlan plan = change();
        int kind = in.int8();
        boolean hasOld = kind == 'K' || kind == 'O';
        if (hasOld) {
            old.read(in);
            in.int8();
        }
        now.read(in);
        if (!wants(plan)) {
            return;
        }
        require(plan, now);
        if (!hasOld) {
            row(Operation.UPDATE, plan, Image.NEW);
            return;
        }
        require(plan, old);
        boolean whole = kind == 'O';
        for (int column = 0; column < plan.width(); column++) {
            if (now.length(column) == Tuple.UNCHANGED && (whole || plan.inKey(column))) {
                now.take(column, old);
            }
        }
        boolean moved = plan.keyed() && moved(plan);
        if (moved) {
            listener.keyMoved(plan.table(), newKey(plan));
        }
        row(Operation.UPDATE, plan, whole ? Image.NEW_AND_OLD : moved ? Image.NEW_AND_OLD_KEY : Image.NEW);
    }

    private void delete() {
        TablePlan plan = change();
        boolean whole = in.int8() == 'O';
        old.read(in);
        if (!wants(plan)) {
            return;
        }
        require(plan, old);
        if (!plan.keyed() && !whole) {
            throw MessageBytes.malformed("a delete by key on " + plan.table() + ", which has none");
        }
        row(Operation.DELETE, plan, whole ? Image.OLD : Image.OLD_KEY);
    }

    private void truncate() {
        int count = in.int32();
        in.int8();
        for (int i = 0; i < count; i++) {
            TablePlan plan = change();
            if (wants(plan)) {
                head();
                out.control(Operation.TRUNCATE, out.schema(plan.schema()));
                written++;
            }
        }
    }

    /** Begins a change: counts it and finds its table, null when it was not chosen. */
    private TablePlan change() {
        if (!open) {
            throw MessageBytes.malformed("a change outside a transaction");
        }
        ordinal++;
        return relations.plan(in.int32());
    }

    private boolean wants(TablePlan plan) {
        boolean wanted =
                plan != null && !passedOver && !(commit == resumeCommit && ordinal <= resumeOrdinal) && asked(plan);
        if (!wanted) {
            headed = false; // the next row's ordinal does not follow on the last one's
        }
        return wanted;
    }

    private boolean asked(TablePlan plan) {
        if (!announced) {
            announced = true;
            listener.transactionBegins(transactionId);
        }
        if (!plan.knowsWanted(turn)) {
            plan.remember(turn, listener.wants(plan.table(), transactionId));
        }
        return plan.wanted();
    }

    private void row(Operation operation, TablePlan plan, Image image) {
        head();
        out.beginRow(operation, out.schema(plan.schema()));
        boolean done = false;
        try {
            switch (image) {
                case NEW -> putAll(plan, now);
                case NEW_AND_OLD_KEY -> {
                    putAll(plan, now);
                    out.beginBefore();
                    putKey(plan, old);
                }
                case NEW_AND_OLD -> {
                    putAll(plan, now);
                    out.beginBefore();
                    putAll(plan, old);
                }
                case OLD_KEY -> putKey(plan, old);
                case OLD -> putAll(plan, old);
            }
            done = true;
        } finally {
            if (!done) {
                out.abandonRow();
            }
        }
        out.endRow();
        written++;
    }

    private void head() {
        if (headed) {
            return;
        }
        headed = true;
        out.beginTransaction(transactionId, modifiedAtMicros, Lsn.text(commit), ordinal);
        if (transactionCount == 0 || transactions[transactionCount - 1] != transactionId) {
            if (transactionCount == transactions.length) {
                transactions = Arrays.copyOf(transactions, transactionCount * 2);
            }
            transactions[transactionCount++] = transactionId;
        }
    }

    private void putAll(TablePlan plan, Tuple tuple) {
        byte[] buffer = in.buffer();
        for (int column = 0; column < plan.width(); column++) {
            put(plan, tuple, column, buffer);
        }
    }

    /** The key's columns; the others are not known. */
    private void putKey(TablePlan plan, Tuple tuple) {
        byte[] buffer = in.buffer();
        for (int column = 0; column < plan.width(); column++) {
            if (plan.inKey(column)) {
                put(plan, tuple, column, buffer);
            } else {
                out.putUnchanged();
            }
        }
    }

    private void put(TablePlan plan, Tuple tuple, int column, byte[] buffer) {
        int length = tuple.length(column);
        if (length >= 0) {
            plan.decoder(column).decode(buffer, tuple.offset(column), length, out);
        } else if (length == Tuple.NULL) {
            out.putNull();
        } else {
            out.putUnchanged();
        }
    }

    private boolean moved(TablePlan plan) {
        for (int column : plan.key()) {
            if (!now.same(column, old, in.buffer())) {
                return true;
            }
        }
        return false;
    }

    private byte[] newKey(TablePlan plan) {
        int[] key = plan.key();
        int[] offsets = new int[key.length];
        int[] lengths = new int[key.length];
        for (int i = 0; i < key.length; i++) {
            offsets[i] = now.offset(key[i]);
            lengths[i] = now.length(key[i]);
            if (lengths[i] < 0) {
                throw MessageBytes.malformed("a key of " + plan.table() + " without a value");
            }
        }
        return KeyForm.encode(in.buffer(), offsets, lengths);
    }

    private static void require(TablePlan plan, Tuple tuple) {
        if (tuple.size() != plan.width()) {
            throw MessageBytes.malformed(
                    "a row of " + tuple.size() + " columns for table " + plan.table() + ", which has " + plan.width());
        }
    }
}
