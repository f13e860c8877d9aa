package dev.millrace.ingest.gate;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.setting.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals the keys that a historical load remembers (the bounds of its chunks, rows to read again) for tables with masked columns: they may hold
 * clear values, and are stored. AES-256-GCM under a key made of the mask's secret; 12 bytes nonce, then the sealed bytes. Immutable.
 */
final class KeySeal {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;

    private KeySeal(SecretKeySpec key) {
        this.key = key;
    }

    /** Empty for a rule without a mask that a key could have. */
    static Optional<KeySeal> of(BeforeLog.Rule rule) {
        return new TreeMap<>(rule.masks())
                .values().stream()
                        .flatMap(mask -> secret(mask).stream())
                        .findFirst()
                        .map(KeySeal::of);
    }

    private static Optional<Secret> secret(Masking masking) {
        if (masking instanceof Masking.Sha256 sha) {
            return Optional.of(sha.salt());
        } else if (masking instanceof Masking.Hmac hmac) {
            return Optional.of(hmac.key());
        }
        return masking instanceof Masking.KeepFormat format ? Optional.of(format.key()) : Optional.empty();
    }

    private static KeySeal of(Secret secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] derived = mac.doFinal("millrace: keys of a historical load".getBytes(StandardCharsets.UTF_8));
            return new KeySeal(new SecretKeySpec(derived, "AES"));
        } catch (GeneralSecurityException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** Null stays null. */
    byte[] seal(byte[] clear) {
        if (clear == null) {
            return null;
        }
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(clear);
            byte[] whole = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, whole, NONCE_BYTES, sealed.length);
            return whole;
        } catch (GeneralSecurityException defect) {
            throw new IllegalStateException(defect);
        }
    }

    /**
     * Null stays null.
     *
     * @throws MillraceException EXTERNAL when it was sealed under another secret: the load is about to begin again
     */
    byte[] open(byte[] sealed) {
        if (sealed == null) {
            return null;
        }
        try {
            byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
            return cipher(Cipher.DECRYPT_MODE, nonce).doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
        } catch (GeneralSecurityException | IllegalArgumentException notOurs) {
            throw MillraceException.external(
                    "BEFORE_LOG_SECRET",
                    "A historical load can't go on where it was",
                    "the masks of 'beforeLog' have another secret than when it began",
                    "It begins again by itself; if it does not, run 'millrace reload' for the table.",
                    notOurs);
        }
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }
}
