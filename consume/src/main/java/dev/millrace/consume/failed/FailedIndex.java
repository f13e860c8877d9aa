package dev.millrace.consume.failed;

import dev.millrace.storage.state.StateChanges;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What is known of a queue's events without reading them again: which keys they block, groups, figures. Guarded by its queue's lock. */
final class FailedIndex {
    private final FailedStore store;
    private Blocked blocked = new Blocked();
    private Map<FailedGroup, FailedGroup.Figures> groups = new HashMap<>();
    private volatile FailedCounts counts = FailedCounts.NONE;
    private boolean known;

    FailedIndex(FailedStore store) {
        this.store = store;
    }

    /** The store may have been changed otherwise than by {@link #add}. */
    void outdated() {
        known = false;
    }

    /**
     * Changes the store otherwise than by {@link #add}. Whoever is told that it is done finds the figures behind it, {@link #lastCounts} among
     * them; where it fails in the middle, the rest is as it was.
     */
    <T> T changing(Supplier<T> work) {
        T result;
        try {
            result = work.get();
        } finally {
            outdated();
        }
        read();
        return result;
    }

    private void read() {
        if (known) {
            return;
        }
        blocked = Blocked.by(store.loadsStarted());
        groups = new HashMap<>();
        Count count = new Count(FailedCounts.NONE.discarded(store.discarded().events()));
        store.each(null, event -> count.value = account(count.value, event));
        // a store from before totals were kept: they begin with what is parked
        FailedTotals totals = store.totals().orElse(FailedTotals.NONE.andParked(count.value.events()));
        counts = count.value.with(totals);
        known = true;
    }

    /** A sum that grows while events are visited. */
    private static final class Count {
        private FailedCounts value;

        Count(FailedCounts value) {
            this.value = value;
        }
    }

    /** An event that was put behind all others of its table. */
    void add(FailedEvent event) {
        read();
        counts = account(counts, event);
    }

    private FailedCounts account(FailedCounts before, FailedEvent event) {
        if (event.parked()) {
            groups.merge(FailedGroup.of(event), FailedGroup.Figures.NONE.and(event), FailedGroup.Figures::plus);
        }
        blocked.add(event);
        return before.with(event);
    }

    /** A copy. */
    Blocked blocked() {
        read();
        return blocked.copy();
    }

    Waits waits(FailedEvent event) {
        read();
        Blocked.Table table = blocked.of(event.table());
        if (table == null || !event.parked()) {
            return Waits.NOT;
        }
        long place = event.place().packed();
        if (place < table.loadStarted()) {
            return new Waits(Optional.empty(), true);
        }
        FailedEvent.Order order = event.order();
        long front = event.operation().hasCells()
                ? table.waitsFor(order.shape(), order.keys(), place)
                : table.waitsForAny(place);
        return front == FirstPlaces.NONE ? Waits.NOT : new Waits(Optional.of(EventPlace.of(front)), false);
    }

    Map<FailedGroup, FailedGroup.Figures> groups() {
        read();
        return Map.copyOf(groups);
    }

    FailedCounts counts() {
        read();
        return counts;
    }

    /** As they were known last; never waits, from any thread. */
    FailedCounts lastCounts() {
        return counts;
    }

    /** Writes changes of the store together with what they make of the totals; on disk when it returns. */
    void write(StateChanges changes, UnaryOperator<FailedTotals> counted) {
        FailedTotals before = counts().totals();
        FailedTotals after = counted.apply(before);
        if (!after.equals(before)) {
            store.putTotals(changes, after);
        }
        store.write(changes);
        counts = counts.with(after);
    }

    /** So many were discarded, ever; it is written. */
    void discarded(long events) {
        counts = counts.discarded(events);
    }
}
