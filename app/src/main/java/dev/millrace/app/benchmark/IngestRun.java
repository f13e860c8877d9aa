package dev.millrace.app.benchmark;

import dev.millrace.app.task.WorkerPool;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.ingest.engine.FullLoad;
import dev.millrace.ingest.engine.IngestEngine;
import dev.millrace.ingest.engine.IngestOptions;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.StreamingSource;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Brings a source into a log as a pipeline does: by the engine where it streams, else by a full load. Used by one thread. */
final class IngestRun implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;
    private static final long STOP_MILLIS = 10_000;
    private static final long SYNC_MILLIS = 60_000;
    private static final int WORKERS = IngestOptions.defaults().chunkWorkers();

    private final TrialLog log;
    private final WorkerPool pool = new WorkerPool("bench-ingest", WORKERS, WORKERS);
    private final IngestEngine engine;
    private final FullLoad load;
    private final AtomicLong loadedIndex = new AtomicLong(-1);
    private final Background thread;

    IngestRun(PipelineDefinition definition, Source source, boolean streams, TrialLog log) {
        this.log = log;
        IngestOptions options = IngestOptions.defaults();
        if (streams) {
            engine = new IngestEngine(
                    definition.name(), source, definition.objects(), log.topic(), log.state(), options, pool);
            load = null;
            thread = new Background("bench-ingest", engine::run);
        } else {
            engine = null;
            load = new FullLoad(definition.name(), source, definition.objects(), log.topic(), log.state(), options);
            thread = new Background("bench-ingest", () -> loadedIndex.set(load.run()));
        }
    }

    void start() {
        thread.start();
    }

    /**
     * Waits until everything up to the position is durable in the log.
     *
     * @param position of a {@link StreamingSource}
     * @return the log index by which it is
     */
    long awaitDurable(byte[] position, double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        while (true) {
            OptionalLong index = reached(position);
            thread.throwFailure();
            if (index.isPresent() && log.topic().awaitDurable(index.getAsLong(), SYNC_MILLIS)) {
                return index.getAsLong();
            }
            if (System.nanoTime() - end >= 0) {
                throw MillraceException.external(
                        "BENCH_TOO_SLOW",
                        "The source could not be read into the log",
                        "it did not come to an end in " + Math.round(seconds) + " s",
                        "Ask for fewer --rows.",
                        null);
            }
        }
    }

    private OptionalLong reached(byte[] position) throws InterruptedException {
        if (engine == null) {
            if (!thread.ended()) {
                thread.await(LOOK_MILLIS);
            }
            return loadedIndex.get() < 0 ? OptionalLong.empty() : OptionalLong.of(loadedIndex.get());
        }
        return engine.awaitCaughtUp(position, LOOK_MILLIS) ? engine.caughtUp(position) : OptionalLong.empty();
    }

    /** Stops reading and waits for the end. */
    @Override
    public void close() {
        if (engine != null) {
            engine.stop();
        } else {
            load.stop();
        }
        try {
            thread.end(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pool.close();
        }
    }
}
