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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

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
 * PIPELINE/l                   8 bytes: when it was last looked how old they are, milliseconds from 1970 UTC
 * </pre>
 *
 * The key is the associated data of what is sealed under it, so that no value passes for another. Numbers are big-endian.
 */
final class FailedStore {
    private static final int PAGE = 1_000;

    /** What was discarded by policy, counted up to a log index. */
    record Discarded(long upTo, long events) {}

    private final String pipeline;
    private final String prefix;
    private final StateStore state;
    private final KeyRing keys;

    FailedStore(String pipeline, StateStore state, KeyRing keys) {
        this.pipeline = pipeline;
        this.prefix = pipeline + "/";
        this.state = state;
        this.keys = keys;
    }

    String pipeline() {
        return pipeline;
    }

    /** Tells every event's figures in order, from behind {@code after}; null: from the first. */
    void each(EventPlace after, Consumer<FailedEvent> visitor) {
        each(after, Long.MAX_VALUE, visitor);
    }

    /** As the other, those before the place that {@code end} stands for. */
    void each(EventPlace after, long end, Consumer<FailedEvent> visitor) {
        String family = prefix + "m/";
        String last = after == null ? "" : family + after.key();
        while (true) {
            List<Map.Entry<String, byte[]>> page = state.list(Kind.FAILED_EVENT, family, last, PAGE);
            for (Map.Entry<String, byte[]> entry : page) {
                if (place(entry.getKey()).packed() >= end) {
                    return;
                }
                visitor.accept(decode(entry.getKey(), entry.getValue()));
                last = entry.getKey();
            }
            if (page.size() < PAGE) {
                return;
            }
        }
    }

    /** How many events there are behind a log index and up to another one. */
    long count(long after, long upTo) {
        long[] count = {0};
        each(
                new EventPlace(after + 1, 0).before(),
                event -> count[0] += event.place().logIndex() <= upTo ? 1 : 0);
        return count[0];
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
        return FailedEventCodec.decode(place(key), keys.open(sealed, key));
    }

    private static EventPlace place(String key) {
        return EventPlace.ofKey(key.substring(key.length() - 16));
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
     * @throws MillraceException USER FAILED_EVENT_GONE when it is no longer parked; RESOURCE FAILED_EVENT_DAMAGED when it is, and they are missing
     */
    byte[] copy(EventPlace place) {
        String key = body(place);
        byte[] sealed =
                state.get(Kind.FAILED_EVENT, key).orElseThrow(() -> isParked(place) ? damaged(place) : gone(place));
        return keys.open(sealed, key);
    }

    private static MillraceException damaged(EventPlace place) {
        return MillraceException.resource(
                "FAILED_EVENT_DAMAGED",
                "The failed event " + place + " can't be read",
                "its values are missing from the state store",
                "Put the 'rocksdb' folder of a checkpoint in 'state/checkpoints' in place of 'state/rocksdb', or skip it: millrace failed skip "
                        + place,
                null);
    }

    private static MillraceException gone(EventPlace place) {
        return MillraceException.user(
                "FAILED_EVENT_GONE",
                "The failed event " + place + " has no values any more",
                "it was replayed or given up just now",
                "See 'millrace failed list --events --given-up'.");
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

    /** No load is under way. Synced. */
    void forgetLoads() {
        StateChanges changes = new StateChanges();
        loadsStarted().keySet().forEach(table -> deleteLoadStarted(changes, table));
        write(changes);
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

    void putReplay(StateChanges changes, ReplayNote replay) {
        changes.put(Kind.FAILED_EVENT, prefix + "r", replay.encode());
    }

    void deleteReplay(StateChanges changes) {
        changes.delete(Kind.FAILED_EVENT, prefix + "r");
    }

    /** Synced. */
    void forgetReplay() {
        StateChanges changes = new StateChanges();
        deleteReplay(changes);
        write(changes);
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

    /** When somebody last looked at how old events are. Synced. */
    void writeLooked(long millis) {
        byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(millis).array();
        write(new StateChanges().put(Kind.FAILED_EVENT, prefix + "l", value));
    }

    /** Empty before the first time. */
    Optional<Long> looked() {
        return state.get(Kind.FAILED_EVENT, prefix + "l")
                .map(value -> ByteBuffer.wrap(value).getLong());
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
