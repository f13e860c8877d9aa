package dev.millrace.ingest.engine;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.engine.LoadStatus.State;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.StateStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Query mode Full Load: every chosen object read whole, one after the other, each in one snapshot, between LOAD_STARTED and LOAD_COMPLETED,
 * so that it replaces what was there in one step. An interrupted run leaves no more than a load begun; the next run begins it again.
 *
 * <p>{@link #run} reads on the caller's thread; everything else is for any thread.
 */
public final class FullLoad {
    private static final long BUDGET_LOOK_MILLIS = 100;
    private static final long DURABLE_TIMEOUT_MILLIS = 60_000;

    private final String pipeline;
    private final Source source;
    private final List<String> objects;
    private volatile ObjectRequirement requirement = (objects, fresh) -> {};
    private final Topic topic;
    private final Stores stores;
    private final IngestOptions options;
    private final Counters counters = new Counters();
    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicLong consumed = new AtomicLong();
    private final Object signal = new Object();
    private volatile List<LoadStatus> tables = List.of();
    private volatile boolean stopped;
    private volatile boolean backPressure;
    private volatile String failure = "";

    /** {@code source} has to be a {@link ChunkedSource}. */
    public FullLoad(
            String pipeline,
            Source source,
            List<String> objects,
            Topic topic,
            StateStore state,
            IngestOptions options) {
        this(pipeline, source, objects, topic, Stores.of(pipeline, state), options);
    }

    FullLoad(String pipeline, Source source, List<String> objects, Topic topic, Stores stores, IngestOptions options) {
        if (!(source instanceof ChunkedSource)) {
            throw new IllegalArgumentException("the source of " + pipeline + " can't be read in snapshots");
        }
        this.pipeline = pipeline;
        this.source = source;
        this.objects = List.copyOf(objects);
        this.topic = topic;
        this.stores = stores;
        this.options = options;
    }

    /** Has the objects judged at the beginning of each run. */
    public void require(ObjectRequirement newRequirement) {
        requirement = newRequirement;
    }

    /**
     * Reads everything once.
     *
     * @return the last log index, which is durable
     * @throws MillraceException as {@link IngestEngine#run}
     * @throws InterruptedException also when {@link #stop} was called
     */
    public long run() throws InterruptedException {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException("the full load of " + pipeline + " is running");
        }
        try {
            failure = "";
            return read();
        } catch (StaleJobException e) {
            throw new InterruptedException("the full load of " + pipeline + " was stopped");
        } catch (RuntimeException | Error e) {
            failure = e instanceof MillraceException ? e.getMessage() : e.toString();
            throw e;
        } finally {
            backPressure = false;
            running.set(false);
        }
    }

    /** Ends {@link #run} at the next batch; the run throws InterruptedException. Idempotent. */
    public void stop() {
        stopped = true;
        synchronized (signal) {
            signal.notifyAll();
        }
    }

    /** The consumer is durably past this log index: the topic may be released up to it. */
    public void consumed(long index) {
        topic.release(consumed.accumulateAndGet(index, Math::max));
    }

    public IngestStatus status() {
        String state = running.get() ? backPressure ? "waiting" : "loading" : failure.isEmpty() ? "stopped" : "failed";
        String why = backPressure ? "the log has used up its disk budget" : failure;
        return new IngestStatus(
                state,
                why,
                counters.events(),
                counters.bytes(),
                "",
                tables,
                List.of(),
                topic.appendedIndex(),
                topic.durableIndex(),
                Long.MIN_VALUE,
                backPressure);
    }

    private long read() throws InterruptedException {
        List<SourceObject> chosen = source.select(objects);
        requirement.judge(chosen, false);
        LoadStatus[] progress = new LoadStatus[chosen.size()];
        for (int i = 0; i < progress.length; i++) {
            progress[i] = new LoadStatus(
                    chosen.get(i).table(), State.PENDING, 0, chosen.get(i).estimatedRows(), 0, 0);
        }
        tables = List.of(progress);
        String run = "full:" + stores.clock().millis();
        long last = topic.appendedIndex();
        try (ChunkReader reader = ((ChunkedSource) source).openChunkReader()) {
            for (int i = 0; i < progress.length; i++) {
                ObjectRead one = new ObjectRead(progress, i);
                last = one.read(reader, run);
            }
        }
        if (!topic.awaitDurable(last, DURABLE_TIMEOUT_MILLIS)) {
            throw MillraceException.resource(
                    "LOG_SLOW",
                    "The log of " + topic.name() + " could not be synced",
                    "the disk took longer than " + DURABLE_TIMEOUT_MILLIS + " ms",
                    "Check the disk.",
                    null);
        }
        return last;
    }

    /** One object on its way through. */
    private final class ObjectRead {
        private final LoadStatus[] progress;
        private final int place;
        private final BatchWriter writer = new BatchWriter();
        private final long startedAt = stores.clock().millis();
        private long rows;
        private long lastIndex;

        ObjectRead(LoadStatus[] progress, int place) {
            this.progress = progress;
            this.place = place;
        }

        long read(ChunkReader reader, String run) throws InterruptedException {
            tell(State.LOADING, 0);
            reader.begin();
            try {
                FaultPoint.AFTER_SNAPSHOT.pass();
                Schema schema =
                        stores.schemas().learn(progress[place].table(), reader.columns(progress[place].table()));
                writer.beginTransaction(0, Long.MIN_VALUE, run, 0);
                writer.control(Operation.LOAD_STARTED, writer.schema(schema));
                reader.read(schema, null, null, writer, options.batchBytes(), this::append);
                writer.control(Operation.LOAD_COMPLETED, writer.schema(schema));
                append();
            } finally {
                reader.end();
            }
            tell(State.LOADED, stores.clock().millis());
            return lastIndex;
        }

        private void append() {
            awaitBudget();
            if (stopped) {
                throw new StaleJobException();
            }
            EncodedBatch batch = writer.finish(stores.clock().millis(), true, true, OffsetDelta.NONE);
            lastIndex = topic.append(batch);
            rows += batch.header().eventCount();
            counters.read(batch.header().eventCount(), batch.header().rawLength());
            tell(State.LOADING, 0);
            FaultPoint.MID_CHUNK.pass();
            awaitWhile(topic::crowded); // the next row may be outsize, too
        }

        private void tell(State state, long endedAt) {
            LoadStatus before = progress[place];
            progress[place] = new LoadStatus(before.table(), state, rows, before.estimatedRows(), startedAt, endedAt);
            tables = List.of(progress);
        }
    }

    private void awaitBudget() {
        try {
            backPressure = topic.overBudget();
            awaitWhile(topic::overBudget);
        } finally {
            backPressure = false;
        }
    }

    private void awaitWhile(BooleanSupplier so) {
        try {
            synchronized (signal) {
                while (so.getAsBoolean() && !stopped) {
                    signal.wait(BUDGET_LOOK_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            // the reader's callback can't throw it; this ends the run as one
            throw new StaleJobException();
        }
    }
}
