package dev.millrace.storage.state;

import java.time.Instant;
import java.util.Objects;

/**
 * A transformation as it was deployed.
 *
 * @param number counts up per pipeline from 1
 * @param fromIndex the first log index it applies to
 * @param who the operating system's user who started the process
 * @param hash of the text, SHA-256, in hexadecimal digits
 * @param text opaque here; empty for none
 */
public record TransformVersion(int number, long fromIndex, String who, Instant when, String hash, byte[] text) {
    public TransformVersion {
        Objects.requireNonNull(who);
        Objects.requireNonNull(when);
        Objects.requireNonNull(hash);
        text = text.clone();
    }

    /** A copy. */
    @Override
    public byte[] text() {
        return text.clone();
    }
}
