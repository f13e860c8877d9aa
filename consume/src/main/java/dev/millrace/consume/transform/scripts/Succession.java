package dev.millrace.consume.transform.scripts;

import dev.millrace.consume.script.ScriptResult;
import dev.millrace.storage.event.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a script makes of a row before an update, and what of the row behind it: which of the new ones takes the place of which. One with the
 * same key does; the others take the places of rows whose keys are gone, in order. So no row is moved away from a key that another one has got,
 * whatever the order in which they are applied.
 *
 * @param gone rows that nothing takes the place of: to be deleted
 */
record Succession(List<ScriptResult> gone, List<Pair> pairs) {
    /** @param key what a row is known by, table and values; null where its table has no key */
    record Keyed(ScriptResult row, Object key) {}

    /** @param old null where the row is a further one, or had another table before */
    record Pair(ScriptResult old, ScriptResult now) {}

    static Succession of(List<Keyed> before, List<Keyed> after) {
        Set<Object> taken = new HashSet<>();
        after.stream().filter(Succession::stays).forEach(now -> taken.add(now.key()));
        Map<Object, ScriptResult> sameKey = new LinkedHashMap<>();
        List<ScriptResult> left = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (Keyed old : before) {
            if (old.key() == null) {
                left.add(old.row());
            } else if (taken.contains(old.key())) {
                sameKey.put(old.key(), old.row());
            } else if (seen.add(old.key())) {
                left.add(old.row());
            }
        }
        List<Pair> pairs = new ArrayList<>();
        for (Keyed now : after) {
            ScriptResult old = stays(now) ? sameKey.get(now.key()) : null;
            if (old == null && now.row().operation() == Operation.UPDATE) {
                old = takeOfTable(left, now.row());
            }
            pairs.add(new Pair(old, now.row()));
        }
        return new Succession(left, pairs);
    }

    private static boolean stays(Keyed now) {
        return now.key() != null && now.row().operation() != Operation.DELETE;
    }

    private static ScriptResult takeOfTable(List<ScriptResult> left, ScriptResult now) {
        for (int i = 0; i < left.size(); i++) {
            if (left.get(i).table().equals(now.table())) {
                return left.remove(i);
            }
        }
        return null;
    }
}
