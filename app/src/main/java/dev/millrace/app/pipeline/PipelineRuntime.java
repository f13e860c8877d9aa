package dev.millrace.app.pipeline;

import dev.millrace.app.task.TaskResult;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.ConsumeStatus;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.ingest.engine.IngestEngine;
import dev.millrace.ingest.source.Source;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.log.TopicName;
import dev.millrace.storage.state.Positions;
import dev.millrace.storage.state.Runs;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipeline at work: its topic, what feeds it ({@link IngestSide}) and what empties it. A failure that someone has to mend stops the side
 * it befell, never the other: changes go on into the log while a destination is down, and what is in the log goes on to the destination while
 * a source is down. Thread-safe.
 */
public final class PipelineRuntime implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineRuntime.class);
    private static final Duration CHORE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration STUCK_AFTER = Duration.ofMinutes(15);
    private static final long STOP_MILLIS = 10_000;

    private final PipelineDefinition definition;
    private final Source source;
    private final Destination destination;
    private final Services services;
    private final Health health;
    private final FailedQueue failed;
    private final ObjectChoices mapping;
    private Topic topic;
    private volatile IngestSide ingest;
    private volatile Consumer consumer;
    private LoadSide loading;
    private boolean closed;

    public PipelineRuntime(PipelineDefinition definition, Source source, Destination destination, Services services) {
        this.definition = definition;
        this.source = source;
        this.destination = destination;
        this.services = services;
        this.health = new Health(definition.name());
        this.failed = new FailedQueue(
                definition.name(), services.state(), services.keys(), definition.failed(), services.clock());
        this.mapping = new ObjectChoices(
                definition, services.state(), failed, destination::naming, this::loadIfStarted, this::loadAgain);
    }

    public String name() {
        return definition.name();
    }

    /** The topic a pipeline's events go through. */
    public static TopicName topicName(String team, String pipeline) {
        return new TopicName(team, pipeline, TopicName.Mode.REALTIME);
    }

    /**
     * Opens the log, takes up what was asked for meanwhile, and starts both sides; call once.
     *
     * @throws MillraceException RESOURCE when the log can't be opened
     */
    public synchronized void start() {
        LoadSide.count(name(), failed);
        new Runs(services.state()).markLost(name(), services.clock().instant());
        topic = services.log().open(topicName(services.team(), name()));
        topic.damage().ifPresent(damage -> LoadSide.report(name(), damage));
        Wishes wishes = new Wishes(services.state(), name());
        if (wishes.beginAgain()) {
            forget();
        }
        startSides();
        services.timers().join(name(), definition.destination(), this::load);
        health.note(wishes.takeUp(this::reload));
        mapping.loadAwaited();
        LOG.info("pipeline {}: started at log index {}", name(), topic.durableIndex());
    }

    /** As {@link #start}, but a failure leaves a pipeline that shows it, so that others of the same process go on. */
    public synchronized void startOrShowWhyNot() {
        try {
            start();
        } catch (MillraceException e) {
            LOG.error("pipeline {}: not started: {}", name(), e.getMessage(), e);
            health.failed("start", e);
        }
    }

    public PipelineDefinition definition() {
        return definition;
    }

    /** The log, to be read beside the sides; throws USER when it has not been opened. */
    public synchronized Topic log() {
        if (topic == null) {
            throw notStarted();
        }
        return topic;
    }

    private MillraceException notStarted() {
        return MillraceException.user(
                "PIPELINE_NOT_STARTED",
                "Pipeline '" + name() + "' has not started",
                health.why(),
                "Mend that, and start again.");
    }

    private void startSides() {
        consumer = LoadSide.consumer(definition, destination, topic, failed, mapping.choices(), services);
        ingest = IngestSide.of(definition, source, topic, services, consumer.transformationUnused());
        IngestSide reading = ingest;
        Consumer applying = consumer;
        LoadSide load = LoadSide.of(definition, applying, failed, topic, services.state(), reading, health);
        loading = load;
        health.running();
        submit("ingest", reading.endless(), reading::run);
        if (load.runsAtOnce()) {
            submit("load", !load.scheduled(), load::run);
        }
        submit(PipelineTask.CHORE, false, () -> {
            reading.consumed(applying.appliedIndex());
            failed.tend();
            return TaskResult.again(0, CHORE_INTERVAL);
        });
    }

    /**
     * Begins again from nothing: what the source keeps for us is dropped and made anew, the log begins a new generation behind everything the
     * destination has applied, and every object is loaded again. Readers of the destination see the old rows until the new ones are whole.
     * This is the way on after changes were lost: a slot dropped or invalidated, a damaged log, an old backup of the data folder.
     */
    public synchronized void beginAgain() {
        if (topic == null) {
            throw notStarted();
        }
        Wishes wishes = new Wishes(services.state(), name());
        wishes.add(Wishes.BEGIN_AGAIN); // a crash half-way through leaves it to the next start
        stopSides();
        try {
            forget();
            wishes.clear();
        } finally {
            startSides();
        }
        LOG.info("pipeline {}: begins again behind log index {}", name(), topic.appendedIndex());
    }

    private void forget() {
        long past = LoadSide.furthest(topic, destination);
        source.removeTraces();
        topic.restartAfter(past);
        new Positions(services.state()).beginAgain(name(), past);
        mapping.choices().reloadAllAsked();
        IngestEngine.beginAgain(name(), services.state(), past);
        failed.beginAgain();
    }

    /** Its failed events; from any thread, also while it isn't started. */
    public FailedQueue failedEvents() {
        return failed;
    }

    /** Something was done about failed events: where loading has stopped, or waits for its schedule, it goes on. */
    public synchronized void loadAgain() {
        if (loading != null && !closed && (scheduled() || health.troubled("load"))) {
            if (!services.overseer().hasten(name() + "/load")) {
                submit("load", !loading.scheduled(), loading::run);
            }
        }
    }

    private void submit(String task, boolean endless, PipelineTask.Work work) {
        var pools = services.pools();
        var pool =
                switch (task) {
                    case "ingest" -> pools.ingest();
                    case "load" -> pools.load();
                    default -> pools.maintenance();
                };
        PipelineTask.Listener listener = new PipelineTask.Listener(
                startedAt -> signOfLife(task, startedAt),
                () -> progress(task),
                failure -> health.failed(task, failure),
                (failure, delay) -> health.retrying(task, failure, delay));
        PipelineTask.Work watched = () -> {
            long before = progress(task);
            health.started(task, () -> gettingOn(task) || progress(task) > before);
            return work.run();
        };
        services.overseer().require(new PipelineTask(name(), task, pool, endless, STUCK_AFTER, watched, listener));
    }

    private long signOfLife(String task, long startedAtNanos) {
        return switch (task) {
            case "ingest" -> ingest.lastSignOfLifeNanos();
            case "load" -> consumer.lastSignOfLifeNanos();
            default -> startedAtNanos;
        };
    }

    private long progress(String task) {
        return switch (task) {
            case "ingest" -> ingest.cameUp() ? topic.appendedIndex() : -1;
            case "load" -> consumer.cameUp() ? consumer.appliedIndex() : -1;
            default -> 0;
        };
    }

    private boolean gettingOn(String task) {
        return switch (task) {
            case "ingest" -> ingest.gettingOn();
            case "load" -> consumer.status().state() == ConsumeStatus.State.IDLE;
            default -> true;
        };
    }

    /**
     * Loads a table again, under the stream; readers see the old rows until the new ones are whole. Where it is missing at the destination it
     * is made again.
     */
    public synchronized void reload(TableName table) {
        if (ingest == null) {
            throw notStarted();
        }
        ingest.requireKnown(name(), table);
        mapping.reloadAsked(table);
        health.note("");
        load(table);
    }

    private synchronized void loadIfStarted(TableName table) {
        if (ingest != null) {
            load(table);
        }
    }

    private void load(TableName table) {
        if (!ingest.reload(table) && !services.overseer().hasten(name() + "/ingest")) {
            submit("ingest", ingest.endless(), ingest::run);
        }
    }

    /** What becomes of its objects at the destination; from any thread, also while it isn't started. */
    public ObjectChoices mapping() {
        return mapping;
    }

    /**
     * Has what is in the log now loaded, on a destination with a schedule, whose times it leaves as they are; where a load is under way another
     * follows. Nothing happens where it is loaded in real time.
     *
     * @throws MillraceException USER PIPELINE_NOT_STARTED; what has stopped the loading until someone acts
     */
    public synchronized void loadNow() {
        if (loading == null || closed) {
            throw notStarted();
        }
        if (health.ended("load")) {
            throw health.end().orElseGet(this::notStarted);
        }
        load();
    }

    /** A load is due. */
    private synchronized void load() {
        if (loading != null && loading.scheduled() && !closed && !health.ended("load")) {
            loading.begin(() -> submit("load", false, loading::run));
        }
    }

    /** Whether it is loaded when its schedule says so, not in real time. */
    public boolean scheduled() {
        return definition.destination().loading().schedule().isPresent();
    }

    /** Why the pipeline or a side of it stands still, if it does and someone has to act. */
    public Optional<RuntimeException> failure() {
        return health.failure();
    }

    /** As {@link #failure}, if it isn't tried again by itself either. */
    public Optional<RuntimeException> end() {
        return health.end();
    }

    /** Whether nothing is known that keeps the destination's side from loading what the log holds. */
    public boolean canLoad() {
        return consumer != null && !health.troubled("load");
    }

    /** Whether a window is being loaded now. */
    public boolean loading() {
        Consumer now = consumer;
        return now != null && now.status().state() == ConsumeStatus.State.LOADING;
    }

    /** A cause outside that has been in the way for {@code tries} tries in a row, for callers that don't wait for ever. */
    public Optional<RuntimeException> persistentTrouble(int tries) {
        return health.persistent(tries);
    }

    /** Whether it has come to a stop by itself: an ingest side that is done (a single full load) or a failure. */
    public synchronized boolean ingestEnded() {
        return ingest.done();
    }

    /**
     * Waits until everything the source had committed at {@code position} is at the destination.
     *
     * @param position from {@link #position()}
     * @return false when the time was up or the pipeline failed first
     */
    public boolean awaitCaughtUp(byte[] position, long timeoutMillis) throws InterruptedException {
        OptionalLong index = ingest.caughtUp(position, timeoutMillis);
        return index.isPresent() && consumer.awaitApplied(index.getAsLong(), timeoutMillis);
    }

    /** Whether failed events are being replayed, or are to be now: those asked for, and those whose time has come. */
    public boolean replaying() {
        return failedEvents().isBusy(Long.MAX_VALUE);
    }

    /** The source's position now, for {@link #awaitCaughtUp}. */
    public byte[] position() {
        return ingest.position();
    }

    /** How it is now; never waits for a start, a stop or a database. */
    public PipelineSnapshot snapshot() {
        PipelineSnapshot.Loading schedule = new PipelineSnapshot.Loading(
                definition.destination().loading().schedule().map(LoadingSchedule::shown),
                services.timers().next(name(), definition.destination()));
        IngestSide reading = ingest; // set last when the sides are made: where it is there, the rest is
        if (reading == null) {
            return PipelineSnapshot.notStarted(name(), health.state(), health.why(), health.failures(), schedule)
                    .withFailed(failed);
        }
        long now = services.clock().millis();
        return PipelineSnapshot.of(health, reading, consumer.status(), failed, topic, schedule, now);
    }

    /** Stops reading, lets both sides finish what they have in hand, and closes everything; idempotent; at most about 20 s. */
    @Override
    public synchronized void close() {
        closed = true;
        stopSides();
        health.stopped();
        Closing.all(source::close, destination::close, () -> {
            if (topic != null) {
                topic.close();
            }
        });
    }

    private void stopSides() {
        if (ingest != null) {
            ingest.stop();
            consumer.stop();
            for (String task : new String[] {"ingest", "load", PipelineTask.CHORE}) {
                end(name() + "/" + task);
            }
        }
    }

    /** {@code schema.table}, or a table alone where the source has no schemas. */
    public static TableName tableName(String object) {
        int dot = object.indexOf('.');
        return dot < 0 ? new TableName("", object) : new TableName(object.substring(0, dot), object.substring(dot + 1));
    }

    private void end(String key) {
        try {
            if (key.endsWith("/" + PipelineTask.CHORE)) {
                services.overseer().cancel(key, STOP_MILLIS);
            } else {
                services.overseer().end(key, STOP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
