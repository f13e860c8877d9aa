package dev.millrace.config.installation;

import dev.millrace.config.setting.Secret;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What parked events are encrypted with.
 *
 * @param key empty: a key of our own in the data folder's file {@code keys}
 * @param previousKey opens what was encrypted before the key was changed
 */
public record EncryptionConfig(Optional<Secret> key, Optional<Secret> previousKey) {
    public static final EncryptionConfig DEFAULT = new EncryptionConfig(Optional.empty(), Optional.empty());

    public EncryptionConfig {
        Objects.requireNonNull(key);
        Objects.requireNonNull(previousKey);
    }

    /** The keys that are given, the newest last. */
    public List<Secret> oldestFirst() {
        return Stream.of(previousKey, key).flatMap(Optional::stream).toList();
    }
}
