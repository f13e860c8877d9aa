package dev.millrace.consume.json;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.state.StateStore.Kind;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a pipeline has learned of its tables' documents, and how many elements each row's arrays have had at most, so that child rows which
 * a changed row no longer has can be deleted. Shapes are on disk before a row is made by them; counts when {@link #sync} returns, which is
 * before a window that needs them is committed. Both only grow, so that a repeated window finds at least what it left. Thread-safe.
 *
 * <p>Keys: {@code <pipeline>~json/shape/<schema>.<table>} and {@code <pipeline>~json/rows/<schema>.<table>/<hash of the row's key>}, whose value
 * is 4 bytes for each child table.
 */
public final class LearnedShapes {
    private static final int HASH_BYTES = 18;

    private final StateStore state;
    private final String prefix;
    private final Map<TableName, LearnedShape> shapes = new HashMap<>();
    private final Set<TableName> sources = ConcurrentHashMap.newKeySet();
    private boolean unsynced;

    /** Reads nothing yet. */
    public LearnedShapes(StateStore state, String pipeline) {
        this.state = state;
        this.prefix = pipeline + "~json/";
    }

    synchronized LearnedShape of(TableName table) {
        return shapes.computeIfAbsent(table, name -> state.get(Kind.SCHEMA, shapeKey(name))
                .map(bytes -> ShapeCodec.read(bytes, this::isClaimed))
                .orElseGet(() -> new LearnedShape(name, this::isClaimed)));
    }

    /**
     * Notes a table of the source, whose name no child table gets.
     *
     * @throws MillraceException USER JSON_TABLE_TWICE when one has got it already
     */
    synchronized void claim(TableName table) {
        for (LearnedShape shape : shapes.values()) {
            for (ChildTable child : shape.children) {
                if (child.table.equals(table)) {
                    throw MillraceException.user(
                            "JSON_TABLE_TWICE",
                            "Table " + table + " can't be taken over",
                            "arrays of table " + shape.table + " already go to a table of that name",
                            "Give one of the two another name in 'transform', or leave one out.");
                }
            }
        }
        sources.add(table);
    }

    boolean isClaimed(TableName table) {
        return sources.contains(table);
    }

    /** On disk when it returns; under the shape's monitor. */
    void store(LearnedShape shape) {
        state.write(new StateChanges().put(Kind.SCHEMA, shapeKey(shape.table), ShapeCodec.write(shape)), true);
    }

    private String shapeKey(TableName table) {
        return prefix + "shape/" + table;
    }

    /** The most elements that the row's arrays have had, by child table; shorter where the last of them have had none. */
    int[] counts(TableName table, String row) {
        ByteBuffer bytes = ByteBuffer.wrap(
                state.get(Kind.SCHEMA, prefix + "rows/" + table + "/" + row).orElse(new byte[0]));
        int[] counts = new int[bytes.remaining() / Integer.BYTES];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = bytes.getInt();
        }
        return counts;
    }

    synchronized void store(TableName table, String row, int[] counts) {
        ByteBuffer bytes = ByteBuffer.allocate(counts.length * Integer.BYTES);
        Arrays.stream(counts).forEach(bytes::putInt);
        state.write(new StateChanges().put(Kind.SCHEMA, prefix + "rows/" + table + "/" + row, bytes.array()), false);
        unsynced = true;
    }

    /** Everything stored is on disk when it returns. */
    synchronized void sync() {
        if (unsynced) {
            state.write(new StateChanges().put(Kind.SCHEMA, prefix + "synced", new byte[0]), true);
            unsynced = false;
        }
    }

    /** Names a row by its key. */
    static String row(Cells cells, int[] keyColumns) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int column : keyColumns) {
                int length = cells.encodedLength(column);
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
                digest.update(cells.buffer(), cells.encodedOffset(column), length);
            }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest.digest(), HASH_BYTES));
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
