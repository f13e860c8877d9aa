package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds out which parked events have to go before some that are meant: all is offered from the last to the first, so that what an event has
 * to wait for comes behind it. It errs on the side of too many, as {@link Blocked} does. Confined to one thread.
 */
final class Predecessors {
    /** What later events of a table wait for. */
    private static final class Wanted {
        private final Set<Long> keys = new HashSet<>();
        private long shape;
        private boolean all;

        void add(FailedEvent event) {
            FailedEvent.Order order = event.order();
            all |= !event.operation().hasCells() || !keys.isEmpty() && order.shape() != shape;
            shape = order.shape();
            for (long key : order.keys()) {
                keys.add(key);
            }
        }

        boolean needs(FailedEvent.Order order) {
            if (all || order.wholeTable() || order.shape() != shape) {
                return true;
            }
            for (long key : order.keys()) {
                if (keys.contains(key)) {
                    return true;
                }
            }
            return false;
        }
    }

    private final Map<TableName, Wanted> wanted = new HashMap<>();

    /** Whether one that was taken waits for it. */
    boolean needs(FailedEvent event) {
        Wanted later = wanted.get(event.table());
        return later != null && later.needs(event.order());
    }

    /** It is to be tried. */
    void take(FailedEvent event) {
        wanted.computeIfAbsent(event.table(), name -> new Wanted()).add(event);
    }
}
