package dev.millrace.consume.json;

import java.util.Arrays;

/** Where an element stands: its index in the outermost array, in the array within that element, and so on. Immutable. */
final class IndexPath {
    /** Of an array that is in no other. */
    static final IndexPath TOP = new IndexPath(new int[0]);

    private final int[] indexes;

    IndexPath(int... indexes) {
        this.indexes = indexes.clone();
    }

    IndexPath then(int index) {
        int[] longer = Arrays.copyOf(indexes, indexes.length + 1);
        longer[indexes.length] = index;
        return new IndexPath(longer);
    }

    int length() {
        return indexes.length;
    }

    int at(int level) {
        return indexes[level];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexPath path && Arrays.equals(indexes, path.indexes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(indexes);
    }

    @Override
    public String toString() {
        return Arrays.toString(indexes);
    }
}
