package dev.millrace.storage.state;

import dev.millrace.storage.state.StateStore.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The run records of all pipelines, the newest {@value #KEPT} of each. Writes survive a killed process, not a power cut. Thread-safe.
 * Keys: {@code <pipeline>/<the greatest long minus the id, 16 hex digits>}, so that the newest stands first.
 *
 * <pre>
 * 1 byte   format, 1
 * 8 bytes  id, big-endian as all numbers
 * text     task; a text is its length in bytes (4) and UTF-8
 * text     pipeline
 * text     object
 * 8 bytes  started, milliseconds from 1970-01-01T00:00Z
 * 8 bytes  ended, the same; all ones when it has not
 * 8 bytes  rows read
 * 8 bytes  rows loaded
 * 8 bytes  bytes
 * 1 byte   outcome, its ordinal
 * text     reason
 * </pre>
 */
public final class Runs {
    private static final int KEPT = 1_000;
    private static final int MAX_REASON_CHARACTERS = 2_000;
    private static final byte FORMAT = 1;
    private static final long NOT_ENDED = -1;

    private final StateStore store;

    public Runs(StateStore store) {
        this.store = Objects.requireNonNull(store);
    }

    /** Records the start of a run and drops the pipeline's oldest record beyond the limit. */
    public synchronized Run begin(Run.Subject subject, Instant started) {
        List<Run> newest = newest(subject.pipeline(), 1);
        long id = newest.isEmpty() ? 1 : newest.get(0).id() + 1;
        Instant millis = Instant.ofEpochMilli(started.toEpochMilli());
        Run run = new Run(id, subject, millis, Optional.empty(), Run.Counts.NONE, Run.Outcome.RUNNING, "");
        StateChanges changes = new StateChanges().put(Kind.RUN, key(subject.pipeline(), id), write(run));
        if (id > KEPT) {
            changes.delete(Kind.RUN, key(subject.pipeline(), id - KEPT));
        }
        store.write(changes, false);
        return run;
    }

    /** Records counts while the run goes on. */
    public Run progress(Run run, Run.Counts counts) {
        return replace(
                new Run(run.id(), run.subject(), run.started(), run.ended(), counts, run.outcome(), run.reason()));
    }

    /** Records the end of a run; {@code reason} is shortened where it is too long. */
    public Run end(Run run, Instant ended, Run.Counts counts, Run.Outcome outcome, String reason) {
        String kept = reason.length() <= MAX_REASON_CHARACTERS
                ? reason
                : reason.substring(0, MAX_REASON_CHARACTERS - 1) + "…";
        Instant millis = Instant.ofEpochMilli(ended.toEpochMilli());
        return replace(new Run(run.id(), run.subject(), run.started(), Optional.of(millis), counts, outcome, kept));
    }

    /** A pipeline's records, newest first. */
    public List<Run> newest(String pipeline, int limit) {
        return store.list(Kind.RUN, pipeline + "/", limit).stream()
                .map(entry -> read(entry.getValue()))
                .toList();
    }

    /** For the start of a process: marks the pipeline's records that still run, which no process can be running, as LOST. */
    public synchronized void markLost(String pipeline, Instant now) {
        for (Run run : newest(pipeline, KEPT)) {
            if (run.outcome() == Run.Outcome.RUNNING) {
                end(run, now, run.counts(), Run.Outcome.LOST, "The process ended while it ran.");
            }
        }
    }

    /** Forgets a pipeline's records. */
    public void clear(String pipeline) {
        store.write(new StateChanges().deletePrefix(Kind.RUN, pipeline + "/"), false);
    }

    private synchronized Run replace(Run run) {
        String key = key(run.subject().pipeline(), run.id());
        // A run that outlived a thousand later ones has been dropped and stays so.
        if (store.get(Kind.RUN, key).isPresent()) {
            store.write(new StateChanges().put(Kind.RUN, key, write(run)), false);
        }
        return run;
    }

    private static String key(String pipeline, long id) {
        return pipeline + "/" + String.format("%016x", Long.MAX_VALUE - id);
    }

    static byte[] write(Run run) {
        byte[][] texts = {
            run.subject().task().getBytes(StandardCharsets.UTF_8),
            run.subject().pipeline().getBytes(StandardCharsets.UTF_8),
            run.subject().object().getBytes(StandardCharsets.UTF_8),
            run.reason().getBytes(StandardCharsets.UTF_8)
        };
        int length = 1 + 6 * Long.BYTES + 1;
        for (byte[] text : texts) {
            length += Integer.BYTES + text.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length).put(FORMAT).putLong(run.id());
        for (int i = 0; i < 3; i++) {
            out.putInt(texts[i].length).put(texts[i]);
        }
        out.putLong(run.started().toEpochMilli())
                .putLong(run.ended().map(Instant::toEpochMilli).orElse(NOT_ENDED));
        out.putLong(run.counts().rowsRead())
                .putLong(run.counts().rowsLoaded())
                .putLong(run.counts().bytes());
        return out.put((byte) run.outcome().ordinal())
                .putInt(texts[3].length)
                .put(texts[3])
                .array();
    }

    static Run read(byte[] value) {
        return StateFormat.read(value, FORMAT, "run record", Runs::readRun);
    }

    private static Run readRun(ByteBuffer in) {
        long id = in.getLong();
        Run.Subject subject =
                new Run.Subject(StateFormat.readText(in), StateFormat.readText(in), StateFormat.readText(in));
        Instant started = Instant.ofEpochMilli(in.getLong());
        long ended = in.getLong();
        Run.Counts counts = new Run.Counts(in.getLong(), in.getLong(), in.getLong());
        Run.Outcome outcome = Run.Outcome.values()[in.get()];
        Optional<Instant> end = ended == NOT_ENDED ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ended));
        return new Run(id, subject, started, end, counts, outcome, StateFormat.readText(in));
    }
}
