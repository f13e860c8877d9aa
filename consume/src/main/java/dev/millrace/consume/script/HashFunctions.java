package dev.millrace.consume.script;

import dev.millrace.config.setting.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.ScriptableObject;

/**
 * {@code Hash}: {@code sha256(x)}, {@code sha512(x)}, {@code md5(x)} (RFC 1321, for what must match another system), and with the configured
 * secret, which no script can read, {@code secret(x)}: HMAC-SHA256. Of Bytes or of the text's UTF-8, as lower-case hexadecimal digits.
 */
final class HashFunctions {
    private final Optional<Secret> salt;

    HashFunctions(Optional<Secret> salt) {
        this.salt = salt;
    }

    void install(ScriptableObject scope, ScriptableObject hash) {
        digest(scope, hash, "sha256", "SHA-256");
        digest(scope, hash, "sha512", "SHA-512");
        digest(scope, hash, "md5", "MD5");
        Helpers.define(scope, hash, "secret", 1, (context, any, self, args) -> {
            if (salt.isEmpty()) {
                throw ScriptRuntime.typeError("Hash.secret needs a secret: set 'salt' beside the script");
            }
            return HexFormat.of().formatHex(hmac(salt.get(), bytes(args)));
        });
    }

    private static void digest(ScriptableObject scope, ScriptableObject hash, String name, String algorithm) {
        Helpers.define(scope, hash, name, 1, (context, any, self, args) -> {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance(algorithm).digest(bytes(args)));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        });
    }

    private static byte[] hmac(Secret secret, byte[] bytes) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] bytes(Object[] args) {
        return Helpers.argument(args, 0) instanceof BytesObject bytes
                ? bytes.bytes()
                : Helpers.text(args, 0).getBytes(StandardCharsets.UTF_8);
    }
}
