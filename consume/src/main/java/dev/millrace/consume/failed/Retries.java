package dev.millrace.consume.failed;

import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * When failed events are tried again by themselves. Events that failed alike have one cause, as a rule: some of them are tried, at the start of a
 * process (the cause may have been mended by what was changed) and then ever more seldom; once one passes, the others follow. It is the turn of
 * others each time, since the first ones may be those that nothing has mended. Only those that lack a row of another table are tried each by
 * itself, and for the first time very soon. Guarded by its queue's lock.
 */
final class Retries {
    private static final long FIRST_MILLIS = TimeUnit.MINUTES.toMillis(1);
    private static final long SOON_MILLIS = TimeUnit.SECONDS.toMillis(1);
    private static final long LONGEST_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final long LOOK_MILLIS = TimeUnit.SECONDS.toMillis(30);

    private final Clock clock;
    private final Map<FailedGroup, Long> notBefore = new HashMap<>();
    /** The place up to which those of a group have had their turn. */
    private final Map<FailedGroup, Long> triedUpTo = new HashMap<>();
    /** How often in a row some of a group were tried, and none passed. */
    private final Map<FailedGroup, Integer> inVain = new HashMap<>();
    /** Groups of which some have failed, and some have passed, in the replay that is being told. */
    private final Set<FailedGroup> failedNow = new HashSet<>();

    private final Set<FailedGroup> passedNow = new HashSet<>();

    private final Set<FailedGroup> hopeful = new HashSet<>();
    private long lookAtMillis;

    Retries(Clock clock) {
        this.clock = clock;
    }

    boolean worthLooking() {
        return clock.millis() >= lookAtMillis;
    }

    /** Something has changed. */
    void look() {
        lookAtMillis = 0;
    }

    void foundNothing() {
        long now = clock.millis();
        long next = now + LOOK_MILLIS;
        for (long time : notBefore.values()) {
            next = time > now ? Math.min(next, time) : next; // of what is due, nothing was there to be tried
        }
        lookAtMillis = next;
    }

    void parked(FailedEvent event) {
        if (!event.failure().isBehind()) {
            long time = clock.millis() + firstMillis(event.failure());
            if (event.failure().mayPassSoon()) {
                soonest(event, time);
            } else {
                notBefore.putIfAbsent(FailedGroup.of(event), time);
            }
            lookAtMillis = Math.min(lookAtMillis, time);
        }
    }

    /** How long after it failed it is tried again for the first time. */
    static long firstMillis(Failure failure) {
        return failure.mayPassSoon() ? SOON_MILLIS : FIRST_MILLIS;
    }

    /** Somebody has asked for it. */
    static boolean wanted(FailedEvent event) {
        return event.course().nextTryMillis() == 0;
    }

    /** One like it has passed since. */
    boolean hopeful(FailedEvent event) {
        return hopeful.contains(FailedGroup.of(event));
    }

    /** Whether it, or one of its group for all of them, is to be tried by itself now. */
    boolean due(FailedEvent event) {
        Long time = notBefore.get(FailedGroup.of(event));
        if (time != null && forItself(event)) {
            return event.course().nextTryMillis() <= clock.millis();
        }
        return time == null || time <= clock.millis();
    }

    /** Whether its passing or failing says nothing about others that failed alike: each lacks a row of its own. */
    static boolean forItself(FailedEvent event) {
        return event.failure().mayPassSoon();
    }

    /** Whether it is its turn, of all that failed alike. */
    boolean isTurnOf(FailedEvent event) {
        return event.place().packed() > triedUpTo.getOrDefault(FailedGroup.of(event), -1L);
    }

    /**
     * All of these groups' events have had their turn: it is the first ones' again.
     *
     * @return whether there were any
     */
    boolean fromTheFirst(Set<FailedGroup> groups) {
        return triedUpTo.keySet().removeAll(groups);
    }

    /** What becomes of a replay is told next. */
    void told() {
        failedNow.clear();
        passedNow.clear();
    }

    private void soonest(FailedEvent event, long time) {
        long now = clock.millis();
        notBefore.merge(FailedGroup.of(event), time, (known, next) -> known <= now ? next : Math.min(known, next));
    }

    void succeeded(FailedEvent event) {
        if (!event.failure().isBehind()) {
            hopeful.add(FailedGroup.of(event));
            passedNow.add(FailedGroup.of(event));
            inVain.remove(FailedGroup.of(event));
        }
    }

    /** The event as it is parked on. */
    FailedEvent failedAgain(FailedEvent event, Failure failure) {
        if (failure.isBehind()) {
            return event;
        }
        FailedGroup group = FailedGroup.of(event);
        if (!passedNow.contains(group)) {
            hopeful.remove(group);
        }
        triedUpTo.merge(group, event.place().packed(), Math::max);
        int attempts = event.course().attempts() + 1;
        int rounds = failedNow.add(group) ? inVain.merge(group, 1, Integer::sum) : inVain.getOrDefault(group, 1);
        boolean cheap = failure.phase() == Failure.Phase.MAP; // one look at the table, which may be back
        long first = firstMillis(failure);
        long delay = cheap
                ? first
                : Math.min(
                        LONGEST_MILLIS, first << Math.min(20, Math.max(attempts - 1, forItself(event) ? 0 : rounds)));
        long next = clock.millis() + delay;
        FailedEvent.Course before = event.course();
        FailedEvent again = event.with(
                failure,
                new FailedEvent.Course(
                        before.status(), attempts, before.parkedAtMillis(), before.expiresAtMillis(), next));
        if (forItself(again)) {
            soonest(again, next);
        } else {
            notBefore.put(group, next);
            notBefore.put(FailedGroup.of(again), next);
        }
        return again;
    }
}
