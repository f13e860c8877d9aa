package dev.millrace.consume.failed;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.event.TableName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is found to be wrong with a window: events, and tables of which nothing can be loaded. They are held back when the window is gathered
 * again. Confined to one thread at a time.
 *
 * <p>An event is named by the source's table and its id: the rows of two tables' historical loads have the same ids. One that came of another by
 * a transformation has that one's id as its stem, and stands for it.
 */
public final class Suspects {
    private final Map<TableName, Map<String, Failure>> events = new HashMap<>();
    private final Map<TableName, Failure> tables = new HashMap<>();
    /** Those of {@link #tables} of which no historical load can begin either. */
    private final Set<TableName> alsoLoads = new HashSet<>();
    /** By table the keys of suspected events, once these have been met. */
    private final Map<TableName, Map<Long, Failure>> keys = new HashMap<>();

    private boolean strict;
    private int size;

    /** The event of the source's table with this id, or the one it came of. */
    public void add(TableName table, String eventId, Failure failure) {
        Map<String, Failure> ofTable = events.computeIfAbsent(table, name -> new HashMap<>());
        size += ofTable.putIfAbsent(eventId, failure) == null ? 1 : 0;
        for (int end = eventId.lastIndexOf(':'); end > 0; end = eventId.lastIndexOf(':', end - 1)) {
            ofTable.putIfAbsent(eventId.substring(0, end), failure);
        }
    }

    /** All of {@code others}. */
    public void addAll(Suspects others) {
        others.events.forEach((table, ids) -> ids.forEach((id, failure) -> add(table, id, failure)));
        others.tables.forEach((table, failure) -> add(table, failure, others.alsoLoads.contains(table)));
    }

    /**
     * Nothing of the source's table can be loaded.
     *
     * @param loadsToo nor can a historical load of it begin; else what follows the beginning of one isn't suspected
     */
    public void add(TableName table, Failure failure, boolean loadsToo) {
        size += tables.putIfAbsent(table, failure) == null ? 1 : 0;
        if (loadsToo) {
            size += alsoLoads.add(table) ? 1 : 0;
        }
    }

    /** From now on every event of a suspected event's key is suspected as well, those before it included. */
    public void strict() {
        strict = true;
    }

    /** How many there are; grows with every new one. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Why nothing of the table can be loaded; null where that isn't so. */
    Failure table(TableName table) {
        return tables.get(table);
    }

    /** Whether a historical load of the table would be refused, too. */
    boolean loadsToo(TableName table) {
        return alsoLoads.contains(table);
    }

    /** Why the reader's current event is suspected; null when it isn't. */
    Failure event(BatchReader reader, long[] touched) {
        TableName table = reader.schema().table();
        Map<String, Failure> ids = events.get(table);
        Failure failure = ids == null ? null : ids.get(reader.position() + ":" + reader.ordinal());
        if (failure != null) {
            Map<Long, Failure> known = keys.computeIfAbsent(table, name -> new HashMap<>());
            for (long key : touched) {
                known.putIfAbsent(key, failure);
            }
            return failure;
        }
        return strict ? ofKeys(table, touched) : null;
    }

    private Failure ofKeys(TableName table, long[] touched) {
        Map<Long, Failure> known = keys.getOrDefault(table, Map.of());
        for (long key : touched) {
            Failure failure = known.get(key);
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }
}
