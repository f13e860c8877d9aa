package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.StateOffsets;
import dev.millrace.storage.state.StateStore;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a streaming source into its topic: every change from the stream, and under it, without ever stopping the stream, the historical
 * load of every chosen table. Nothing is acknowledged to the source before it is durable in the topic; where the source stands is a view of
 * the topic, so that a crash at any point neither loses nor repeats a batch.
 *
 * <p>{@link #run} keeps the caller's thread; chunks are read by tasks on the executor, at most {@link IngestOptions#chunkWorkers} at a
 * time, each a bounded piece of work. The executor must not run tasks on the submitting thread. Everything else is for any thread.
 */
public final class IngestEngine {
    private static final Logger LOG = LoggerFactory.getLogger(IngestEngine.class);
    private static final long LOOK_MILLIS = 200;

    private final StreamSession.Parts parts;
    private final StreamingSource source;
    private final NewObjects newObjects;
    private final Executor chunkWorkers;
    private final ReloadRequests reloads;
    private final Counters counters = new Counters();
    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicLong consumed = new AtomicLong();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile StreamSession session;
    private volatile String failure = "";

    /**
     * @param pipeline its name, the key of what is kept in {@code state}
     * @param source has to be a {@link StreamingSource} and a {@link ChunkedSource}
     * @param objects the definition's names and patterns
     */
    public IngestEngine(
            String pipeline,
            Source source,
            List<String> objects,
            Topic topic,
            StateStore state,
            IngestOptions options,
            Executor chunkWorkers) {
        this(
                new StreamSession.Parts(
                        pipeline, source, List.copyOf(objects), topic, Stores.of(pipeline, state), options),
                chunkWorkers);
    }

    IngestEngine(StreamSession.Parts parts, Executor chunkWorkers) {
        if (!(parts.source() instanceof StreamingSource streaming) || !(parts.source() instanceof ChunkedSource)) {
            throw new IllegalArgumentException("the source of " + parts.pipeline() + " can't stream");
        }
        this.parts = parts;
        this.source = streaming;
        this.newObjects = new NewObjects(parts.pipeline(), parts.source(), parts.objects());
        this.chunkWorkers = chunkWorkers;
        this.reloads = new ReloadRequests(parts.stores().state(), parts.pipeline());
    }

    /**
     * Runs until {@link #stop}; everything appended is then durable. Callable again after it has thrown, and goes on where the log ends.
     *
     * @throws MillraceException EXTERNAL: the source is not there, call again later; USER: somebody has to act; RESOURCE: the log or the
     *     state store failed; INTERNAL: a defect
     */
    public void run() throws InterruptedException {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException("the engine of " + parts.pipeline() + " is running");
        }
        try {
            failure = "";
            session = newSession();
            runSessions(session);
        } catch (RuntimeException | Error e) {
            failure = e instanceof MillraceException ? e.getMessage() : e.toString();
            throw e;
        } finally {
            newObjects.rest();
            running.set(false);
        }
    }

    /** One behind the other, each with the objects that are new since the one before; which shows until the next one's stream is open. */
    private void runSessions(StreamSession first) throws InterruptedException {
        for (StreamSession next = first; next != null; ) {
            StreamSession current = next;
            boolean more = true;
            try {
                more = current.run(() -> session = current);
            } catch (MillraceException e) {
                if (current.book() != null || !newObjects.holdBack(e)) {
                    throw e;
                }
            }
            next = more ? newSession() : null;
        }
    }

    private StreamSession newSession() {
        return new StreamSession(parts, newObjects, chunkWorkers, reloads, counters, this::stopped, consumed::get);
    }

    /** Has objects judged, all at the beginning of a run, and those that are new to the pipeline before they join. */
    public void require(ObjectRequirement requirement) {
        newObjects.require(requirement);
    }

    /**
     * Forgets where the source stood, so that the next run begins with it anew and loads every table again; nothing in the topic up to {@code
     * past} is asked for again. Durable when it returns. No engine of the pipeline may run.
     */
    public static void beginAgain(String pipeline, StateStore state, long past) {
        StateOffsets offsets = new StateOffsets(state, pipeline);
        offsets.clear();
        byte[] seen = ByteBuffer.allocate(Long.BYTES).putLong(past).array();
        offsets.apply(new OffsetDelta(Map.of(ProgressCodec.SEEN, Optional.of(seen))), past);
        offsets.sync();
    }

    /** The objects that a pipeline ever had, as far as its state tells; empty where it has not run yet. */
    public static Set<TableName> known(String pipeline, StateStore state) {
        Stores stores = Stores.of(pipeline, state);
        Set<TableName> known = new TreeSet<>(stores.schemas().tables());
        stores.offsets().entries().keySet().forEach(entry -> ProgressCodec.loaded(entry)
                .ifPresent(known::add));
        return known;
    }

    /** Ends {@link #run} soon, also one that is still to come; returns at once. Idempotent. */
    public void stop() {
        stopping.countDown();
        StreamSession current = session;
        if (current != null) {
            current.wake();
        }
    }

    /** Loads the table again from the beginning, beside its old content; durable when it returns. A table that is not chosen is left alone. */
    public void reload(TableName table) {
        reloads.add(table);
    }

    /**
     * The consumer is durably past this log index: the topic may be released up to it. Never goes back. To be called again now and then, also
     * while the engine does not run: batches that are kept for a while are deleted by then.
     */
    public void consumed(long index) {
        long past = consumed.accumulateAndGet(index, Math::max);
        StreamSession current = session;
        if (current != null) {
            parts.topic().release(Math.min(past, current.releasable()));
        }
    }

    /**
     * A log index by which every chosen table is loaded and the stream has passed {@code position} (see {@link
     * StreamingSource#currentPosition}): a destination that has applied it holds at least what the source held then. Empty: not yet.
     */
    public OptionalLong caughtUp(byte[] position) {
        LoadBook book = book();
        long index = book == null ? -1 : caughtUp(book, position);
        return index < 0 ? OptionalLong.empty() : OptionalLong.of(index);
    }

    /** Waits until {@link #caughtUp}; false when the timeout came first or the engine was stopped. */
    public boolean awaitCaughtUp(byte[] position, long timeoutMillis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (caughtUp(position).isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0 || stopped()) {
                return false;
            }
            awaitLook(book(), position, Math.min(left, LOOK_MILLIS));
        }
        return true;
    }

    private void awaitLook(LoadBook book, byte[] position, long millis) throws InterruptedException {
        boolean there = book == null
                ? stopping.await(millis, TimeUnit.MILLISECONDS)
                : book.lock().await(() -> stopped() || caughtUp(book, position) >= 0, millis);
        LOG.trace("{}: looked whether it has caught up: {}", parts.pipeline(), there);
    }

    private long caughtUp(LoadBook book, byte[] position) {
        // asked in this order: a table leaves the requests only after the book has sent it back to its beginning
        return reloads.waiting().isEmpty() ? book.caughtUp(source, position) : -1;
    }

    private boolean stopped() {
        return stopping.getCount() == 0;
    }

    /** When the stream's thread last came round, by {@link System#nanoTime}; when the engine was made before the first time. Any thread. */
    public long lastSignOfLifeNanos() {
        return counters.aliveAtNanos();
    }

    /** Whether the stream is open, now. Any thread. */
    public boolean streaming() {
        return running.get() && book() != null;
    }

    /** Whether the stream was ever open. Any thread. */
    public boolean cameUp() {
        return counters.cameUp();
    }

    /** Never blocks for longer than an append takes. While the source has not been reached, tables are those last known. */
    public IngestStatus status() {
        StreamSession current = session;
        LoadBook book = book();
        byte[] offset = book == null ? null : book.streamOffset();
        boolean backPressure = running.get() && current != null && current.backPressure();
        String waiting = current == null ? "" : current.waiting();
        return new IngestStatus(
                state(book, waiting),
                running.get() ? waiting : failure,
                counters.events(),
                counters.bytes(),
                offset == null ? "" : source.describe(offset),
                book == null ? KnownLoads.read(parts.stores(), (ChunkedSource) parts.source()) : book.status(),
                newObjects.leftOut(),
                parts.topic().appendedIndex(),
                parts.topic().durableIndex(),
                counters.lastCommitMicros(),
                backPressure);
    }

    private String state(LoadBook book, String waiting) {
        if (!running.get()) {
            return failure.isEmpty() ? "stopped" : "failed";
        }
        if (book == null) {
            return "starting";
        }
        if (!waiting.isEmpty()) {
            return "waiting";
        }
        return book.allLoaded() ? "streaming" : "loading";
    }

    private LoadBook book() {
        StreamSession current = session;
        return current == null ? null : current.book();
    }
}
