package dev.millrace.consume.effect;

import java.util.Arrays;

/** The versions that a window brings, in the order of the log: columns of primitives that grow. A version is a number from 0. */
final class Versions {
    private int[] rows = new int[64];
    private int[] keys = new int[64];
    private int[] origins = new int[64];
    private long[] from = new long[64];
    private long[] to = new long[64];
    private long[] sequences = new long[64];
    private boolean[] read = new boolean[64];
    private boolean[] dropped = new boolean[64];
    private int size;

    /** One that is current. */
    int add(int row, int key, int origin, long fromMicros, long sequence, boolean wasRead) {
        if (size == rows.length) {
            grow(size * 2);
        }
        rows[size] = row;
        keys[size] = key;
        origins[size] = origin;
        from[size] = fromMicros;
        to[size] = Long.MIN_VALUE;
        sequences[size] = sequence;
        read[size] = wasRead;
        return size++;
    }

    void end(int version, long atMicros) {
        to[version] = atMicros;
    }

    /**
     * A row that a historical load reads is the first of its versions: what changes had brought of it before is dropped.
     *
     * @param replaced by key: is set where that is so
     */
    void beginWithReads(boolean[] replaced) {
        for (int version = size - 1; version >= 0; version--) {
            dropped[version] = replaced[keys[version]];
            replaced[keys[version]] |= read[version];
        }
    }

    int size() {
        return size;
    }

    boolean dropped(int version) {
        return dropped[version];
    }

    int row(int version) {
        return rows[version];
    }

    /** As in {@link HistoryEffect}. */
    int origin(int version) {
        return origins[version];
    }

    long from(int version) {
        return from[version];
    }

    /** {@link Long#MIN_VALUE} while current. */
    long to(int version) {
        return to[version];
    }

    long sequence(int version) {
        return sequences[version];
    }

    private void grow(int capacity) {
        rows = Arrays.copyOf(rows, capacity);
        keys = Arrays.copyOf(keys, capacity);
        origins = Arrays.copyOf(origins, capacity);
        from = Arrays.copyOf(from, capacity);
        to = Arrays.copyOf(to, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        read = Arrays.copyOf(read, capacity);
        dropped = Arrays.copyOf(dropped, capacity);
    }
}
