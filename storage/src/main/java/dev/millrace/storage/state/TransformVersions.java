package dev.millrace.storage.state;

import dev.millrace.storage.state.StateStore.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Every transformation that was deployed to a pipeline; on disk when a call returns. Thread-safe where one thread adds. Keys: {@code
 * transform/<pipeline>/<number, 8 hex digits>}.
 *
 * <pre>
 * 1 byte   format, 1
 * 4 bytes  number, big-endian as all numbers
 * 8 bytes  the first log index it applies to
 * 8 bytes  when, milliseconds from 1970-01-01T00:00Z
 * text     who; a text is its length in bytes (4) and UTF-8
 * text     hash
 * 4 bytes  length, then as many bytes: the text
 * </pre>
 */
public final class TransformVersions {
    private static final byte FORMAT = 1;
    private static final int MOST = 100_000;

    private final StateStore store;
    private final String prefix;

    public TransformVersions(StateStore store, String pipeline) {
        this.store = Objects.requireNonNull(store);
        this.prefix = "transform/" + pipeline + "/";
    }

    /** In order, the oldest first. */
    public List<TransformVersion> all() {
        return store.list(Kind.PIPELINE, prefix, MOST).stream()
                .map(entry -> StateFormat.read(entry.getValue(), FORMAT, "transformation", TransformVersions::read))
                .toList();
    }

    public Optional<TransformVersion> latest() {
        List<TransformVersion> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** Keeps a version that applies from {@code fromIndex} on. */
    public TransformVersion add(long fromIndex, String who, Instant when, String hash, byte[] text) {
        int number = latest().map(TransformVersion::number).orElse(0) + 1;
        TransformVersion version = new TransformVersion(number, fromIndex, who, when, hash, text);
        String key = prefix + String.format("%08x", number);
        store.write(new StateChanges().put(Kind.PIPELINE, key, write(version)), true);
        return version;
    }

    private static byte[] write(TransformVersion version) {
        byte[] who = version.who().getBytes(StandardCharsets.UTF_8);
        byte[] hash = version.hash().getBytes(StandardCharsets.UTF_8);
        byte[] text = version.text();
        return ByteBuffer.allocate(1 + 4 + 8 + 8 + 4 + who.length + 4 + hash.length + 4 + text.length)
                .put(FORMAT)
                .putInt(version.number())
                .putLong(version.fromIndex())
                .putLong(version.when().toEpochMilli())
                .putInt(who.length)
                .put(who)
                .putInt(hash.length)
                .put(hash)
                .putInt(text.length)
                .put(text)
                .array();
    }

    private static TransformVersion read(ByteBuffer in) {
        int number = in.getInt();
        long fromIndex = in.getLong();
        Instant when = Instant.ofEpochMilli(in.getLong());
        String who = StateFormat.readText(in);
        String hash = StateFormat.readText(in);
        byte[] text = StateFormat.readText(in).getBytes(StandardCharsets.UTF_8);
        return new TransformVersion(number, fromIndex, who, when, hash, text);
    }
}
