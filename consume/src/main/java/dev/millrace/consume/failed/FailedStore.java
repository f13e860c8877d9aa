package dev.millrace.consume.failed;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.crypto.KeyRing;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.state.StateStore.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a pipeline's failed events are: in the state store, which is their only copy, so every write is synced. Thread-safe.
 *
 * <pre>
 * key                          value
 * PIPELINE/m/PLACE             a {@link FailedEvent}, sealed; PLACE is 16 hexadecimal digits
 * PIPELINE/e/PLACE             the event itself ({@link EventCopy}), sealed; missing where it is no longer parked
 * PIPELINE/t/SCHEMA\0TABLE     8 bytes: the place where the load began that is under way
 * PIPELINE/r                   the {@link ReplayNote} of the replay under way
 * PIPELINE/d                   8 bytes log index up to which discarded events are counted, 8 bytes how many
 * PIPELINE/c                   {@link FailedTotals}
 * </pre>
 *
 * The key is the associated data of what is sealed under it, so that no value passes for another. Numbers are big-endian.
 */
final class FailedStore {
    private static final Logger LOG = LoggerFactory.getLogger(FailedStore.class);
    private static final int PAGE = 1_000;

    /** What was discarded by policy, counted up to a log index. */
    record Discarded(long upTo, long events) {}

    private final String prefix;
    private final StateStore state;
    private final KeyRing keys;

    FailedStore(String pipeline, StateStore state, KeyRing keys) {
        this.prefix = pipeline + "/";
        this.state = state;
        this.keys = keys;
    }

    /** Tells every event's figures in order, from behind {@code after}; null: from the first. */
    void each(EventPlace after, Consumer<FailedEvent> visitor) {
        String family = prefix + "m/";
        String last = after == null ? "" : family + after.key();
        while (true) {
            List<Map.Entry<String, byte[]>> page = state.list(Kind.FAILED_EVENT, family, last, PAGE);
            for (Map.Entry<String, byte[]> entry : page) {
                visitor.accept(decode(entry.getKey(), entry.getValue()));
                last = entry.getKey();
            }
            if (page.size() < PAGE) {
                return;
            }
        }
    }

    /** Tells every event's figures, from the last to the first. */
    void eachBackwards(Consumer<FailedEvent> visitor) {
        String family = prefix + "m/";
        Deque<String> before = new ArrayDeque<>(); // each page's
        List<Map.Entry<String, byte[]>> page;
        String last = "";
        do {
            before.push(last);
            page = state.list(Kind.FAILED_EVENT, family, last, PAGE);
            last = page.isEmpty() ? last : page.get(page.size() - 1).getKey();
        } while (page.size() == PAGE);
        for (String from : before) {
            List<Map.Entry<String, byte[]>> entries = state.list(Kind.FAILED_EVENT, family, from, PAGE);
            for (int number = entries.size() - 1; number >= 0; number--) {
                visitor.accept(
                        decode(entries.get(number).getKey(), entries.get(number).getValue()));
            }
        }
    }

    /** At most {@code limit} events that {@code filter} accepts, in order, from behind {@code after}. */
    List<FailedEvent> list(FailedFilter filter, EventPlace after, int limit) {
        List<FailedEvent> found = new ArrayList<>();
        String family = prefix + "m/";
        String last = after == null ? "" : family + after.key();
        while (found.size() < limit) {
            List<Map.Entry<String, byte[]>> page = state.list(Kind.FAILED_EVENT, family, last, PAGE);
            for (Map.Entry<String, byte[]> entry : page) {
                FailedEvent event = decode(entry.getKey(), entry.getValue());
                if (filter.accepts(event) && found.size() < limit) {
                    found.add(event);
                }
                last = entry.getKey();
            }
            if (page.size() < PAGE) {
                break;
            }
        }
        return found;
    }

    private FailedEvent decode(String key, byte[] sealed) {
        EventPlace place = EventPlace.ofKey(key.substring(key.length() - 16));
        return FailedEventCodec.decode(place, keys.open(sealed, key));
    }

    Optional<FailedEvent> find(EventPlace place) {
        String key = meta(place);
        return state.get(Kind.FAILED_EVENT, key).map(value -> decode(key, value));
    }

    boolean isParked(EventPlace place) {
        return find(place).map(FailedEvent::parked).orElse(false);
    }

    /**
     * The event's own bytes.
     *
     * @throws MillraceException RESOURCE FAILED_EVENT_DAMAGED when they are missing
     */
    byte[] copy(EventPlace place) {
        String key = body(place);
        byte[] sealed = state.get(Kind.FAILED_EVENT, key)
                .orElseThrow(() -> MillraceException.resource(
                        "FAILED_EVENT_DAMAGED",
                        "The failed event " + place + " can't be read",
                        "its values are missing from the state store",
                        "Put a checkpoint in place of the state's 'rocksdb' folder, or skip it: millrace failed skip "
                                + place,
                        null));
        return keys.open(sealed, key);
    }

    void put(StateChanges changes, FailedEvent event) {
        String key = meta(event.place());
        changes.put(Kind.FAILED_EVENT, key, keys.seal(FailedEventCodec.encode(event), key));
    }

    void putCopy(StateChanges changes, EventPlace place, byte[] copy) {
        String key = body(place);
        changes.put(Kind.FAILED_EVENT, key, keys.seal(copy, key));
    }

    void deleteCopy(StateChanges changes, EventPlace place) {
        changes.delete(Kind.FAILED_EVENT, body(place));
    }

    void delete(StateChanges changes, EventPlace place) {
        deleteCopy(changes, place);
        changes.delete(Kind.FAILED_EVENT, meta(place));
    }

    void putLoadStarted(StateChanges changes, TableName table, long place) {
        changes.put(
                Kind.FAILED_EVENT,
                prefix + "t/" + table.schema() + "\0" + table.name(),
                ByteBuffer.allocate(Long.BYTES).putLong(place).array());
    }

    void deleteLoadStarted(StateChanges changes, TableName table) {
        changes.delete(Kind.FAILED_EVENT, prefix + "t/" + table.schema() + "\0" + table.name());
    }

    Map<TableName, Long> loadsStarted() {
        Map<TableName, Long> found = new HashMap<>();
        String family = prefix + "t/";
        for (Map.Entry<String, byte[]> entry : state.list(Kind.FAILED_EVENT, family, Integer.MAX_VALUE)) {
            String name = entry.getKey().substring(family.length());
            int end = name.indexOf('\0');
            found.put(
                    new TableName(name.substring(0, end), name.substring(end + 1)),
                    ByteBuffer.wrap(entry.getValue()).getLong());
        }
        return found;
    }

    /**
     * What marks make of the events that are stored, and of those that are being put: {@code held}.
     *
     * @param loaded aren't parked any more, though it isn't written yet
     * @return how many others are obsolete by them
     */
    long mark(StateChanges changes, List<Held.Mark> marks, List<Held.Event> held, Set<EventPlace> loaded) {
        Set<EventPlace> obsolete = new HashSet<>();
        marks.forEach(mark -> mark(changes, mark, held, obsolete));
        obsolete.removeAll(loaded);
        return obsolete.size();
    }

    private void mark(StateChanges changes, Held.Mark mark, List<Held.Event> held, Set<EventPlace> obsolete) {
        if (mark.loadStarted()) {
            putLoadStarted(changes, mark.table(), mark.to());
            return;
        }
        List<FailedEvent> affected = new ArrayList<>();
        each(null, event -> {
            if (mark.covers(event)) {
                affected.add(event);
            }
        });
        held.stream().map(Held.Event::event).filter(mark::covers).forEach(affected::add);
        for (FailedEvent event : affected) {
            put(changes, event.with(FailedEvent.Status.OBSOLETE));
            deleteCopy(changes, event.place());
            obsolete.add(event.place());
        }
        if (mark.endsLoad()) {
            deleteLoadStarted(changes, mark.table());
        }
        if (!affected.isEmpty()) {
            LOG.info(
                    "{}{}: {} failed events are obsolete, since the table was emptied or loaded again",
                    prefix,
                    mark.table(),
                    affected.size());
        }
    }

    void putReplay(StateChanges changes, ReplayNote replay) {
        changes.put(Kind.FAILED_EVENT, prefix + "r", replay.encode());
    }

    void deleteReplay(StateChanges changes) {
        changes.delete(Kind.FAILED_EVENT, prefix + "r");
    }

    Optional<ReplayNote> replay() {
        return state.get(Kind.FAILED_EVENT, prefix + "r").map(ReplayNote::decode);
    }

    /** A window that comes again isn't counted again; returns how many there were ever. */
    long putDiscarded(StateChanges changes, long events, long lastIndex) {
        Discarded before = discarded();
        if (events == 0 || lastIndex <= before.upTo()) {
            return before.events();
        }
        long all = before.events() + events;
        byte[] value = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(lastIndex)
                .putLong(all)
                .array();
        changes.put(Kind.FAILED_EVENT, prefix + "d", value);
        return all;
    }

    Discarded discarded() {
        return state.get(Kind.FAILED_EVENT, prefix + "d")
                .map(ByteBuffer::wrap)
                .map(bytes -> new Discarded(bytes.getLong(), bytes.getLong()))
                .orElse(new Discarded(0, 0));
    }

    void putTotals(StateChanges changes, FailedTotals totals) {
        changes.put(Kind.FAILED_EVENT, prefix + "c", totals.encode());
    }

    /** Empty before anything was counted. */
    Optional<FailedTotals> totals() {
        return state.get(Kind.FAILED_EVENT, prefix + "c").map(FailedTotals::decode);
    }

    /** On disk when the call returns. */
    void write(StateChanges changes) {
        if (!changes.changes().isEmpty()) {
            state.write(changes, true);
        }
    }

    private String meta(EventPlace place) {
        return prefix + "m/" + place.key();
    }

    private String body(EventPlace place) {
        return prefix + "e/" + place.key();
    }
}
