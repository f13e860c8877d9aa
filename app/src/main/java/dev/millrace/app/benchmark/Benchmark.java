package dev.millrace.app.benchmark;

import dev.millrace.app.Connectors;
import dev.millrace.app.pipeline.Closing;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.ingest.source.ChangeTrial;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamingSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Measures one pipeline's source, disk and destination. It may run beside the pipeline: it reads the object, and writes only what it makes
 * itself and removes again, also after a failure or when it is told to end.
 *
 * <p>{@link #run} once, on the caller's thread; {@link #close} from any.
 */
public final class Benchmark implements AutoCloseable {
    private static final double DISK_SECONDS = 1.5;
    private static final int MOST_CANDIDATES = 100;
    private static final long END_SECONDS = 30;

    private final MillraceConfig config;
    private final PipelineDefinition pipeline;
    private final BenchmarkOptions options;
    private final Consumer<String> talk;
    private final String name;
    private final Rounds rounds = new Rounds();
    private final List<Runnable> removals = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private Thread runner;
    private boolean closed;

    /**
     * @param pipeline as the user has it; nothing it names is changed
     * @param talk is told in a few words what is being measured
     */
    public Benchmark(
            MillraceConfig config, PipelineDefinition pipeline, BenchmarkOptions options, Consumer<String> talk) {
        this.config = config;
        this.pipeline = pipeline;
        this.options = options;
        this.talk = talk;
        String random = Integer.toString(new SplittableRandom().nextInt(1 << 28, 1 << 30), Character.MAX_RADIX);
        this.name = "bench_" + ProcessHandle.current().pid() + "_" + random;
    }

    /**
     * Measures everything that can be measured; what can't is told in the report.
     *
     * @throws MillraceException USER when there is no such object, or it has no rows; EXTERNAL when the source can't be reached; RESOURCE when
     *     there is no room for the benchmark's folder
     * @throws InterruptedException also when {@link #close} was called
     */
    public Report run() throws InterruptedException {
        synchronized (this) {
            if (closed || runner != null) {
                throw new InterruptedException("the benchmark was ended");
            }
            runner = Thread.currentThread();
        }
        try {
            return measured();
        } finally {
            boolean interrupted = Thread.interrupted(); // what was made is removed all the same
            try {
                remove();
            } finally {
                ended.countDown();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private Report measured() throws InterruptedException {
        Source source = Connectors.source(pipeline);
        later(source::close);
        if (!(source instanceof ChunkedSource)) {
            throw MillraceException.user(
                    "BENCH_UNSUPPORTED",
                    "Pipeline '" + pipeline.name() + "' can't be measured",
                    "its source can't be read in parts",
                    "");
        }
        SourceObject object = object(source);
        TrialFolder folder = TrialFolder.make(config.dataFolder(), "millrace_" + name);
        later(folder::close);
        List<String> leftOvers = new ArrayList<>(folder.removeLeftOvers());
        Optional<Scratch> scratch =
                Connectors.scratch(pipeline, "millrace_" + name, object.table().schema());
        scratch.ifPresent(place -> {
            later(place::close);
            rounds.tidying("left-overs at the destination", () -> leftOvers.addAll(place.removeLeftOvers()));
        });
        Optional<ChangeTrial> changes = source instanceof StreamingSource
                ? Connectors.changeTrial(pipeline, name, object.table().schema())
                : Optional.empty();
        changes.ifPresent(place -> {
            later(place::close);
            rounds.tidying("left-overs at the source", () -> leftOvers.addAll(place.removeLeftOvers()));
        });
        PipelineDefinition ours = new PipelineDefinition(
                name,
                pipeline.source(),
                List.of(object.table().toString()),
                pipeline.destination(),
                pipeline.load(),
                pipeline.guarantee(),
                Optional.empty());
        double seconds = (double) options.seconds() / options.rounds();
        DiskProbe disk = new DiskProbe(folder, config);
        try (Trial trial = new Trial(new Trial.Parts(config, ours, source, object, folder, scratch))) {
            talk.accept("looking at " + object.table());
            trial.size(options.rows(), seconds);
            for (int round = 0; round < options.rounds(); round++) {
                round(round, trial, disk, seconds);
            }
            if (changes.isPresent() && options.changes()) {
                rounds.trying("changes", () -> changes(ours, folder, changes.get(), scratch, seconds));
            }
            return report(object, trial, leftOvers);
        }
    }

    /** The object asked for, or the largest that has a row. */
    private SourceObject object(Source source) {
        if (options.object().isPresent()) {
            return source.select(List.of(options.object().get())).get(0);
        }
        Comparator<SourceObject> bySize =
                Comparator.comparingLong(SourceObject::estimatedBytes).thenComparingLong(SourceObject::estimatedRows);
        return source.select(pipeline.objects()).stream()
                .sorted(bySize.reversed())
                .limit(MOST_CANDIDATES)
                .filter(object -> !source.preview(object.table(), 1).isEmpty())
                .findFirst()
                .orElseThrow(() -> MillraceException.user(
                        "BENCH_NO_ROWS",
                        "Pipeline '" + pipeline.name() + "' can't be measured",
                        "none of its objects has a row",
                        "Put some rows into one of them."));
    }

    private void round(int round, Trial trial, DiskProbe disk, double seconds) throws InterruptedException {
        boolean baselineFirst = round % 2 == 1;
        double diskSeconds = Math.min(DISK_SECONDS, seconds);
        tell(round, Measure.DISK);
        rounds.take(Measure.DISK, baselineFirst, () -> disk.append(diskSeconds), () -> disk.write(diskSeconds));
        rounds.syncs(() -> disk.appends(diskSeconds), () -> disk.writes(diskSeconds));
        tell(round, Measure.SOURCE);
        Rounds.Run bare = trial.bare().isPresent() ? () -> trial.readBare(seconds) : null;
        rounds.take(Measure.SOURCE, baselineFirst, () -> trial.read(seconds), bare);
        tell(round, Measure.SOURCE_TO_LOG);
        rounds.take(Measure.SOURCE_TO_LOG, false, () -> trial.fill(seconds), null);
        rounds.sameBaseline(Measure.SOURCE, Measure.SOURCE_TO_LOG);
        if (trial.filled()) {
            tell(round, Measure.LOG_TO_DESTINATION);
            rounds.take(Measure.LOG_TO_DESTINATION, baselineFirst, () -> trial.load(seconds), trial::loadBare);
            tell(round, Measure.WHOLE_WAY);
            rounds.take(Measure.WHOLE_WAY, false, () -> trial.wholeWay(seconds), null);
            rounds.slowerBaseline(Measure.SOURCE, Measure.LOG_TO_DESTINATION, Measure.WHOLE_WAY);
        }
        trial.close();
    }

    private void changes(
            PipelineDefinition ours, TrialFolder folder, ChangeTrial trial, Optional<Scratch> scratch, double seconds)
            throws InterruptedException {
        talk.accept("making " + trial.table() + " and a slot for it at the source");
        try (Changes changes = new Changes(config, ours, folder, trial, scratch)) {
            for (int round = 0; round < options.rounds(); round++) {
                tell(round, Measure.CHANGES_TO_LOG);
                rounds.take(Measure.CHANGES_TO_LOG, false, () -> changes.toLog(seconds), () -> changes.bare(seconds));
                if (changes.hasDestination()) {
                    tell(round, Measure.CHANGES_TO_DESTINATION);
                    rounds.take(Measure.CHANGES_TO_DESTINATION, false, () -> changes.toDestination(seconds), null);
                    rounds.sameBaseline(Measure.CHANGES_TO_LOG, Measure.CHANGES_TO_DESTINATION);
                }
            }
            if (changes.hasDestination() && !rounds.leftOut(Measure.CHANGES_TO_DESTINATION)) {
                talk.accept("commit to visible");
                rounds.latency(() -> changes.delays(seconds));
            }
        }
    }

    private void tell(int round, Measure measure) {
        if (!rounds.leftOut(measure)) {
            talk.accept("round " + (round + 1) + " of " + options.rounds() + ": " + measure.title());
        }
    }

    private Report report(SourceObject object, Trial trial, List<String> leftOvers) {
        List<Figure> figures = rounds.figures();
        List<Delay> delays = rounds.delays();
        return new Report(
                pipeline.name(),
                object.table().toString(),
                trial.rows(),
                trial.rowBytes(),
                trial.logRowBytes(),
                options.rounds(),
                figures,
                delays,
                rounds.leftOut(),
                leftOvers,
                Verdict.of(figures, trial.logRowBytes(), Runtime.getRuntime().availableProcessors()));
    }

    private void later(Runnable removal) {
        synchronized (removals) {
            removals.add(0, removal);
        }
    }

    /** Everything that was made, the last first; each once. */
    private void remove() {
        List<Runnable> all;
        synchronized (removals) {
            all = List.copyOf(removals);
            removals.clear();
        }
        Closing.all(all.toArray(Runnable[]::new));
    }

    /** Ends a run and removes what it has made, in bounded time; idempotent. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = runner;
        }
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        if (ended.getCount() > 0) {
            running.interrupt();
        }
        try {
            if (!ended.await(END_SECONDS, TimeUnit.SECONDS)) {
                remove(); // whatever still holds it up
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
