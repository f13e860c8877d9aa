package dev.millrace.consume.effect;

import java.util.Arrays;

/**
 * The versions that a window brings, in the order of the log: columns of primitives that grow. A version is a number from 0. Those of a key follow
 * on each other, whatever the source's clock did: none begins before the one before it has ended.
 */
final class Versions {
    private int[] rows = new int[64];
    private int[] keys = new int[64];
    private int[] origins = new int[64];
    /** When the source began it, and when it ended it without another version. */
    private long[] began = new long[64];

    private long[] ended = new long[64];
    private long[] from = new long[64];
    private long[] to = new long[64];
    private long[] sequences = new long[64];
    private boolean[] read = new boolean[64];
    private boolean[] dropped = new boolean[64];
    private int size;

    /** One that is current until another one of its key is added, or it is ended. */
    int add(int row, int key, int origin, long beganMicros, long sequence, boolean wasRead) {
        if (size == rows.length) {
            grow(size * 2);
        }
        rows[size] = row;
        keys[size] = key;
        origins[size] = origin;
        began[size] = beganMicros;
        ended[size] = Long.MIN_VALUE;
        sequences[size] = sequence;
        read[size] = wasRead;
        return size++;
    }

    void end(int version, long atMicros) {
        ended[version] = atMicros;
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

    /** Settles the times. A row that a load reads follows on none of the versions that it takes the place of. */
    void follow(int keyCount, boolean loading) {
        int[] open = new int[keyCount];
        long[] latest = new long[keyCount];
        Arrays.fill(open, HistoryEffect.NONE);
        Arrays.fill(latest, Long.MIN_VALUE);
        for (int version = 0; version < size; version++) {
            int key = keys[version];
            if (loading && read[version]) {
                open[key] = HistoryEffect.NONE;
                latest[key] = Long.MIN_VALUE;
            }
            from[version] = Math.max(began[version], latest[key]);
            to[version] = Long.MIN_VALUE;
            if (open[key] != HistoryEffect.NONE) {
                to[open[key]] = from[version];
            }
            open[key] = version;
            latest[key] = from[version];
            if (ended[version] != Long.MIN_VALUE) {
                to[version] = Math.max(ended[version], from[version]);
                open[key] = HistoryEffect.NONE;
                latest[key] = to[version];
            }
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
        began = Arrays.copyOf(began, capacity);
        ended = Arrays.copyOf(ended, capacity);
        from = Arrays.copyOf(from, capacity);
        to = Arrays.copyOf(to, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        read = Arrays.copyOf(read, capacity);
        dropped = Arrays.copyOf(dropped, capacity);
    }
}
