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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a pipeline has learned of its tables' documents, and how many elements each row's arrays have had at most, so that child rows which
 * a changed row no longer has can be deleted. Shapes are on disk before a row is made by them; counts when {@link #sync} returns, which is
 * before a window that needs them is committed. Both only grow, so that a repeated window finds at least what it left. Thread-safe.
 *
 * <p>Keys: {@code <pipeline>~json/shape/<schema>.<table>} and {@code <pipeline>~json/rows/<schema>.<table>/<hash of the row's key>} with
 * {@link ArrayLengths}.
 */
public final class LearnedShapes {
    private static final int HASH_BYTES = 18;

    private final Store state;
    private final String prefix;
    private final Map<TableName, LearnedShape> shapes = new HashMap<>();
    private final Set<TableName> sources = ConcurrentHashMap.newKeySet();
    private final Set<TableName> children = ConcurrentHashMap.newKeySet();
    private boolean unsynced;

    /** Where entries are kept. */
    private interface Store {
        Optional<byte[]> get(String key);

        void put(String key, byte[] value, boolean synced);
    }

    /** Reads nothing yet. */
    public LearnedShapes(StateStore state, String pipeline) {
        this(
                new Store() {
                    @Override
                    public Optional<byte[]> get(String key) {
                        return state.get(Kind.SCHEMA, key);
                    }

                    @Override
                    public void put(String key, byte[] value, boolean synced) {
                        state.write(new StateChanges().put(Kind.SCHEMA, key, value), synced);
                    }
                },
                pipeline);
    }

    private LearnedShapes(Store state, String pipeline) {
        this.state = state;
        this.prefix = pipeline + "~json/";
    }

    /**
     * Knows what the pipeline has learned, and learns on for itself alone: nothing is written.
     *
     * @param state empty for one that has learned nothing
     */
    public static LearnedShapes trial(Optional<StateStore> state, String pipeline) {
        Map<String, byte[]> own = new ConcurrentHashMap<>();
        return new LearnedShapes(
                new Store() {
                    @Override
                    public Optional<byte[]> get(String key) {
                        return Optional.ofNullable(own.get(key))
                                .or(() -> state.flatMap(stored -> stored.get(Kind.SCHEMA, key)));
                    }

                    @Override
                    public void put(String key, byte[] value, boolean synced) {
                        own.put(key, value);
                    }
                },
                pipeline);
    }

    synchronized LearnedShape of(TableName table) {
        return shapes.computeIfAbsent(table, name -> {
            Optional<LearnedShape> known =
                    state.get(shapeKey(name)).map(bytes -> ShapeCodec.read(bytes, this::isClaimed));
            known.ifPresent(this::noteChildren);
            return known.orElseGet(() -> new LearnedShape(name, this::isClaimed));
        });
    }

    private void noteChildren(LearnedShape shape) {
        shape.children.forEach(child -> children.add(child.table));
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
        noteChildren(shape);
        state.put(shapeKey(shape.table), ShapeCodec.write(shape), true);
    }

    private String shapeKey(TableName table) {
        return prefix + "shape/" + table;
    }

    /** The most elements that the row's arrays have had; under the shape's monitor. */
    ArrayLengths lengths(LearnedShape shape, String row) {
        return state.get(prefix + "rows/" + shape.table + "/" + row)
                .map(bytes -> ArrayLengths.decode(bytes, shape.children))
                .orElseGet(ArrayLengths::new);
    }

    synchronized void store(TableName table, String row, ArrayLengths lengths) {
        state.put(prefix + "rows/" + table + "/" + row, lengths.encode(), false);
        unsynced = true;
    }

    /** Whether the table is one of arrays' elements. */
    public boolean isChild(TableName table) {
        return children.contains(table);
    }

    /** Everything stored is on disk when it returns. */
    synchronized void sync() {
        if (unsynced) {
            state.put(prefix + "synced", new byte[0], true);
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
