package dev.millrace.consume.failed;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Tells events that have to be held back from those that may be loaded, in log order: what fails, what the destination has refused, and what
 * comes behind such an event of its key. Keeps its own account of blocked keys, which runs ahead of the store's while windows are gathered.
 * Confined to one thread at a time.
 */
public final class Sieve {
    /** What an event takes in the store beside its values, about. */
    private static final int META_BYTES = 300;

    private final FailedPolicy policy;
    private final LoadRules rules;
    private final Blocked blocked;
    private final Suspects suspects;
    private final Clock clock;
    private final boolean fromLog;
    /** Tables of which a historical load has begun that nothing is known against. */
    private final Set<TableName> begun = new HashSet<>();

    private final EventCopy copies = new EventCopy();
    private final BatchReader reader = new BatchReader();
    private final Rest rest = new Rest();
    private RowKeys keys;
    private Function<Schema, List<TableName>> outputsOf = schema -> List.of(schema.table());
    private Known there = (table, logIndex) -> false;

    /** Whether a table at the destination has what the log holds at an index, though the pipeline has not come to it yet. */
    @FunctionalInterface
    public interface Known {
        boolean has(TableName table, long logIndex);
    }

    /** @param fromLog whether all that follows in the log comes; else a choice of failed events that wait for each other */
    Sieve(FailedPolicy policy, LoadRules rules, Blocked blocked, Suspects suspects, Clock clock, boolean fromLog) {
        this.policy = policy;
        this.rules = rules;
        this.blocked = blocked;
        this.suspects = suspects;
        this.clock = clock;
        this.fromLog = fromLog;
    }

    /** Never holds back what a table has already: replayed, it would be there twice. */
    public Sieve passing(Known newKnown) {
        there = newKnown;
        return this;
    }

    /** Whether it has nothing to look for at all. */
    private boolean idle() {
        return suspects.isEmpty() && blocked.isIdle();
    }

    /**
     * The batch without the events that must not be loaded; {@code batch} itself where it has none such. What is held back for the first time
     * is in {@code held} then.
     *
     * @param firstRow the number of its first row
     * @param outputs the tables that rows of a schema become: what holds for them decides what a TRUNCATE or a load means for parked events
     */
    public StoredBatch filter(StoredBatch batch, int firstRow, Held held, Function<Schema, List<TableName>> outputs) {
        if (batch.header().eventCount() == 0 || idle()) {
            return batch;
        }
        reader.open(batch);
        boolean watched = false;
        for (int number = 0; number < reader.schemaCount(); number++) {
            watched |= watches(reader.schemaAt(number).table(), batch.logIndex());
        }
        if (!watched) {
            return batch;
        }
        boolean any = false;
        outputsOf = outputs;
        rest.begin();
        for (int row = firstRow; reader.next(); row++) {
            if (holds(batch.header(), new EventPlace(batch.logIndex(), row), held)) {
                any = true;
            } else {
                rest.add(reader);
            }
        }
        StoredBatch kept = rest.finish(batch);
        return any ? kept : batch;
    }

    private boolean watches(TableName table, long logIndex) {
        return !suspects.isEmpty() || blocked.hasAlready(logIndex) || blocked.of(table) != null;
    }

    private boolean holds(BatchHeader batch, EventPlace place, Held held) {
        TableName table = reader.schema().table();
        if (blocked.passesAlready(table, place)) {
            return true;
        }
        if (blocked.of(table) == null && suspects.isEmpty()
                || outputsOf.apply(reader.schema()).stream().anyMatch(output -> there.has(output, place.logIndex()))) {
            return false;
        }
        Event event = new Event(reader, batch, place, held);
        return reader.operation().hasCells() ? holdsRow(event) : holdsControl(event);
    }

    private record Event(BatchReader reader, BatchHeader batch, EventPlace place, Held held) {
        TableName table() {
            return reader.schema().table();
        }
    }

    private boolean holdsRow(Event event) {
        RowKeys rowKeys = keys(event.reader().schema());
        long[] touched = rowKeys.touched(event.reader());
        Failure whole = wholeTable(event.table());
        Failure refused = whole != null ? whole : suspects.event(event.reader(), touched);
        if (refused != null && policy.action() == FailedPolicy.Action.DISCARD) {
            event.held().discard();
            return true;
        }
        Blocked.Table known = blocked.of(event.table());
        long front = known == null
                ? FirstPlaces.NONE
                : known.waitsFor(rowKeys.shape(), touched, event.place().packed());
        if (front == FirstPlaces.NONE && refused == null) {
            return false;
        }
        boolean behind = refused == null || whole != null && front != FirstPlaces.NONE;
        park(event, behind ? Failure.behind(EventPlace.of(front)) : refused, touched, whole != null);
        return true;
    }

    private boolean holdsControl(Event event) {
        Blocked.Table known = blocked.of(event.table());
        long place = event.place().packed();
        Operation operation = event.reader().operation();
        List<LoadRules.Rule> each = outputsOf.apply(event.reader().schema()).stream()
                .map(output -> rules.of(output.schema(), output.name()))
                .toList();
        boolean appends = each.stream().allMatch(rule -> rule.mode() == LoadMode.APPEND);
        // what a load brings takes the place of all that was before, so that its beginning waits for nothing
        boolean replaces = fromLog && operation == Operation.LOAD_STARTED && !appends;
        if (replaces && !suspects.loadsToo(event.table())) {
            begun.add(event.table());
        }
        Failure whole = wholeTable(event.table());
        if (whole != null && policy.action() == FailedPolicy.Action.DISCARD) {
            event.held().discard();
            return true;
        }
        if (whole != null && (known == null || !known.holdsAny())) {
            park(event, whole, new long[0], true);
            return true;
        }
        if (known == null) {
            return false;
        }
        boolean passesBy =
                each.stream().allMatch(rule -> rule.mode() == LoadMode.MERGE && rule.onDelete() != OnDelete.SOFT);
        boolean waits = operation == Operation.TRUNCATE && !passesBy && known.waitsForAny(place) < place;
        if (whole != null || known.whole(place) && !replaces || waits) {
            park(event, Failure.behind(EventPlace.of(known.waitsForAny(place))), new long[0], true);
            return true;
        }
        if (operation == Operation.TRUNCATE) {
            truncated(event, known, each.stream().allMatch(rule -> rule.onDelete() == OnDelete.HARD));
        } else if (appends) {
            return false; // what is read is added to what is there: nothing is replaced by it
        } else if (operation == Operation.LOAD_STARTED) {
            if (known.loadStarted() >= 0) {
                obsolete(event, known.loadStarted(), place);
            }
            event.held().mark(new Held.Mark(event.table(), 0, place, true));
            known.loadStarted(place);
        } else if (known.loadStarted() >= 0
                && known.loadStarted() < place) { // in a window read again the next one may be known
            obsolete(event, 0, known.loadStarted());
            known.loadCompleted();
        }
        return false;
    }

    private Failure wholeTable(TableName table) {
        return begun.contains(table) ? null : suspects.table(table);
    }

    /** The rows that the parked events would have changed are gone; marked ones are not, so that there the truncation waits. */
    private static void truncated(Event event, Blocked.Table known, boolean deleted) {
        if (deleted && known.holdsAny()) {
            obsolete(event, Math.max(0, known.loadStarted()), event.place().packed());
            known.emptied();
        }
    }

    private static void obsolete(Event event, long from, long to) {
        event.held().mark(new Held.Mark(event.table(), from, to, false));
    }

    private void park(Event event, Failure failure, long[] touched, boolean wholeTable) {
        BatchReader reader = event.reader();
        byte[] copy = copies.encode(reader, event.batch());
        long shape = keys(reader.schema()).shape();
        long nowMillis = clock.millis();
        FailedEvent.Order order = new FailedEvent.Order(
                shape, touched, wholeTable || !reader.operation().hasCells());
        FailedEvent.Course course = new FailedEvent.Course(
                FailedEvent.Status.PARKED,
                failure.isBehind() ? 0 : 1,
                nowMillis,
                nowMillis + policy.keep().toMillis(),
                nowMillis + Retries.firstMillis(failure));
        FailedEvent parked = new FailedEvent(
                event.place(),
                event.table(),
                reader.operation(),
                reader.position() + ":" + reader.ordinal(),
                failure,
                course,
                order,
                copy.length + META_BYTES);
        event.held().add(parked, copy);
        blocked.make(event.table()).add(order, event.place().packed());
    }

    private RowKeys keys(Schema schema) {
        if (keys == null || keys.schema() != schema) {
            keys = new RowKeys(schema);
        }
        return keys;
    }
}
