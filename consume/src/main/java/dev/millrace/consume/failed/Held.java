package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.List;

/** What a window holds back: its parked events, and what it makes of those that were parked before. Gathered by one thread, then handed on. */
public final class Held {
    /** An event with its values. */
    record Event(FailedEvent event, byte[] copy) {}

    /**
     * Something that a table's parked events are to know.
     *
     * @param from parked events from this place
     * @param to and before this one
     * @param loadStarted they stay, but what comes from {@code to} on is a new content of the table that doesn't wait for them; else they are
     *     obsolete
     */
    record Mark(TableName table, long from, long to, boolean loadStarted) {
        boolean covers(FailedEvent event) {
            long place = event.place().packed();
            return event.parked() && event.table().equals(table) && place >= from && place < to;
        }

        /** Whether the load that began at {@link #to} is complete: what was before it is gone. */
        boolean endsLoad() {
            return !loadStarted && from == 0;
        }
    }

    private final List<Event> events = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private long failures;
    private long discarded;
    private long bytes;

    void add(FailedEvent event, byte[] copy) {
        events.add(new Event(event, copy));
        failures += event.failure().isBehind() ? 0 : 1;
        bytes += event.bytes();
    }

    void mark(Mark mark) {
        marks.add(mark);
    }

    void discard() {
        failures++;
        discarded++;
    }

    List<Event> events() {
        return events;
    }

    List<Mark> marks() {
        return marks;
    }

    /** Whether there is nothing to be stored. */
    public boolean isEmpty() {
        return events.isEmpty() && marks.isEmpty() && discarded == 0;
    }

    /** Events that failed themselves, discarded ones included. */
    public long failures() {
        return failures;
    }

    long discarded() {
        return discarded;
    }

    long bytes() {
        return bytes;
    }

    /** The places of its events. */
    public List<EventPlace> places() {
        return events.stream().map(event -> event.event().place()).toList();
    }
}
