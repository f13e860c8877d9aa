package dev.millrace.consume.failed;

import java.util.Arrays;

/** For each key digest the first place at which it is held: an open-addressing table of two longs a key. Confined to one thread. */
final class FirstPlaces {
    /** No place; greater than all. */
    static final long NONE = Long.MAX_VALUE;

    private long[] keys = new long[16];
    private long[] places = new long[16];
    private int size;

    FirstPlaces() {
        Arrays.fill(places, NONE);
    }

    FirstPlaces(FirstPlaces other) {
        keys = other.keys.clone();
        places = other.places.clone();
        size = other.size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** {@link #NONE} where the key isn't held. */
    long get(long key) {
        return places[slot(key)];
    }

    /** Keeps the smaller place. */
    void add(long key, long place) {
        int slot = slot(key);
        if (places[slot] == NONE) {
            size++;
            keys[slot] = key;
        }
        places[slot] = Math.min(places[slot], place);
        if (size * 2 > keys.length) {
            grow();
        }
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) (key ^ key >>> 32) & mask;
        while (places[slot] != NONE && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldPlaces = places;
        keys = new long[oldKeys.length * 2];
        places = new long[oldKeys.length * 2];
        Arrays.fill(places, NONE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldPlaces[i] != NONE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                places[slot] = oldPlaces[i];
            }
        }
    }
}
