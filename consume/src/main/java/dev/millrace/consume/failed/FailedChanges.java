package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes many failed events, in steps of a bounded size that are each whole with what they make of the totals: so many may be parked that their
 * changes don't fit in memory. What a crash leaves undone is done when the same is asked for again, and nothing of it twice. Guarded by its
 * queue's lock.
 */
final class FailedChanges {
    private static final Logger LOG = LoggerFactory.getLogger(FailedChanges.class);

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
    private final int step;

    /** @param step how many events are changed in one write */
    FailedChanges(FailedStore store, FailedIndex index, int step) {
        this.store = store;
        this.index = index;
        this.step = step;
    }

    /**
     * @param except these are left alone
     * @return how many it were
     */
    long change(FailedFilter filter, Set<EventPlace> except, Counted counted, Work work) {
        Steps steps = new Steps(counted);
        FailedFilter parked = filter.ofParked();
        store.each(null, event -> {
            if (parked.accepts(event) && !except.contains(event.place())) {
                steps.count(changes -> work.apply(event, changes));
            }
        });
        steps.write();
        return steps.counted();
    }

    /**
     * Does what marks mean for parked events, mark by mark; what one says of a load is written last of it.
     *
     * @param except these are left alone
     */
    void mark(List<Held.Mark> marks, Set<EventPlace> except) {
        for (Held.Mark mark : marks) {
            Steps steps = new Steps(FailedTotals::andObsolete);
            if (mark.loadStarted()) {
                store.putLoadStarted(steps.changes, mark.table(), mark.to());
            } else {
                EventPlace before = mark.from() == 0 ? null : EventPlace.of(mark.from() - 1);
                store.each(before, mark.to(), event -> {
                    if (mark.covers(event) && !except.contains(event.place())) {
                        steps.count(changes -> giveUp(event.with(FailedEvent.Status.OBSOLETE), changes));
                    }
                });
            }
            if (mark.endsLoad()) {
                store.deleteLoadStarted(steps.changes, mark.table());
            }
            steps.write();
            if (steps.counted() > 0) {
                LOG.info(
                        "{}: {} failed events of {} are obsolete, since the table was emptied or loaded again",
                        store.pipeline(),
                        steps.counted(),
                        mark.table());
            }
        }
    }

    /** The event as it is from now on, without its values. */
    void giveUp(FailedEvent event, StateChanges changes) {
        store.put(changes, event);
        store.deleteCopy(changes, event.place());
    }

    /**
     * Keeps what is too old at {@code nowMillis} until {@code untilMillis}.
     *
     * @return how many it were
     */
    long keep(long nowMillis, long untilMillis) {
        Steps steps = new Steps((totals, events) -> totals);
        store.each(null, event -> {
            if (event.parked() && event.course().expiresAtMillis() <= nowMillis) {
                steps.count(changes -> store.put(changes, event.keptUntil(untilMillis)));
            }
        });
        steps.write();
        return steps.counted();
    }

    /**
     * Gives up what is too old at {@code nowMillis}, and forgets what was given up then.
     *
     * @param untilMillis how long a record stays of what is given up now
     * @return how many were still parked
     */
    long expire(long nowMillis, long untilMillis) {
        Steps steps = new Steps(FailedTotals::andExpired);
        store.each(null, event -> {
            if (event.course().expiresAtMillis() > nowMillis) {
                return;
            }
            if (event.parked()) {
                steps.count(changes -> giveUp(event.expired(untilMillis), changes));
            } else {
                steps.add(changes -> store.delete(changes, event.place()));
            }
        });
        steps.write();
        return steps.counted();
    }

    /**
     * Writes what a committed replay has come to. Its note is deleted with the last of it.
     *
     * @param loaded are no longer parked
     * @param failedAgain as they are parked on
     * @param counts whether one that was loaded has not been counted as something else
     */
    void replayed(Collection<EventPlace> loaded, List<FailedEvent> failedAgain, Predicate<EventPlace> counts) {
        Steps steps = new Steps(FailedTotals::andReplayed);
        failedAgain.forEach(event -> steps.add(changes -> store.put(changes, event)));
        for (EventPlace place : loaded) {
            if (counts.test(place)) {
                steps.count(changes -> store.delete(changes, place));
            } else {
                steps.add(changes -> store.delete(changes, place));
            }
        }
        store.deleteReplay(steps.changes);
        steps.write();
    }

    /** Has all that is meant tried again, and what has to go before it. Those that are being replayed are left alone. */
    Asked ask(FailedFilter filter, Set<EventPlace> replaying) {
        Map<TableName, Long> loadsStarted = store.loadsStarted();
        FailedFilter meant = filter.ofParked();
        Predecessors predecessors = new Predecessors();
        Steps steps = new Steps((totals, events) -> totals);
        Figures figures = new Figures();
        store.eachBackwards(event -> {
            boolean chosen = meant.accepts(event);
            if (event.parked() && event.place().packed() < loadsStarted.getOrDefault(event.table(), 0L)) {
                figures.superseded += chosen ? 1 : 0;
            } else if (event.parked() && (chosen || predecessors.needs(event))) {
                predecessors.take(event);
                figures.events += chosen ? 1 : 0;
                figures.ahead += chosen ? 0 : 1;
                if (!event.failure().isBehind() && !replaying.contains(event.place())) {
                    steps.add(changes -> store.put(changes, event.dueAt(0)));
                }
            }
        });
        steps.write();
        return new Asked(figures.events, figures.ahead, figures.superseded);
    }

    /** What is counted while events are visited. */
    private static final class Figures {
        private long events;
        private long ahead;
        private long superseded;
    }

    /** Changes of events, written some at a time with what they make of the totals. */
    private final class Steps {
        private final Counted total;
        private StateChanges changes = new StateChanges();
        private int events;
        private long fresh;
        private long written;

        Steps(Counted total) {
            this.total = total;
        }

        /** One that the totals don't know. */
        void add(Consumer<StateChanges> work) {
            work.accept(changes);
            events++;
            if (events == step) {
                write();
            }
        }

        void count(Consumer<StateChanges> work) {
            fresh++;
            add(work);
        }

        void write() {
            long more = fresh;
            index.write(changes, totals -> total.plus(totals, more));
            written += more;
            changes = new StateChanges();
            events = 0;
            fresh = 0;
        }

        /** How many were written. */
        long counted() {
            return written;
        }
    }
}
