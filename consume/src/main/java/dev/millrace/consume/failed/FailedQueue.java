package dev.millrace.consume.failed;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.crypto.KeyRing;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipeline's failed events. What is parked is parked under the event's place in the log before the destination commits the rest of its
 * window, and found there when the window has to be read again: so it is neither lost nor doubled. A replay is noted with its number before
 * the destination commits that number with the rows: so it is settled after a crash by what the destination says. Thread-safe; {@link #park},
 * {@link #take} and what belongs to a replay are the consumer's.
 */
public final class FailedQueue {
    private static final Logger LOG = LoggerFactory.getLogger(FailedQueue.class);
    private static final int STEP = 1_000;

    private final String pipeline;
    private final FailedStore store;
    private final FailedIndex index;
    private final FailedChanges bulk;
    private final FailedPolicy policy;
    private final Clock clock;
    private final Retries retries;
    private final Set<EventPlace> replaying = new HashSet<>();
    /** Whether {@link #replaying} may be at the destination. */
    private boolean noted;

    private final FailureRate rate;
    private final Expiry expiry;

    public FailedQueue(String pipeline, StateStore state, KeyRing keys, FailedPolicy policy, Clock clock) {
        this(pipeline, state, keys, policy, clock, STEP);
    }

    /** @param step how many events are changed in one write, where any number of them may have to be */
    FailedQueue(String pipeline, StateStore state, KeyRing keys, FailedPolicy policy, Clock clock, int step) {
        this.pipeline = pipeline;
        this.store = new FailedStore(pipeline, state, keys);
        this.index = new FailedIndex(store);
        this.bulk = new FailedChanges(store, index, step);
        this.policy = policy;
        this.clock = clock;
        this.retries = new Retries(clock);
        this.rate = new FailureRate(policy, clock);
        this.expiry = new Expiry(store, bulk, policy, clock);
    }

    public FailedPolicy policy() {
        return policy;
    }

    /** Whether what fails is kept aside or counted, rather than ending the run. */
    public boolean holdsFailures() {
        return policy.action() != FailedPolicy.Action.STOP;
    }

    /**
     * Settles a replay that a crash has cut off.
     *
     * @param replayed asks the destination for the newest replay that it has committed; only asked when there is something to settle
     */
    public void settle(LongSupplier replayed) {
        Optional<ReplayNote> open = store.replay();
        boolean committed =
                open.isPresent() && replayed.getAsLong() >= open.get().number();
        synchronized (this) {
            noted = false;
            replaying.clear();
            if (committed) {
                Set<EventPlace> loaded = new HashSet<>(open.get().places());
                changing(() -> {
                    bulk.mark(open.get().marks(), loaded);
                    bulk.replayed(loaded, List.of(), store::isParked); // what was given up since isn't counted twice
                });
                LOG.info("{}: {} failed events were replayed before the last run ended", pipeline, loaded.size());
            } else if (open.isPresent()) {
                store.forgetReplay();
            }
            index.outdated();
        }
    }

    /** Changes stored events otherwise than by putting new ones. */
    private void changing(Runnable work) {
        index.changing(() -> {
            work.run();
            return 0;
        });
    }

    /**
     * For a thread that gathers what follows {@code committedIndex}.
     *
     * @param suspects found in what it is to gather; none as a rule
     */
    public synchronized Sieve sieve(LoadRules rules, Suspects suspects, long committedIndex) {
        Blocked copy = index.blocked();
        if (index.counts().stored() > 0) {
            EventPlace last = new EventPlace(committedIndex + 1, 0);
            store.each(last.before(), copy::already);
        }
        return new Sieve(policy, rules, copy, suspects, clock, true);
    }

    /**
     * Stores what a window holds back, before the rest of it is committed; on disk when it returns. The same window may come again. Its events are
     * written first, all at once, and then, in steps, what it makes of those that were parked before: where that is cut off, the window that comes
     * again finds them parked still, and does the rest.
     *
     * @throws MillraceException RESOURCE FAILED_EVENTS_FULL when there is no more room; nothing was stored
     */
    public synchronized void park(Held held, long lastIndex) {
        if (held.isEmpty()) {
            return;
        }
        requireRoom(held);
        StateChanges changes = new StateChanges();
        for (Held.Event event : held.events()) {
            store.put(changes, event.event());
            store.putCopy(changes, event.event().place(), event.copy());
        }
        long discarded = store.putDiscarded(changes, held.discarded(), lastIndex);
        index.write(changes, totals -> totals.andParked(held.events().size()));
        index.discarded(discarded);
        if (held.marks().isEmpty()) {
            held.events().forEach(event -> index.add(event.event()));
        } else {
            changing(() -> bulk.mark(held.marks(), Set.of()));
        }
        held.events().forEach(event -> retries.parked(event.event()));
    }

    private void requireRoom(Held held) {
        if (index.counts().bytes() + held.bytes() > policy.maxBytes()) {
            throw MillraceException.resource(
                    "FAILED_EVENTS_FULL",
                    "Pipeline '" + pipeline + "' stops rather than lose a failed event",
                    index.counts().events() + " are parked with "
                            + index.counts().bytes() + " bytes, and " + held.bytes() + " more don't fit the limit of "
                            + policy.maxBytes(),
                    "See 'millrace failed list', mend the cause and replay or skip them, or raise 'failed.maxSize'; then start again.",
                    null);
        }
    }

    /** How many events behind {@code after} and up to {@code upTo} are in the store: they aren't lost where their window is. */
    public synchronized long kept(long after, long upTo) {
        return index.counts().stored() > 0 ? store.count(after, upTo) : 0;
    }

    /** Tells what a committed window came to. Throws where too many of the events fail. */
    public void applied(long events, Held held) {
        rate.add(events, held.failures(), pipeline);
    }

    /** Whether it may be time to replay something; quick. */
    public synchronized boolean worthLooking() {
        return retries.worthLooking() && index.counts().events() > 0;
    }

    /** Whether {@link #take} would give something. */
    public synchronized boolean anyDue(long upTo) {
        return !choose(upTo, 1, Long.MAX_VALUE).isEmpty();
    }

    /** Whether parked events are being replayed, or {@link #anyDue}. */
    public synchronized boolean isBusy(long upTo) {
        return !replaying.isEmpty() || anyDue(upTo);
    }

    private List<FailedEvent> choose(long upTo, int maxEvents, long maxBytes) {
        if (!retries.worthLooking()) {
            return List.of();
        }
        List<FailedEvent> chosen = List.of();
        boolean again = index.counts().events() > 0;
        while (again) {
            Selection selection = new Selection(retries, store.loadsStarted(), upTo, maxEvents, maxBytes);
            store.each(null, selection::offer);
            chosen = selection.taken();
            again = retries.fromTheFirst(selection.exhausted()) && chosen.isEmpty();
        }
        if (chosen.isEmpty()) {
            retries.foundNothing();
        }
        return chosen;
    }

    /**
     * What is to be replayed now, in order; empty when there is nothing.
     *
     * @param upTo the log index up to which all is applied: what is parked behind it belongs to a window that is still to come
     */
    public synchronized List<Replayable> take(long upTo, int maxEvents, long maxBytes) {
        List<Replayable> found = new ArrayList<>();
        for (FailedEvent event : choose(upTo, maxEvents, maxBytes)) {
            found.add(new Replayable(event, values(event.place())));
            replaying.add(event.place());
        }
        return found;
    }

    /** For the gathering of what was taken: blocked are the keys of those that were not. */
    public synchronized Sieve replaySieve(LoadRules rules, Suspects suspects, List<Replayable> taken) {
        Set<EventPlace> without = new HashSet<>();
        taken.forEach(one -> without.add(one.event().place()));
        Blocked others = Blocked.by(store.loadsStarted());
        store.each(null, event -> {
            if (!without.contains(event.place())) {
                others.add(event);
            }
        });
        return new Sieve(policy.parking(), rules, others, suspects, clock, false);
    }

    /** Notes, on disk, that the destination is about to commit replay {@code number} with all that was taken but what is still held. */
    public synchronized void replaying(long number, List<Replayable> taken, Held held) {
        Set<EventPlace> still = new HashSet<>(held.places());
        List<EventPlace> loaded = taken.stream()
                .map(one -> one.event().place())
                .filter(place -> !still.contains(place))
                .toList();
        StateChanges changes = new StateChanges();
        store.putReplay(changes, new ReplayNote(number, loaded, held.marks()));
        noted = true;
        store.write(changes);
    }

    /** The destination has committed it. */
    public synchronized void replayed(List<Replayable> taken, Held held) {
        Map<EventPlace, FailedEvent> still = new HashMap<>();
        held.events().forEach(event -> still.put(event.event().place(), event.event()));
        Set<EventPlace> loaded = new HashSet<>();
        List<FailedEvent> failedAgain = new ArrayList<>();
        boolean moved = false;
        retries.told();
        for (Replayable one : taken) {
            FailedEvent again = still.get(one.event().place());
            if (again == null) {
                retries.succeeded(one.event());
                loaded.add(one.event().place());
            } else {
                FailedEvent failed = retries.failedAgain(one.event(), again.failure());
                moved |= failed != one.event();
                failedAgain.add(failed);
            }
        }
        changing(() -> {
            bulk.mark(held.marks(), loaded);
            if (!held.marks().isEmpty()) {
                failedAgain.removeIf(event -> !store.isParked(event.place())); // it is obsolete by now
            }
            bulk.replayed(loaded, failedAgain, place -> true);
        });
        noted = false;
        replaying.clear();
        if (moved || !loaded.isEmpty()) {
            retries.look();
        } else {
            retries.foundNothing(); // or the same would be tried again at once, for ever
        }
        notifyAll();
        LOG.info("{}: {} failed events were replayed, {} stay parked", pipeline, loaded.size(), still.size());
    }

    /** The replay came to nothing: all that was taken is parked as before. */
    public synchronized void replayBroken() {
        noted = false;
        replaying.clear();
        store.forgetReplay();
    }

    /** The replay has ended without an answer: what was taken may be given up by somebody, unless it may be that the destination has it. */
    public synchronized void replayEnded() {
        if (!noted) {
            replaying.clear();
        }
    }

    /**
     * Asks for parked events to be replayed as soon as the consumer comes to it, together with those that have to go before them: none that
     * is meant would be tried while they stay.
     */
    public synchronized Asked replay(FailedFilter filter) {
        try {
            return index.changing(() -> bulk.ask(filter, replaying));
        } finally {
            retries.look();
        }
    }

    /** What keeps a parked event from being tried before others are. */
    public synchronized Waits waits(FailedEvent event) {
        return index.waits(event);
    }

    /** Gives parked events up: they are never loaded; returns how many. What waits behind them goes on. */
    public synchronized long skip(FailedFilter filter) {
        return change(
                filter,
                FailedTotals::andSkipped,
                (event, to) -> bulk.giveUp(event.with(FailedEvent.Status.SKIPPED), to));
    }

    /** Gives up what is too old, and warns before; to be called now and then. */
    public synchronized void tend() {
        expiry.warn(index.counts());
        if (replaying.isEmpty()) {
            if (index.counts().nextExpiryMillis() <= clock.millis()) {
                changing(expiry::expire);
                retries.look();
            }
            expiry.looked(index.counts());
        }
    }

    /** Whether an event that is too old at {@code millis} is so soon. */
    public boolean expiresSoon(long millis) {
        return expiry.soon(millis);
    }

    /** Its figures as they were known last; never waits. */
    public FailedCounts lastCounts() {
        return index.lastCounts();
    }

    /** Its figures now. */
    public synchronized FailedCounts counts() {
        return index.counts();
    }

    /** What is parked, by what failed. */
    public synchronized Map<FailedGroup, FailedGroup.Figures> groups() {
        return index.groups();
    }

    /** Waits until at most {@code events} are parked; false when the time is over first. */
    public synchronized boolean awaitAtMost(long events, long timeoutMillis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (counts().events() > events) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** At most {@code limit} events in order, from behind {@code after}; null: from the first. */
    public List<FailedEvent> list(FailedFilter filter, EventPlace after, int limit) {
        return store.list(filter, after, limit);
    }

    /** Empty when there is none. */
    public Optional<FailedEvent> find(EventPlace place) {
        return store.find(place);
    }

    /** The parked event itself, as a batch of its own. */
    public StoredBatch values(EventPlace place) {
        return EventCopy.decode(place, store.copy(place));
    }

    /** All of them are of an earlier beginning of the pipeline. */
    public synchronized void beginAgain() {
        change(
                FailedFilter.ALL,
                FailedTotals::andObsolete,
                (event, to) -> bulk.giveUp(event.with(FailedEvent.Status.OBSOLETE), to));
        changing(store::forgetLoads);
    }

    private long change(FailedFilter filter, FailedChanges.Counted counted, FailedChanges.Work work) {
        try {
            return index.changing(() -> bulk.change(filter, replaying, counted, work));
        } finally {
            retries.look();
        }
    }
}
