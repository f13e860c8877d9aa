package dev.millrace.storage.crypto;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys of an installation: the newest seals, every one opens what it has sealed. Thread-safe.
 *
 * <pre>
 * sealed value
 *   0    1   format, 1
 *   1    4   key id: the first bytes of the key's SHA-256
 *   5   12   nonce, random
 *  17    n   ciphertext of AES-256-GCM
 *  17+n  16  tag, over the ciphertext and the associated data
 * </pre>
 */
public final class KeyRing {
    /** What sealing adds to a value's length. */
    public static final int OVERHEAD_BYTES = 33;

    static final int KEY_BYTES = 32;

    private static final byte FORMAT = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEAD_BYTES = 1 + Integer.BYTES + NONCE_BYTES;

    private final Map<Integer, SecretKeySpec> keys = new LinkedHashMap<>();
    private final int newest;
    private final SecureRandom random = new SecureRandom();

    /** @param keys of 32 bytes each, the newest last; at least one */
    KeyRing(List<byte[]> keys) {
        int last = 0;
        for (byte[] key : keys) {
            if (key.length != KEY_BYTES) {
                throw new IllegalArgumentException("a key of " + key.length + " bytes");
            }
            last = id(key);
            this.keys.put(last, new SecretKeySpec(key, "AES"));
        }
        if (this.keys.isEmpty()) {
            throw new IllegalArgumentException("no keys");
        }
        this.newest = last;
    }

    /**
     * Keys given from outside, 32 bytes each in base64 or hexadecimal, the newest last.
     *
     * @throws MillraceException USER KEY_INVALID when one is none; its text stands in no message
     */
    public static KeyRing of(List<Secret> texts) {
        List<byte[]> keys = new ArrayList<>();
        for (Secret text : texts) {
            keys.add(bytes(text.reveal().strip()));
        }
        return new KeyRing(keys);
    }

    private static byte[] bytes(String text) {
        try {
            byte[] key = text.length() == 2 * KEY_BYTES
                    ? HexFormat.of().parseHex(text)
                    : Base64.getDecoder().decode(text);
            if (key.length == KEY_BYTES) {
                return key;
            }
        } catch (IllegalArgumentException notEncoded) {
            // told below, without the text
        }
        throw MillraceException.user(
                "KEY_INVALID",
                "An encryption key can't be used",
                "it is not 32 bytes in base64 or hexadecimal",
                "Make one with 'openssl rand -base64 32' and refer to it by ${file:…} or ${env:…}.");
    }

    /** The number by which sealed values name a key. */
    private static int id(byte[] key) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(key))
                    .getInt();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Encrypts under the newest key. {@code associated} has to be the same when it is opened; it isn't stored. */
    public byte[] seal(byte[] plain, String associated) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keys.get(newest), nonce, associated);
            byte[] sealed = new byte[HEAD_BYTES + cipher.getOutputSize(plain.length)];
            ByteBuffer.wrap(sealed).put(FORMAT).putInt(newest).put(nonce);
            cipher.doFinal(plain, 0, plain.length, sealed, HEAD_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /**
     * Decrypts what {@link #seal} gave.
     *
     * @throws MillraceException RESOURCE: KEY_MISSING when it was sealed under a key that isn't here, SEALED_DAMAGED when a bit of it or of
     *     {@code associated} is another
     */
    public byte[] open(byte[] sealed, String associated) {
        if (sealed.length < OVERHEAD_BYTES || sealed[0] != FORMAT) {
            throw damaged(associated, null);
        }
        int id = ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt();
        SecretKeySpec key = keys.get(id);
        if (key == null) {
            throw MillraceException.resource(
                    "KEY_MISSING",
                    "The encrypted value '" + associated + "' can't be read",
                    "it was encrypted under the key " + HexFormat.of().toHexDigits(id) + ", which is not known here",
                    "Put the data folder's 'keys' file back, or give that key as 'previousKey' under 'encryption'.",
                    null);
        }
        byte[] nonce = Arrays.copyOfRange(sealed, HEAD_BYTES - NONCE_BYTES, HEAD_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, key, nonce, associated)
                    .doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES);
        } catch (AEADBadTagException e) {
            throw damaged(associated, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, String associated)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associated.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static MillraceException damaged(String associated, Exception cause) {
        return MillraceException.resource(
                "SEALED_DAMAGED",
                "The encrypted value '" + associated + "' can't be read",
                "it is not what was written",
                "Check the disk, and put a checkpoint in place of the state's 'rocksdb' folder.",
                cause);
    }
}
