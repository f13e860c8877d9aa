package dev.millrace.consume.failed;

import dev.millrace.config.error.MillraceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an event stands in its pipeline's log, which is also its id: the same however often it is read.
 *
 * @param logIndex its batch
 * @param row its number in the batch, from 0
 */
public record EventPlace(long logIndex, int row) implements Comparable<EventPlace> {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,12})-(\\d{1,8})");
    private static final int ROW_BITS = 24;
    private static final int MAX_ROW = (1 << ROW_BITS) - 1;
    private static final long MAX_INDEX = (1L << (Long.SIZE - 1 - ROW_BITS)) - 1;

    public EventPlace {
        if (logIndex < 0 || logIndex > MAX_INDEX || row < 0 || row > MAX_ROW) {
            throw new IllegalArgumentException("event " + logIndex + "-" + row);
        }
    }

    /** A number that orders as the places do. */
    long packed() {
        return logIndex << ROW_BITS | row;
    }

    static EventPlace of(long packed) {
        return new EventPlace(packed >>> ROW_BITS, (int) (packed & MAX_ROW));
    }

    /** A place that no event of this one's batch or a later one is at, and that is behind all others. */
    EventPlace before() {
        return of(Math.max(0, (logIndex << ROW_BITS) - 1));
    }

    /** Orders as the places do, as text. */
    String key() {
        return String.format("%016x", packed());
    }

    static EventPlace ofKey(String key) {
        return of(Long.parseUnsignedLong(key, 16));
    }

    /** @throws MillraceException USER FAILED_EVENT_ID */
    public static EventPlace parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()
                || Long.parseLong(matcher.group(1)) > MAX_INDEX
                || Integer.parseInt(matcher.group(2)) > MAX_ROW) {
            throw MillraceException.user(
                    "FAILED_EVENT_ID",
                    "'" + text + "' is no failed event's id",
                    "an id has the form 1532-17",
                    "See 'millrace failed list'.");
        }
        return new EventPlace(Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public int compareTo(EventPlace other) {
        return Long.compare(packed(), other.packed());
    }

    /** {@code logIndex-row}. */
    @Override
    public String toString() {
        return logIndex + "-" + row;
    }
}
