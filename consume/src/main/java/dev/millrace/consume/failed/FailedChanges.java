package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Changes many parked events, in steps that are each whole with what they make of the totals. Guarded by its queue's lock. */
final class FailedChanges {
    private static final int STEP = 1_000;

    /** What is done to an event. */
    @FunctionalInterface
    interface Work {
        void apply(FailedEvent event, StateChanges changes);
    }

    /** What so many more events make of the totals. */
    @FunctionalInterface
    interface Counted {
        FailedTotals plus(FailedTotals totals, long events);
    }

    private final FailedStore store;
    private final FailedIndex index;

    FailedChanges(FailedStore store, FailedIndex index) {
        this.store = store;
        this.index = index;
    }

    /**
     * @param except these are left alone
     * @return how many it were
     */
    long change(FailedFilter filter, Set<EventPlace> except, Counted counted, Work work) {
        long changed = 0;
        EventPlace last = null;
        List<FailedEvent> page;
        do {
            page = store.list(filter.ofParked(), last, STEP);
            StateChanges changes = new StateChanges();
            long before = changed;
            for (FailedEvent event : page) {
                if (!except.contains(event.place())) {
                    work.apply(event, changes);
                    changed++;
                }
                last = event.place();
            }
            long more = changed - before;
            index.write(changes, totals -> counted.plus(totals, more));
        } while (page.size() == STEP);
        return changed;
    }

    /** Has all that is meant tried again, and what has to go before it. Those that are being replayed are left alone. */
    Asked ask(FailedFilter filter, Set<EventPlace> replaying) {
        Map<TableName, Long> loadsStarted = store.loadsStarted();
        FailedFilter meant = filter.ofParked();
        Predecessors predecessors = new Predecessors();
        Steps steps = new Steps();
        store.eachBackwards(event -> {
            boolean chosen = meant.accepts(event);
            if (event.parked() && event.place().packed() < loadsStarted.getOrDefault(event.table(), 0L)) {
                steps.superseded += chosen ? 1 : 0;
            } else if (event.parked() && (chosen || predecessors.needs(event))) {
                predecessors.take(event);
                steps.events += chosen ? 1 : 0;
                steps.ahead += chosen ? 0 : 1;
                if (!event.failure().isBehind() && !replaying.contains(event.place())) {
                    steps.put(event.dueAt(0));
                }
            }
        });
        steps.write();
        return new Asked(steps.events, steps.ahead, steps.superseded);
    }

    /** Events to be put, written some at a time; and counts of them. */
    private final class Steps {
        private StateChanges changes = new StateChanges();
        private long events;
        private long ahead;
        private long superseded;

        void put(FailedEvent event) {
            store.put(changes, event);
            if (changes.changes().size() == STEP) {
                write();
            }
        }

        void write() {
            store.write(changes);
            changes = new StateChanges();
        }
    }
}
