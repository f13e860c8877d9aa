package dev.millrace.consume.effect;

import dev.millrace.storage.batch.Cells;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers keys from 0 in the order they are first seen. An open-addressing hash table over the keys' encoded bytes, which are copied one
 * after the other into one array; nothing is allocated per key.
 */
final class KeyTable {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final int[] keyColumns;
    private byte[] keys = new byte[1024];
    private int keysEnd;
    private int[] starts = new int[64];
    private int[] hashes = new int[64];
    /** Key number + 1 by hash; 0 is free; a power of two, at most half full. */
    private int[] places = new int[128];

    private int size;

    KeyTable(int[] keyColumns) {
        this.keyColumns = keyColumns.clone();
    }

    int size() {
        return size;
    }

    /** The number of the key in {@code cells}, new ones get the next: {@link #size()} as it was. */
    int numberOf(Cells cells) {
        int start = keysEnd;
        int end = append(cells, start);
        int hash = hash(start, end);
        int mask = places.length - 1;
        int place = hash & mask;
        while (places[place] != 0) {
            int number = places[place] - 1;
            if (hashes[number] == hash && Arrays.equals(keys, starts[number], endOf(number), keys, start, end)) {
                return number;
            }
            place = (place + 1) & mask;
        }
        places[place] = size + 1;
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, size * 2);
            hashes = Arrays.copyOf(hashes, size * 2);
        }
        starts[size] = start;
        hashes[size] = hash;
        keysEnd = end;
        size++;
        if (size * 2 > places.length) {
            rehash();
        }
        return size - 1;
    }

    void clear() {
        size = 0;
        keysEnd = 0;
        Arrays.fill(places, 0);
    }

    private int endOf(int number) {
        return number + 1 < size ? starts[number + 1] : keysEnd;
    }

    private int append(Cells cells, int start) {
        int end = start;
        for (int column : keyColumns) {
            int length = cells.encodedLength(column);
            if (keys.length - end < length + 4) {
                keys = Arrays.copyOf(
                        keys, Math.max(Math.multiplyExact(keys.length, 2), Math.addExact(end, length + 4)));
            }
            if (keyColumns.length > 1) { // else ("ab","c") and ("a","bc") would be one key
                keys[end] = (byte) length;
                keys[end + 1] = (byte) (length >>> 8);
                keys[end + 2] = (byte) (length >>> 16);
                keys[end + 3] = (byte) (length >>> 24);
                end += 4;
            }
            System.arraycopy(cells.buffer(), cells.encodedOffset(column), keys, end, length);
            end += length;
        }
        return end;
    }

    private int hash(int start, int end) {
        long hash = 0x9E3779B97F4A7C15L ^ (end - start);
        int at = start;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(keys, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = (rest << 8) | (keys[at] & 0xFF);
        }
        hash = mix(hash ^ rest);
        return (int) (hash ^ (hash >>> 32));
    }

    /** The finaliser of MurmurHash3 (Austin Appleby, public domain). */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }

    private void rehash() {
        places = new int[Math.multiplyExact(places.length, 2)];
        int mask = places.length - 1;
        for (int number = 0; number < size; number++) {
            int place = hashes[number] & mask;
            while (places[place] != 0) {
                place = (place + 1) & mask;
            }
            places[place] = number + 1;
        }
    }
}
