package dev.millrace.consume.failed;

import java.util.HashMap;
import java.util.Map;

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

    /** The store was changed otherwise than by {@link #add}. */
    void outdated() {
        known = false;
    }

    private void read() {
        if (known) {
            return;
        }
        blocked = Blocked.by(store.loadsStarted());
        groups = new HashMap<>();
        Count count = new Count(counts.totals());
        store.each(null, event -> count.value = account(count.value, event));
        counts = count.value;
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

    /** The totals have grown. */
    void counts(FailedCounts changed) {
        counts = changed;
    }
}
