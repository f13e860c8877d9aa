package dev.millrace.storage.testing;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages real captures: bits and bytes flipped, cut off, lengths replaced by extremes or by one too many, two captures spliced, parts
 * repeated, taken out, swapped or filled with noise; up to four of these at once. Stateless.
 */
public final class Mutator {
    /** No input grows beyond it by mutation. */
    public static final int MAX_BYTES = 64 << 10;

    private static final int[] EXTREMES = {
        0,
        1,
        -1,
        -2,
        2,
        0x7f,
        0x80,
        0xff,
        0x100,
        0x7fff,
        0x8000,
        0xffff,
        0x10000,
        0x7fffffff,
        0x80000000,
        0x7ffffff0,
        0x40000000,
        1_000_000,
        0x00ffffff,
        0xff000000
    };

    private Mutator() {}

    /** A damaged copy of one of {@code captures}; now and then whole. */
    public static byte[] mutate(List<byte[]> captures, SplittableRandom random) {
        byte[] bytes = any(captures, random).clone();
        for (int i = 1 + Integer.numberOfTrailingZeros(random.nextInt() | 8); i > 0; i--) {
            bytes = once(bytes, captures, random);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, List<byte[]> captures, SplittableRandom random) {
        if (bytes.length == 0) {
            return any(captures, random).clone();
        }
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(11)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> number(bytes, at, 4, EXTREMES[random.nextInt(EXTREMES.length)], random.nextBoolean());
            case 4 -> number(bytes, at, 2, EXTREMES[random.nextInt(EXTREMES.length)], random.nextBoolean());
            case 5 -> bytes[at] += (byte) (random.nextInt(9) - 4);
            case 6 -> {
                byte[] other = any(captures, random);
                return joined(bytes, at, other, other.length == 0 ? 0 : random.nextInt(other.length));
            }
            case 7 -> {
                return joined(bytes, at, bytes, random.nextInt(at + 1));
            }
            case 8 -> {
                return joined(bytes, at, bytes, at + random.nextInt(bytes.length - at + 1));
            }
            case 9 -> swap(bytes, at, random);
            default -> {
                int to = Math.min(bytes.length, at + 1 + random.nextInt(16));
                for (int i = at; i < to; i++) {
                    bytes[i] = (byte) random.nextInt();
                }
            }
        }
        return bytes;
    }

    private static byte[] any(List<byte[]> captures, SplittableRandom random) {
        return captures.get(random.nextInt(captures.size()));
    }

    private static void number(byte[] bytes, int at, int width, int value, boolean bigEndian) {
        for (int i = 0; i < width && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >>> 8 * (bigEndian ? width - 1 - i : i));
        }
    }

    /** The first {@code length} bytes of one, and the other from {@code from} on. */
    private static byte[] joined(byte[] first, int length, byte[] second, int from) {
        int rest = Math.min(second.length - from, Math.max(0, MAX_BYTES - length));
        byte[] all = Arrays.copyOf(first, length + rest);
        System.arraycopy(second, from, all, length, rest);
        return all;
    }

    private static void swap(byte[] bytes, int at, SplittableRandom random) {
        int other = random.nextInt(bytes.length);
        int length = Math.min(1 + random.nextInt(24), bytes.length - Math.max(at, other));
        for (int i = 0; i < length; i++) {
            byte kept = bytes[at + i];
            bytes[at + i] = bytes[other + i];
            bytes[other + i] = kept;
        }
    }
}
