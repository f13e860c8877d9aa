package dev.millrace.consume;

import dev.millrace.consume.destination.TablesApart;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Tables that are further on in the log than the pipeline is, because they were committed by themselves: what they have is passed over. Thread-safe.
 */
final class Ahead {
    /** By {@link #key}. */
    private volatile Map<String, Long> indexes = Map.of();

    /** Takes what the destination knows. */
    void ask(TablesApart destination) {
        now(destination.tablePositions());
    }

    /** What stands for a table at a destination; no two tables have the same. */
    static String key(TableName table) {
        return table.schema().length() + ":" + table.schema() + "." + table.name();
    }

    Map<String, Long> indexes() {
        return indexes;
    }

    /** Whether the table has what the log holds at {@code index}. */
    boolean has(TableName table, long index) {
        Map<String, Long> now = indexes;
        return !now.isEmpty() && now.getOrDefault(key(table), 0L) >= index;
    }

    /**
     * Cut where tables are further on than the pipeline. What one of them has is so never in a window with what it lacks: if that is refused, all
     * of the table's events in the window are held back, and one that it has would come twice.
     */
    List<Window> cut(Window window) {
        List<Window> pieces = new ArrayList<>(List.of(window));
        for (long index : new TreeSet<>(indexes.values())) {
            pieces.addAll(pieces.remove(pieces.size() - 1).cutBehind(index));
        }
        return pieces;
    }

    /** As it is from now on. */
    void now(Map<String, Long> changed) {
        indexes = Map.copyOf(changed);
    }

    /** The pipeline has come to {@code index}. */
    void passed(long index) {
        if (!indexes.isEmpty()) {
            Map<String, Long> left = new HashMap<>(indexes);
            left.values().removeIf(table -> table <= index);
            indexes = Map.copyOf(left);
        }
    }

    /** The furthest; 0 without any. */
    long furthest() {
        return indexes.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
}
