package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.ingest.source.ChangeTrial;
import dev.millrace.ingest.source.StreamingSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The measurements on changes: a scratch table at the source, followed by the pipeline's real code through a slot of its own. Used by one thread;
 * owns its log, not the trial.
 */
final class Changes implements AutoCloseable {
    private static final int ROWS = 10_000;
    private static final int PER_TRANSACTION = 10;
    private static final int SLICE = 500;
    private static final long MOST_CHANGES = 200_000;
    private static final double PATIENCE_SECONDS = 60;
    private static final int BEATS = 200;
    private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long APPLIED_MILLIS = 10;

    private final PipelineDefinition definition;
    private final ChangeTrial trial;
    private final StreamingSource stream;
    private final TrialLog log;
    private final Optional<Destination> destination;
    private long count;
    private long unreadByBare;

    /** Makes the table, begins the stream, and loads what is there. */
    Changes(
            MillraceConfig config,
            PipelineDefinition pipeline,
            TrialFolder folder,
            ChangeTrial trial,
            Optional<Scratch> scratch)
            throws InterruptedException {
        this.trial = trial;
        this.stream = (StreamingSource) trial.source();
        this.definition = new PipelineDefinition(
                pipeline.name(),
                pipeline.source(),
                List.of(trial.table().toString()),
                pipeline.destination(),
                pipeline.load(),
                pipeline.guarantee(),
                Optional.empty());
        trial.make(ROWS);
        this.log = TrialLog.open(folder.run(), config, pipeline.name());
        try {
            catchUp();
            trial.keepForBare();
            this.destination = scratch.map(Scratch::fresh);
        } catch (RuntimeException | Error | InterruptedException e) {
            log.close();
            throw e;
        }
    }

    private long catchUp() throws InterruptedException {
        byte[] position = stream.currentPosition();
        try (IngestRun ingest = new IngestRun(definition, trial.source(), true, log)) {
            ingest.start();
            return ingest.awaitDurable(position, PATIENCE_SECONDS);
        }
    }

    /** Commits changes: the first time as many as there is time for, then as many again. */
    private void change(double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        long made = 0;
        while (made < MOST_CHANGES && (count == 0 ? System.nanoTime() - end < 0 : made < count)) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while changing " + trial.table());
            }
            trial.change(SLICE);
            made += (long) SLICE * PER_TRANSACTION;
        }
        count = made;
        unreadByBare += made;
    }

    /** The slot's changes into the log, all of them durable. */
    Sample toLog(double seconds) throws InterruptedException {
        change(seconds / 2);
        return Sample.of(() -> {
            catchUp();
            return new Sample.Carried(count, -1);
        });
    }

    /** The same changes as they come, dropped. */
    Sample bare(double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (4 * seconds * TimeUnit.SECONDS.toNanos(1));
        Sample sample = Sample.of(() -> new Sample.Carried(
                trial.readBare(
                        unreadByBare,
                        () -> System.nanoTime() - end < 0
                                && !Thread.currentThread().isInterrupted()),
                -1));
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while reading changes");
        }
        if (sample.rows() == 0) {
            throw MillraceException.external(
                    "BENCH_TOO_SLOW",
                    "The source's changes could not be read as they come",
                    "none of them came in " + Math.round(4 * seconds) + " s",
                    "Give it more --seconds.",
                    null);
        }
        unreadByBare -= sample.rows();
        return sample;
    }

    /** The slot's changes through the log into the destination. */
    Sample toDestination(double seconds) throws InterruptedException {
        Destination target = destination.orElseThrow();
        try (LoadRun load = new LoadRun(definition, target, log)) {
            load.start(); // what is in the log already
            load.awaitAll(log.topic().durableIndex(), PATIENCE_SECONDS);
        }
        change(seconds / 2);
        byte[] position = stream.currentPosition();
        return Sample.of(() -> {
            try (IngestRun ingest = new IngestRun(definition, trial.source(), true, log);
                    LoadRun load = new LoadRun(definition, target, log)) {
                ingest.start();
                load.start();
                load.awaitAll(ingest.awaitDurable(position, PATIENCE_SECONDS), PATIENCE_SECONDS);
                return new Sample.Carried(count, -1);
            }
        });
    }

    boolean hasDestination() {
        return destination.isPresent();
    }

    /** Nanoseconds from a commit's return to its being visible at the destination, one change at a time, everything else at rest. */
    long[] delays(double seconds) throws InterruptedException {
        long[] nanos = new long[BEATS];
        int taken = 0;
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        try (IngestRun ingest = new IngestRun(definition, trial.source(), true, log);
                LoadRun load = new LoadRun(definition, destination.orElseThrow(), log)) {
            ingest.start();
            load.start();
            load.awaitAll(ingest.awaitDurable(stream.currentPosition(), PATIENCE_SECONDS), PATIENCE_SECONDS);
            while (taken < BEATS && (taken == 0 || System.nanoTime() - end < 0)) {
                long events = load.events();
                trial.beat();
                long committed = System.nanoTime();
                awaitEvents(load, events + 1, committed);
                nanos[taken++] = System.nanoTime() - committed;
                LockSupport.parkNanos(BEAT_NANOS);
            }
        }
        return Arrays.copyOf(nanos, taken);
    }

    private static void awaitEvents(LoadRun load, long events, long since) throws InterruptedException {
        while (load.events() < events) {
            long applied = load.consumer().appliedIndex();
            if (load.events() < events) {
                load.consumer().awaitApplied(applied + 1, APPLIED_MILLIS);
            }
            load.requireAlive(since, PATIENCE_SECONDS);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
