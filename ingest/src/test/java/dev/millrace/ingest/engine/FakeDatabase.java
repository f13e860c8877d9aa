package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A database of one table with a key (key, a, b; b may be left out of an update's event) and one without. A transaction is in the change
 * log before it is visible to snapshots, and transactions may become visible in another order than they were logged, except that two that
 * write one row keep their order. For a while a table's changes may be missing from the log. Thread-safe.
 */
final class FakeDatabase {
    static final TableName KEYED = new TableName("public", "film");
    static final TableName KEYLESS = new TableName("public", "log");
    static final int KEYS = 12;

    /** {@code oldKey} differs from {@code key} when the row moved; without a key {@code a} is the row. */
    record Change(TableName table, Operation operation, long key, long oldKey, long a, long b, boolean bUnchanged) {}

    /** @param unpublished the tables whose changes the change log didn't tell when it was written */
    record Transaction(long id, List<Change> changes, Set<TableName> unpublished) {
        List<Change> published() {
            return unpublished.isEmpty()
                    ? changes
                    : changes.stream()
                            .filter(change -> !unpublished.contains(change.table()))
                            .toList();
        }
    }

    /** Both tables' rows. */
    static final class Content {
        final Map<Long, List<Long>> keyed = new TreeMap<>();
        final Map<Long, Integer> keyless = new TreeMap<>();

        void apply(Change change) {
            if (change.table().equals(KEYED)) {
                switch (change.operation()) {
                    case INSERT -> keyed.put(change.key(), List.of(change.a(), change.b()));
                    case UPDATE -> {
                        keyed.remove(change.oldKey());
                        keyed.put(change.key(), List.of(change.a(), change.b()));
                    }
                    case DELETE -> keyed.remove(change.key());
                    case TRUNCATE -> keyed.clear();
                    default -> throw new IllegalStateException();
                }
            } else {
                keyless.merge(change.a(), change.operation() == Operation.INSERT ? 1 : -1, Integer::sum);
                keyless.values().removeIf(count -> count == 0);
            }
        }

        Content copy() {
            Content copy = new Content();
            copy.keyed.putAll(keyed);
            copy.keyless.putAll(keyless);
            return copy;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Content content && keyed.equals(content.keyed) && keyless.equals(content.keyless);
        }

        @Override
        public int hashCode() {
            return keyed.hashCode();
        }

        @Override
        public String toString() {
            return keyed + " " + keyless;
        }
    }

    private final Content base = new Content();
    private final Content committed;
    private final List<Transaction> log = new ArrayList<>();
    private final BitSet visible = new BitSet();
    private final Set<TableName> unpublished = new HashSet<>();
    private final Map<Long, Integer> locked = new HashMap<>();
    private final Map<Long, Integer> writtenInvisible = new HashMap<>();
    private final SplittableRandom random;
    private long nextValue = 1_000;

    FakeDatabase(SplittableRandom random) {
        this.random = random;
        for (long key = 0; key < KEYS; key++) {
            if (random.nextInt(10) < 7) {
                base.keyed.put(key, List.of(0L, -key));
            }
        }
        for (long row = 0; row < 5; row++) {
            base.keyless.put(row, 1 + random.nextInt(2));
        }
        committed = base.copy();
    }

    synchronized Content committed() {
        return committed.copy();
    }

    synchronized int logged() {
        return log.size();
    }

    synchronized Transaction transaction(int place) {
        return log.get(place);
    }

    synchronized BitSet visible() {
        return (BitSet) visible.clone();
    }

    synchronized boolean allVisible() {
        return visible.cardinality() == log.size();
    }

    synchronized Content as(BitSet snapshot) {
        Content content = base.copy();
        snapshot.stream().forEach(place -> log.get(place).changes().forEach(content::apply));
        return content;
    }

    /** One more transaction of one to three changes, logged and not yet visible. */
    synchronized void write() {
        List<Change> changes = new ArrayList<>();
        Set<Long> own = new HashSet<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            if (random.nextInt(4) == 0) {
                changes.add(keylessChange());
            } else if (random.nextInt(4) == 0) {
                exchange(changes, own);
            } else {
                Change change = keyedChange(own);
                if (change != null) {
                    changes.add(change);
                    if (random.nextInt(4) == 0) {
                        moveOn(changes, own);
                    }
                }
            }
        }
        if (changes.isEmpty()) {
            return;
        }
        int place = log.size();
        log.add(new Transaction(place + 1L, List.copyOf(changes), Set.copyOf(unpublished)));
        own.forEach(key -> locked.put(key, place));
        for (Change change : changes) {
            if (change.table().equals(KEYLESS)) {
                writtenInvisible.put(change.a(), place);
            }
        }
        notifyAll();
    }

    /** Makes one hidden transaction visible. */
    synchronized void show() {
        int hidden = log.size() - visible.cardinality();
        if (hidden == 0) {
            return;
        }
        int place = visible.nextClearBit(0);
        for (int skip = random.nextInt(hidden); skip > 0; skip--) {
            place = visible.nextClearBit(place + 1);
        }
        show(place);
    }

    private void show(int place) {
        visible.set(place);
        locked.values().removeIf(by -> by == place);
        writtenInvisible.values().removeIf(by -> by == place);
        notifyAll();
    }

    /** From now on the table's changes are made and not told. */
    synchronized void unpublish(TableName table) {
        unpublished.add(table);
    }

    /** They are told again, and whoever wrote to the table meanwhile has ended. */
    synchronized void publishAgain(TableName table) {
        if (unpublished.remove(table)) {
            for (int place = 0; place < log.size(); place++) {
                if (!visible.get(place)
                        && log.get(place).changes().stream()
                                .anyMatch(change -> change.table().equals(table))) {
                    show(place);
                }
            }
        }
    }

    synchronized Set<TableName> unpublished() {
        return Set.copyOf(unpublished);
    }

    /**
     * Waits until all that is logged by now is visible. Of those who wrote to a table before it was published, nothing comes with the stream: so
     * no snapshot for its load may be taken before they have ended.
     *
     * @throws MillraceException EXTERNAL OLDER_WRITERS when that takes too long
     */
    synchronized void awaitOlderWriters() {
        int places = log.size();
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        boolean interrupted = false;
        while (visible.nextClearBit(0) < places && System.nanoTime() < end && !interrupted) {
            try {
                wait(1_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (visible.nextClearBit(0) < places) {
            throw MillraceException.external("OLDER_WRITERS", "Cannot stream yet", "some have not ended", "", null);
        }
    }

    synchronized void awaitMore(int place, long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (log.size() <= place && System.nanoTime() < end) {
            wait(1 + (end - System.nanoTime()) / 1_000_000);
        }
    }

    private Change keylessChange() {
        List<Long> deletable = committed.keyless.keySet().stream()
                .filter(row -> !writtenInvisible.containsKey(row))
                .toList();
        Change change = deletable.isEmpty() || random.nextInt(3) > 0
                ? new Change(KEYLESS, Operation.INSERT, 0, 0, nextValue++, 0, false)
                : new Change(
                        KEYLESS, Operation.DELETE, 0, 0, deletable.get(random.nextInt(deletable.size())), 0, false);
        committed.apply(change);
        writtenInvisible.put(change.a(), log.size());
        return change;
    }

    private Change keyedChange(Set<Long> own) {
        if (locked.isEmpty() && own.isEmpty() && random.nextInt(60) == 0) {
            for (long each = 0; each < KEYS; each++) {
                own.add(each);
            }
            return committed(new Change(KEYED, Operation.TRUNCATE, 0, 0, 0, 0, false));
        }
        long key = random.nextInt(KEYS);
        if (locked.containsKey(key) || !own.add(key)) {
            return null;
        }
        List<Long> row = committed.keyed.get(key);
        if (row == null) {
            return committed(new Change(KEYED, Operation.INSERT, key, key, nextValue++, nextValue++, false));
        }
        int what = random.nextInt(10);
        if (what < 2) {
            return committed(new Change(KEYED, Operation.DELETE, key, key, 0, 0, false));
        }
        if (what < 4) {
            for (long to = 0; to < KEYS; to++) {
                if (!committed.keyed.containsKey(to) && !locked.containsKey(to) && own.add(to)) {
                    return committed(new Change(KEYED, Operation.UPDATE, to, key, nextValue++, row.get(1), true));
                }
            }
        }
        return what < 7
                ? committed(new Change(KEYED, Operation.UPDATE, key, key, nextValue++, row.get(1), true))
                : committed(new Change(KEYED, Operation.UPDATE, key, key, nextValue++, nextValue++, false));
    }

    /** Two rows take each other's keys, by way of a free one. */
    private void exchange(List<Change> changes, Set<Long> own) {
        List<Long> rows = committed.keyed.keySet().stream()
                .filter(key -> !locked.containsKey(key) && !own.contains(key))
                .toList();
        long between = 0;
        while (between < KEYS && (committed.keyed.containsKey(between) || locked.containsKey(between))) {
            between++;
        }
        if (rows.size() < 2 || between == KEYS || own.contains(between)) {
            return;
        }
        int one = random.nextInt(rows.size());
        int other = (one + 1 + random.nextInt(rows.size() - 1)) % rows.size();
        own.addAll(List.of(rows.get(one), rows.get(other), between));
        changes.add(moved(rows.get(one), between));
        changes.add(moved(rows.get(other), rows.get(one)));
        changes.add(moved(between, rows.get(other)));
    }

    private Change moved(long from, long to) {
        return committed(new Change(
                KEYED,
                Operation.UPDATE,
                to,
                from,
                nextValue++,
                committed.keyed.get(from).get(1),
                true));
    }

    /** The row of the last change goes on to other keys in the same transaction, one of them free only since this transaction. */
    private void moveOn(List<Change> changes, Set<Long> own) {
        Change last = changes.get(changes.size() - 1);
        if (!last.table().equals(KEYED) || !committed.keyed.containsKey(last.key())) {
            return;
        }
        long from = last.key();
        for (long to = 0; to < KEYS; to++) {
            boolean ours = own.contains(to) || !locked.containsKey(to);
            if (to != from && ours && !committed.keyed.containsKey(to)) {
                own.add(to);
                changes.add(committed(new Change(
                        KEYED,
                        Operation.UPDATE,
                        to,
                        from,
                        nextValue++,
                        committed.keyed.get(from).get(1),
                        true)));
                from = to;
                if (random.nextBoolean()) {
                    return;
                }
            }
        }
    }

    private Change committed(Change change) {
        committed.apply(change);
        return change;
    }
}
