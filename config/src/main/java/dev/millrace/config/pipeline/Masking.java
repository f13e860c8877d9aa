package dev.millrace.config.pipeline;

import dev.millrace.config.setting.Secret;
import java.util.Objects;

/**
 * How a value is hidden. Every way is deterministic: the same value and secret give the same mask, in every column, table and run. None
 * of them is encryption: nothing turns a mask back, and whoever has the secret can find a value by trying out the likely ones.
 */
public sealed interface Masking {
    /** So many characters a secret has at least: with fewer it could be tried out. */
    int LEAST_SECRET_CHARACTERS = 16;

    /** The most characters of a replacement. */
    int MOST_REPLACEMENT_CHARACTERS = 1_000;

    /** Whether two different values never get the same mask (for all practical purposes): only then it is fit for a key. */
    boolean distinct();

    /** SHA-256 of the salt and the value, 64 hexadecimal digits. */
    record Sha256(Secret salt) implements Masking {
        public Sha256 {
            requireLong(salt);
        }

        @Override
        public boolean distinct() {
            return true;
        }
    }

    /** HMAC-SHA-256 of the value, 64 hexadecimal digits. */
    record Hmac(Secret key) implements Masking {
        public Hmac {
            requireLong(key);
        }

        @Override
        public boolean distinct() {
            return true;
        }
    }

    /** Asterisks for all but the last characters; for all of them where the value is no longer than what would be kept. */
    record KeepLast(int characters) implements Masking {
        public KeepLast {
            if (characters < 1 || characters > MOST_REPLACEMENT_CHARACTERS) {
                throw new IllegalArgumentException("keeping " + characters + " characters");
            }
        }

        @Override
        public boolean distinct() {
            return false;
        }
    }

    /** Another digit for each digit, another letter for each letter; separators stay, and so does the length. */
    record KeepFormat(Secret key) implements Masking {
        public KeepFormat {
            requireLong(key);
        }

        @Override
        public boolean distinct() {
            return true;
        }
    }

    /** The same text for every value. */
    record Redact(String replacement) implements Masking {
        public Redact {
            if (replacement.length() > MOST_REPLACEMENT_CHARACTERS) {
                throw new IllegalArgumentException("a replacement of " + replacement.length() + " characters");
            }
        }

        @Override
        public boolean distinct() {
            return false;
        }
    }

    private static void requireLong(Secret secret) {
        Objects.requireNonNull(secret);
        if (!isLongEnough(secret)) {
            throw new IllegalArgumentException("a secret of fewer than " + LEAST_SECRET_CHARACTERS + " characters");
        }
    }

    /** Whether the secret may be used for masking. */
    static boolean isLongEnough(Secret secret) {
        return secret.reveal().length() >= LEAST_SECRET_CHARACTERS;
    }
}
