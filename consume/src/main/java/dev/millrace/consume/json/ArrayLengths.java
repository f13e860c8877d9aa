package dev.millrace.consume.json;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The most elements that a row's arrays have had, by child table and by where the array stands. Only grows. Confined to one thread.
 *
 * <pre>
 * for each child table that any array of the row was in, by its place:
 *   4 the child table's place · 4 arrays, each: 4 for each index of the elements it is within, outermost first · 4 the most elements
 * </pre>
 */
final class ArrayLengths {
    private final Map<ChildTable, Map<IndexPath, Integer>> lengths = new LinkedHashMap<>();
    private boolean grown;

    static ArrayLengths decode(byte[] bytes, List<ChildTable> children) {
        ArrayLengths decoded = new ArrayLengths();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            ChildTable child = children.get(in.getInt());
            for (int arrays = in.getInt(); arrays > 0; arrays--) {
                IndexPath path = IndexPath.TOP;
                for (int level = 1; level < child.level; level++) {
                    path = path.then(in.getInt());
                }
                decoded.note(child, path, in.getInt());
            }
        }
        decoded.grown = false;
        return decoded;
    }

    byte[] encode() {
        int size = 0;
        for (Map.Entry<ChildTable, Map<IndexPath, Integer>> arrays : lengths.entrySet()) {
            size += 2 + arrays.getValue().size() * arrays.getKey().level;
        }
        ByteBuffer out = ByteBuffer.allocate(size * Integer.BYTES);
        lengths.forEach((child, arrays) -> {
            out.putInt(child.place).putInt(arrays.size());
            arrays.forEach((path, most) -> {
                for (int level = 0; level < path.length(); level++) {
                    out.putInt(path.at(level));
                }
                out.putInt(most);
            });
        });
        return out.array();
    }

    /** By where the arrays of the child table stood. */
    Map<IndexPath, Integer> of(ChildTable child) {
        return lengths.getOrDefault(child, Map.of());
    }

    void note(ChildTable child, IndexPath path, int elements) {
        Map<IndexPath, Integer> arrays = lengths.computeIfAbsent(child, any -> new LinkedHashMap<>());
        Integer before = arrays.get(path);
        if (before == null && elements > 0 || before != null && elements > before) {
            arrays.put(path, elements);
            grown = true;
        }
    }

    /** Whether anything was noted that is not stored. */
    boolean grown() {
        return grown;
    }
}
