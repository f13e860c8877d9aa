package dev.millrace.storage.mask;

import dev.millrace.config.setting.Secret;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;

/**
 * Replaces each digit by a digit, each letter a-z by one, each letter A-Z by one, and each character beyond ASCII by one of the same 64 code
 * points (so a Greek letter stays Greek). Everything else stays: spaces, punctuation, symbols. Length and pattern are kept, in bytes too.
 *
 * <p>A Feistel network of ten rounds, as FF1 of NIST SP 800-38G has it, over the replaceable characters: the first half and the second
 * half in turns get a keystream added, character by character and each within its own range, that HMAC-SHA-256 makes of the round, the
 * pattern and the other half. Each round can be undone by whoever has the key, so within a pattern it is a permutation: two values never get
 * one mask. It is not FF1 (that has one range for all characters, and AES), and <em>not encryption</em>: four digits have only 10,000 values,
 * and equal values get equal masks, so who knows some pairs, or how often values occur, learns others.
 *
 * <p>The keystream, two bytes for each character, highest first, added modulo the character's range:
 *
 * <pre>
 *   P      = HMAC(255, the pattern: for each byte of the text 0 digit, 1 a-z, 2 A-Z, 3 the last byte of a replaceable character beyond
 *            ASCII, else the byte itself, with 4 added to what is below 4)
 *   K(r)   = HMAC(round r from 0, P, the other half: a byte for each character, its place within its range)
 *   stream = K(r), HMAC(254, 1 as four bytes, K(r)), HMAC(254, 2 as four bytes, K(r)) …
 * </pre>
 *
 * Confined to one thread.
 */
final class FormatMask implements Mask.Method {
    private static final int ROUNDS = 10;
    private static final int HASH_BYTES = 32;
    private static final int BLOCK_CHARACTERS = HASH_BYTES / 2;
    private static final int KEPT_BYTES = 1 << 20;
    private static final byte MORE = (byte) 254;
    private static final byte PATTERN = (byte) 255;

    private static final byte KEPT = -1;
    private static final byte DIGIT = 0;
    private static final byte LOWER = 1;
    private static final byte UPPER = 2;
    private static final byte BEYOND = 3;
    private static final int[] RANGE = {10, 26, 26, 64};
    private static final int[] FIRST = {'0', 'a', 'A', 0x80};

    private final Mac mac;
    private final byte[] patternHash = new byte[HASH_BYTES];
    private final byte[] roundHash = new byte[HASH_BYTES];
    private final byte[] stream = new byte[HASH_BYTES];
    private byte[] pattern = new byte[64];
    private byte[] places = new byte[64];
    private byte[] kinds = new byte[64];
    private int count;

    FormatMask(Secret key) {
        this.mac = HashMask.mac(key);
    }

    @Override
    public void mask(byte[] text, int offset, int length, MaskBuffer out) {
        if (pattern.length < length || pattern.length > KEPT_BYTES) {
            pattern = new byte[Math.max(64, length)];
            places = new byte[pattern.length];
            kinds = new byte[pattern.length];
        }
        analyse(text, offset, length);
        if (count > 0) {
            mac.update(PATTERN);
            mac.update(pattern, 0, length);
            hashInto(patternHash);
            int half = count / 2;
            for (int round = 0; round < ROUNDS; round++) {
                if ((round & 1) == 0) {
                    add(round, half, count, 0, half);
                } else {
                    add(round, 0, half, half, count);
                }
            }
        }
        int next = 0;
        for (int at = 0; at < length; at++) {
            boolean kept = pattern[at] < DIGIT || pattern[at] > BEYOND;
            out.put(kept ? text[offset + at] : (byte) (FIRST[pattern[at]] + places[next++]));
        }
    }

    /** The text's pattern, and the places of what is replaceable in it. */
    private void analyse(byte[] text, int offset, int length) {
        count = 0;
        int at = 0;
        while (at < length) {
            int first = text[offset + at] & 0xff;
            int bytes = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
            byte kind = bytes == 1 ? ascii(first) : KEPT;
            if (bytes > 1 && at + bytes <= length) {
                kind = beyond(text, offset + at, bytes);
            }
            int last = Math.min(at + bytes, length) - 1;
            for (; at <= last; at++) {
                byte value = text[offset + at];
                pattern[at] = value >= 0 && value <= BEYOND ? (byte) (value + BEYOND + 1) : value;
            }
            if (kind != KEPT) {
                pattern[last] = kind;
                kinds[count] = kind;
                places[count++] = (byte) ((text[offset + last] & 0xff) - FIRST[kind]);
            }
        }
    }

    private static byte ascii(int character) {
        if (character >= '0' && character <= '9') {
            return DIGIT;
        } else if (character >= 'a' && character <= 'z') {
            return LOWER;
        }
        return character >= 'A' && character <= 'Z' ? UPPER : KEPT;
    }

    /** Signs, symbols, marks of order and direction stay; by fixed ranges, since Java's tables change from release to release. */
    private static byte beyond(byte[] text, int at, int bytes) {
        if ((text[at + bytes - 1] & 0xc0) != 0x80) {
            return KEPT;
        }
        boolean kept;
        if (bytes == 2) {
            kept = (text[at] & 0xff) <= 0xc2;
        } else if (bytes == 3) {
            int block = (text[at] & 0x0f) << 12 | (text[at + 1] & 0x3f) << 6;
            kept = block >= 0x2000 && block < 0x2c00
                    || block == 0x3000
                    || block == 0xfe00
                    || block == 0xfec0
                    || block == 0xffc0;
        } else {
            int plane = (text[at] & 7) << 2 | (text[at + 1] & 0x30) >> 4;
            kept = plane == 14;
        }
        return kept ? KEPT : BEYOND;
    }

    /** Adds the round's keystream, made of the characters from {@code otherFrom}, to those from {@code from}. */
    private void add(int round, int from, int to, int otherFrom, int otherTo) {
        mac.update((byte) round);
        mac.update(patternHash);
        mac.update(places, otherFrom, otherTo - otherFrom);
        hashInto(roundHash);
        byte[] block = roundHash;
        for (int at = from; at < to; at++) {
            int inBlock = (at - from) % BLOCK_CHARACTERS;
            if (inBlock == 0 && at > from) {
                more((at - from) / BLOCK_CHARACTERS);
                block = stream;
            }
            int added = (block[2 * inBlock] & 0xff) << 8 | block[2 * inBlock + 1] & 0xff;
            places[at] = (byte) ((places[at] + added) % RANGE[kinds[at]]);
        }
    }

    private void more(int number) {
        mac.update(MORE);
        for (int shift = 24; shift >= 0; shift -= 8) {
            mac.update((byte) (number >>> shift));
        }
        mac.update(roundHash);
        hashInto(stream);
    }

    private void hashInto(byte[] result) {
        try {
            mac.doFinal(result, 0);
        } catch (ShortBufferException defect) {
            throw new IllegalStateException(defect);
        }
    }
}
