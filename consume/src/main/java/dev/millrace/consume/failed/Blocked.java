package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import java.util.HashMap;
import java.util.Map;

/**
 * Which keys have parked events, so that later events of theirs wait; and which events are parked already, for windows that are read again.
 * Confined to one thread; {@link #copy} for another.
 */
final class Blocked {
    /** One table that has, or had, parked events. */
    static final class Table {
        private FirstPlaces first = new FirstPlaces();
        /** Of the key by which the digests in {@link #first} were made. */
        private long shape;
        /** From here on every event waits. */
        private long wholeFrom = FirstPlaces.NONE;
        /** The first of all parked events. */
        private long any = FirstPlaces.NONE;
        /** Where a load of the whole table began that has not ended; -1 when there is none. */
        private long loadStarted = -1;

        private Table copy() {
            Table copy = new Table();
            copy.first = new FirstPlaces(first);
            copy.shape = shape;
            copy.wholeFrom = wholeFrom;
            copy.any = any;
            copy.loadStarted = loadStarted;
            return copy;
        }

        private void clear() {
            first = new FirstPlaces();
            wholeFrom = FirstPlaces.NONE;
            any = FirstPlaces.NONE;
        }

        /** Whether a parked event before {@code place} makes all wait. */
        boolean whole(long place) {
            return wholeFrom < place;
        }

        boolean holdsAny() {
            return any != FirstPlaces.NONE;
        }

        long loadStarted() {
            return loadStarted;
        }

        /** The first parked event that an event of such keys has to wait for; {@link FirstPlaces#NONE}: it needn't. */
        long waitsFor(long keyShape, long[] keys, long place) {
            if (any >= place) {
                return FirstPlaces.NONE;
            }
            if (wholeFrom < place) {
                return wholeFrom;
            }
            if (keyShape != shape) {
                return any;
            }
            long front = FirstPlaces.NONE;
            for (long key : keys) {
                front = Math.min(front, first.get(key));
            }
            return front < place ? front : FirstPlaces.NONE;
        }

        /** What an event of the whole table has to wait for. */
        long waitsForAny(long place) {
            return any < place ? any : FirstPlaces.NONE;
        }

        void add(FailedEvent.Order order, long place) {
            boolean other = holdsAny() && order.shape() != shape;
            if (!holdsAny()) {
                shape = order.shape();
            }
            if (order.wholeTable() || other) {
                wholeFrom = Math.min(wholeFrom, place);
            }
            any = Math.min(any, place);
            for (long key : order.keys()) {
                first.add(key, place);
            }
        }

        /** A load of the whole table begins: what follows doesn't wait for what was before. */
        void loadStarted(long place) {
            clear();
            loadStarted = place;
        }

        void loadCompleted() {
            loadStarted = -1;
        }

        /** All its parked events have become obsolete. */
        void emptied() {
            clear();
        }
    }

    private final Map<TableName, Table> tables = new HashMap<>();
    /** What keeps later events behind those that are parked; null for the others. */
    private final Map<Long, FailedEvent.Order> already = new HashMap<>();

    private long alreadyUpTo = -1;

    Blocked copy() {
        Blocked copy = new Blocked();
        tables.forEach((name, table) -> copy.tables.put(name, table.copy()));
        copy.already.putAll(already);
        copy.alreadyUpTo = alreadyUpTo;
        return copy;
    }

    /** Nothing but loads of whole tables that are under way: where each began. */
    static Blocked by(Map<TableName, Long> loadsStarted) {
        Blocked blocked = new Blocked();
        loadsStarted.forEach((table, place) -> blocked.make(table).loadStarted(place));
        return blocked;
    }

    /** An event of the store. Where it isn't parked, or older than a load that is under way, nothing waits for it. */
    void add(FailedEvent event) {
        long place = event.place().packed();
        Table known = tables.get(event.table());
        if (event.parked() && (known == null || place >= known.loadStarted())) {
            make(event.table()).add(event.order(), place);
        }
    }

    /** Null where the table has none. */
    Table of(TableName table) {
        return tables.get(table);
    }

    Table make(TableName table) {
        return tables.computeIfAbsent(table, name -> new Table());
    }

    /** The event is in the store, whatever has become of it, and its window is read again. */
    void already(FailedEvent event) {
        already.put(event.place().packed(), event.parked() ? event.order() : null);
        alreadyUpTo = Math.max(alreadyUpTo, event.place().logIndex());
    }

    /**
     * Whether the event is in the store. Where it is parked, what follows waits for it from here on, though a TRUNCATE or the beginning of a load in
     * front of it has just taken all out that waited for the table's parked events.
     */
    boolean passesAlready(TableName table, EventPlace place) {
        if (place.logIndex() > alreadyUpTo || !already.containsKey(place.packed())) {
            return false;
        }
        FailedEvent.Order order = already.get(place.packed());
        if (order != null) {
            make(table).add(order, place.packed());
        }
        return true;
    }

    boolean hasAlready(long logIndex) {
        return logIndex <= alreadyUpTo;
    }

    /** Whether no event has to be looked at. */
    boolean isIdle() {
        return tables.isEmpty() && already.isEmpty();
    }
}
