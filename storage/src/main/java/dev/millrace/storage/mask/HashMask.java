package dev.millrace.storage.mask;

import dev.millrace.config.setting.Secret;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * Hashes as 64 hexadecimal digits: SHA-256 (FIPS 180-4) of the salt's UTF-8 bytes followed by the value's, or HMAC-SHA-256 (RFC 2104) of the
 * value under the key's UTF-8 bytes. Confined to one thread.
 */
final class HashMask implements Mask.Method {
    private static final int HASH_BYTES = 32;

    /** Writes the hash of the text into {@code hash}. */
    private interface Hash {
        void of(byte[] text, int offset, int length, byte[] hash) throws DigestException, ShortBufferException;
    }

    private final Hash hash;
    private final byte[] result = new byte[HASH_BYTES];

    private HashMask(Hash hash) {
        this.hash = hash;
    }

    static HashMask sha256(Secret salt) {
        byte[] salted = salt.reveal().getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = digest();
        return new HashMask((text, offset, length, out) -> {
            digest.update(salted);
            digest.update(text, offset, length);
            digest.digest(out, 0, HASH_BYTES);
        });
    }

    static HashMask hmac(Secret key) {
        Mac mac = mac(key);
        return new HashMask((text, offset, length, out) -> {
            mac.update(text, offset, length);
            mac.doFinal(out, 0);
        });
    }

    /** HMAC-SHA-256 under the key's UTF-8 bytes. */
    static Mac mac(Secret key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    @Override
    public void mask(byte[] text, int offset, int length, MaskBuffer out) {
        try {
            hash.of(text, offset, length, result);
        } catch (DigestException | ShortBufferException defect) {
            throw new IllegalStateException(defect);
        }
        out.hex(result);
    }
}
