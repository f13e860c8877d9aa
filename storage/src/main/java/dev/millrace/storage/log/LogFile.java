package dev.millrace.storage.log;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * What is known of one file: which batches it holds, and where some of them begin, so that a reader need not walk all of it. Guarded by the
 * topic's lock.
 */
final class LogFile {
    private static final long INDEX_EVERY_BYTES = 1 << 20;

    private final Path path;
    private final Generation generation;
    private long firstIndex;
    private long lastIndex;
    private long newestMillis = Long.MIN_VALUE;
    private long usedBytes;
    private long[] indexes = new long[16];
    private long[] positions = new long[16];
    private int entries;

    LogFile(Path path, Generation generation) {
        this.path = path;
        this.generation = generation;
    }

    /** A batch stands at {@code position}, where its first excerpt's length word is, and ends at {@code end}. */
    void add(long index, long position, long end, long createdAtMillis) {
        if (firstIndex == 0) {
            firstIndex = index;
        }
        if (entries == 0 || position - positions[entries - 1] >= INDEX_EVERY_BYTES) {
            if (entries == indexes.length) {
                indexes = Arrays.copyOf(indexes, entries * 2);
                positions = Arrays.copyOf(positions, entries * 2);
            }
            indexes[entries] = index;
            positions[entries++] = position;
        }
        lastIndex = index;
        usedBytes = Math.max(usedBytes, end);
        newestMillis = Math.max(newestMillis, createdAtMillis);
    }

    /** Forgets what stands behind {@code index}. */
    void endAt(long index) {
        lastIndex = Math.min(lastIndex, index);
        while (entries > 0 && indexes[entries - 1] > index) {
            entries--;
        }
    }

    Path path() {
        return path;
    }

    Generation generation() {
        return generation;
    }

    /** 0 while it holds none. */
    long firstIndex() {
        return firstIndex;
    }

    long lastIndex() {
        return lastIndex;
    }

    long newestMillis() {
        return newestMillis;
    }

    /** Bytes up to the last batch's end. The file may be longer, but what is behind is a hole that takes no disk. */
    long usedBytes() {
        return usedBytes;
    }

    boolean holds(long index) {
        return firstIndex != 0 && index >= firstIndex && index <= lastIndex;
    }

    /** A place at or before the batch {@code index}, at which some batch begins; 0, the file's beginning, for its first. */
    long positionBefore(long index) {
        int place = Arrays.binarySearch(indexes, 0, entries, index);
        int entry = place >= 0 ? place : -place - 2;
        return entry <= 0 ? 0 : positions[entry];
    }
}
