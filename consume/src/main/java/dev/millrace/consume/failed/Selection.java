package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses what to replay from all failed events, offered in order: what is wanted or due, and what waits for nothing but these. Confined to one
 * thread.
 */
final class Selection {
    private final Retries retries;
    private final Map<TableName, Long> loadsStarted;
    private final long upTo;
    private final int maxEvents;
    private final long maxBytes;
    private final List<FailedEvent> taken = new ArrayList<>();
    /** So many of those that failed alike are tried for all of them. */
    private static final int SAMPLE = 10;

    private final Map<FailedGroup, Integer> tried = new HashMap<>();
    /** Those of which some could be tried, but have had their turn. */
    private final Set<FailedGroup> exhausted = new HashSet<>();

    private final Blocked left = new Blocked();
    private long bytes;

    Selection(Retries retries, Map<TableName, Long> loadsStarted, long upTo, int maxEvents, long maxBytes) {
        this.retries = retries;
        this.loadsStarted = loadsStarted;
        this.upTo = upTo;
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
    }

    void offer(FailedEvent event) {
        long place = event.place().packed();
        // what is older than a load that is under way is obsolete as soon as that is complete
        if (!event.parked() || place < loadsStarted.getOrDefault(event.table(), 0L)) {
            return;
        }
        if (fits(event) && !waits(event, place) && isDue(event)) {
            taken.add(event);
            bytes += event.bytes();
        } else {
            left.make(event.table()).add(event.order(), place);
        }
    }

    private boolean fits(FailedEvent event) {
        return event.place().logIndex() <= upTo
                && (taken.isEmpty() || taken.size() < maxEvents && bytes + event.bytes() <= maxBytes);
    }

    private boolean waits(FailedEvent event, long place) {
        Blocked.Table table = left.of(event.table());
        if (table == null) {
            return false;
        }
        FailedEvent.Order order = event.order();
        long front = event.operation().hasCells()
                ? table.waitsFor(order.shape(), order.keys(), place)
                : table.waitsForAny(place);
        return front != FirstPlaces.NONE;
    }

    private boolean isDue(FailedEvent event) {
        if (event.failure().isBehind() || Retries.wanted(event) || retries.hopeful(event)) {
            return true;
        }
        if (!retries.due(event) || Retries.forItself(event)) {
            return retries.due(event);
        }
        FailedGroup group = FailedGroup.of(event);
        if (!retries.isTurnOf(event)) {
            exhausted.add(group);
            return false;
        }
        return tried.merge(group, 1, Integer::sum) <= SAMPLE;
    }

    /** Groups that are due, and all of which have had their turn. */
    Set<FailedGroup> exhausted() {
        Set<FailedGroup> all = new HashSet<>(exhausted);
        all.removeAll(tried.keySet());
        return all;
    }

    List<FailedEvent> taken() {
        return taken;
    }
}
