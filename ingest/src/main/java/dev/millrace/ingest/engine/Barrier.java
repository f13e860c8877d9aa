package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.Snapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Keeps the one rule that makes a historical load under a stream right: when a chunk's rows are appended, every transaction already in the
 * topic is visible in that chunk's snapshot. Both sides are guarded here: {@link #enter} lets a snapshot in only when it sees everything
 * the stream has decoded, {@link #mayAppend} holds back transactions that a chunk in flight does not see.
 *
 * <p>Hazards: a transaction must be admitted when it is decoded, not when it is appended, or a snapshot could slip in between. A
 * transaction may be in the source's log long before it is visible there (a commit that waits for a standby), also over a restart of ours:
 * hence {@link #horizon}, up to which the topic holds nothing that might still be invisible, and {@link #droppedUnseen}.
 *
 * <p>No lock and no I/O of its own: every call is under {@link LoadBook}'s lock.
 */
final class Barrier {
    /** What the rules' test switches off one by one; always all outside that test. */
    enum Rule {
        BARRIER,
        RECHECK,
        /** That a snapshot is also checked against what another one has pruned since it was asked for. */
        ASK,
        REREAD,
        /** That a load begins behind all that had happened when it was asked for. */
        START
    }

    static final Set<Rule> ALL_RULES = Set.of(Rule.values());

    private static final byte FORMAT = 1;

    private final Set<Rule> rules;
    private final List<Snapshot> inFlight = new ArrayList<>();
    private long[] unseen = new long[64];
    private long[] indexes = new long[64];
    private boolean[] dropped = new boolean[64];
    private int size;
    private boolean droppedChanged;
    private int asking;
    /** What was pruned while somebody asked: a snapshot asked for before may be older than the one that saw it. */
    private long[] prunedWhileAsking = new long[64];

    private int prunedCount;

    Barrier(Set<Rule> rules) {
        this.rules = rules;
    }

    boolean keeps(Rule rule) {
        return rules.contains(rule);
    }

    /** The stream has decoded this transaction's begin. */
    void admit(long transactionId) {
        if (size > 0 && unseen[size - 1] == transactionId) {
            return;
        }
        add(transactionId, 0, false);
    }

    /** As found in the topic after a restart: at that log index (0: in no batch, its events were dropped). */
    void restore(long transactionId, long logIndex, boolean wasDropped) {
        if (size > 0 && unseen[size - 1] == transactionId && indexes[size - 1] <= logIndex) {
            return;
        }
        add(transactionId, logIndex, wasDropped);
    }

    /** Forgets what was restored at or below the horizon: it has been seen. */
    void forgetUpTo(long horizon) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (dropped[i] || indexes[i] > horizon) {
                keep(i, kept++);
            }
        }
        size = kept;
    }

    /** An event of the transaction last admitted was left out, trusting that a later snapshot sees it. */
    void dropped(long transactionId) {
        for (int i = size - 1; i >= 0; i--) {
            if (unseen[i] == transactionId) {
                droppedChanged |= !dropped[i];
                dropped[i] = true;
                return;
            }
        }
    }

    /** A batch of the stream was appended; it holds what was admitted and not yet appended. */
    void appended(long logIndex) {
        for (int i = size - 1; i >= 0 && indexes[i] == 0; i--) {
            indexes[i] = logIndex;
        }
    }

    /** Somebody is about to take a snapshot; to be called before that, and ended by {@link #asked}. Returns what {@link #enter} is given. */
    int asks() {
        asking++;
        return prunedCount;
    }

    /** The snapshot asked for has entered or never will. */
    void asked() {
        if (--asking == 0) {
            prunedCount = 0;
        }
    }

    /**
     * A chunk's snapshot asks to be in flight; false: it misses a transaction, take another one. Every snapshot asked prunes.
     *
     * @param asked what {@link #asks} returned before the snapshot was taken: what has been pruned since, it may still miss
     */
    boolean enter(Snapshot snapshot, int asked) {
        prune(snapshot);
        if (keeps(Rule.RECHECK) && (size > 0 || keeps(Rule.ASK) && missesPruned(snapshot, asked))) {
            return false;
        }
        inFlight.add(snapshot);
        return true;
    }

    private boolean missesPruned(Snapshot snapshot, int asked) {
        for (int i = asked; i < prunedCount; i++) {
            if (!snapshot.sees(prunedWhileAsking[i])) {
                return true;
            }
        }
        return false;
    }

    void leave(Snapshot snapshot) {
        inFlight.removeIf(each -> each == snapshot);
    }

    /** Whether every chunk in flight sees these transactions. */
    boolean mayAppend(long[] transactions) {
        if (!keeps(Rule.BARRIER)) {
            return true;
        }
        for (Snapshot snapshot : inFlight) {
            for (long transaction : transactions) {
                if (!snapshot.sees(transaction)) {
                    return false;
                }
            }
        }
        return true;
    }

    void prune(Snapshot snapshot) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (snapshot.sees(unseen[i])) {
                droppedChanged |= dropped[i];
                notePruned(unseen[i]);
            } else {
                keep(i, kept++);
            }
        }
        size = kept;
    }

    private void notePruned(long transactionId) {
        if (asking > 0) {
            if (prunedCount == prunedWhileAsking.length) {
                prunedWhileAsking = Arrays.copyOf(prunedWhileAsking, 2 * prunedCount);
            }
            prunedWhileAsking[prunedCount++] = transactionId;
        }
    }

    int unseenCount() {
        return size;
    }

    /** The index up to which every transaction in the topic has been seen by some snapshot, given the topic's last index. */
    long horizon(long appendedIndex) {
        long horizon = appendedIndex;
        for (int i = 0; i < size; i++) {
            if (indexes[i] > 0) {
                horizon = Math.min(horizon, indexes[i] - 1);
            }
        }
        return horizon;
    }

    /** Whether {@link #droppedUnseen} differs from when it was last taken. */
    boolean droppedChanged() {
        return droppedChanged;
    }

    /** The transactions of which events were dropped before any snapshot saw them; null for none. Format 1: version byte, 8 bytes each. */
    byte[] droppedUnseen() {
        droppedChanged = false;
        ByteBuffer bytes = ByteBuffer.allocate(1 + 8 * size);
        bytes.put(FORMAT);
        for (int i = 0; i < size; i++) {
            if (dropped[i]) {
                bytes.putLong(unseen[i]);
            }
        }
        return bytes.position() == 1 ? null : Arrays.copyOf(bytes.array(), bytes.position());
    }

    void restoreDropped(byte[] entry) {
        ByteBuffer bytes = ByteBuffer.wrap(entry);
        if (entry.length == 0 || bytes.get() != FORMAT) {
            throw ProgressCodec.unknownFormat("dropped");
        }
        if (bytes.remaining() % Long.BYTES != 0) {
            throw ProgressCodec.malformed("list of dropped transactions", "it has " + entry.length + " bytes");
        }
        while (bytes.remaining() >= 8) {
            add(bytes.getLong(), 0, true);
        }
    }

    private void add(long transactionId, long logIndex, boolean wasDropped) {
        if (size == unseen.length) {
            unseen = Arrays.copyOf(unseen, 2 * size);
            indexes = Arrays.copyOf(indexes, 2 * size);
            dropped = Arrays.copyOf(dropped, 2 * size);
        }
        unseen[size] = transactionId;
        indexes[size] = logIndex;
        dropped[size++] = wasDropped;
    }

    private void keep(int from, int to) {
        unseen[to] = unseen[from];
        indexes[to] = indexes[from];
        dropped[to] = dropped[from];
    }
}
