package dev.millrace.consume;

import dev.millrace.config.error.HeapExhausted;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Replayable;
import dev.millrace.consume.failed.Suspects;
import dev.millrace.consume.json.LearnedShapes;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.consume.mapping.MappingNotes;
import dev.millrace.consume.mapping.TableMappings;
import dev.millrace.consume.transform.Deployed;
import dev.millrace.consume.transform.Phases;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.Positions;
import dev.millrace.storage.state.StateStore;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one pipeline's log into its destination, window by window, until stopped. What a window leaves is applied in one transaction with
 * its log index, so after any failure the next {@link #run} goes on exactly behind what was committed; with {@link
 * Guarantee#AT_LEAST_ONCE} and {@link Guarantee#AT_MOST_ONCE} the index is kept in the state store as well, after or before the load; with
 * the first it counts only for a destination that keeps none.
 *
 * <p>A source transaction is applied whole unless it is larger than {@link ConsumeOptions#hardFactor()} times the window's limits, or than the
 * destination can take.
 *
 * <p>One thread runs it, and a second gathers the window that follows meanwhile ({@link Prefetch}); {@link #stop}, {@link #appliedIndex},
 * {@link #awaitApplied} and {@link #status} may be called from any. It owns neither the destination nor the topic.
 */
public final class Consumer {
    /** How long a quiet log is waited on before {@link #stop} is looked at again; what is new in the log wakes it at once. */
    private static final long LOOK_MILLIS = 100;

    private static final long LOST_BATCH_MILLIS = 30_000;
    private static final Logger LOG = LoggerFactory.getLogger(Consumer.class);

    private final PipelineDefinition definition;
    private final Destination destination;
    private final Topic topic;
    private final StateStore state;
    private final ConsumeOptions options;
    private final Guarantee guarantee;
    private final Positions positions;
    private final Optional<FailedQueue> failed;
    private final Loading loading;
    private final Optional<Replays> replays;
    private final Deployed deployed;
    private final MappingChoices choices;
    private final Set<String> neighbours;
    private final Progress progress = new Progress();
    private final WindowLimit limit;
    private final Ahead ahead = new Ahead();
    private final Optional<TablesApart> apart;
    /** The log's end before this process added to it. */
    private final long logEnd;

    private boolean begun;
    /** {@link MappingChoices#version()} when tables were looked at last. */
    private long choicesSeen;

    private volatile Prefetch gathering;
    private volatile boolean stopping;

    /** As the other, without a place for failed events, one of which ends the run, and where nobody chooses anything. */
    public Consumer(
            PipelineDefinition given,
            Destination destination,
            Topic topic,
            StateStore state,
            ConsumeOptions options,
            Clock clock) {
        this(
                given,
                destination,
                new Stores(topic, state, Optional.empty(), new MappingChoices(given.name(), state), Set.of()),
                options,
                clock);
    }

    /** To be made before anything is added to the topic; touches the destination not yet. */
    public Consumer(
            PipelineDefinition given, Destination destination, Stores stores, ConsumeOptions options, Clock clock) {
        LearnedShapes shapes = new LearnedShapes(stores.state(), given.name());
        this.definition =
                given.withLoad(given.load().withParts((schema, table) -> shapes.isChild(new TableName(schema, table))));
        this.destination = destination;
        this.topic = stores.topic();
        this.state = stores.state();
        this.choices = stores.choices();
        this.neighbours = stores.neighbours();
        this.options = options;
        this.limit = new WindowLimit(options);
        this.apart = destination instanceof TablesApart able ? Optional.of(able) : Optional.empty();
        this.guarantee = definition.guarantee().orElse(Guarantee.EXACTLY_ONCE);
        this.positions = new Positions(state);
        this.logEnd = topic.appendedIndex();
        this.failed = stores.failed();
        boolean holds = failed.map(FailedQueue::holdsFailures).orElse(false);
        this.deployed = Deployed.of(definition, state, shapes, logEnd, clock);
        Loading.Ends ends =
                new Loading.Ends(definition, destination, topic, deployed.transformation(), failed, positions);
        this.loading = new Loading(
                ends, new Attempts(destination, clock, holds, progress::alive), limit, ahead, progress, clock);
        this.replays = failed.map(queue -> new Replays(
                queue,
                destination,
                // as it is defined today, wherever the event stands in the log
                Phases.of(definition, shapes).whereUnfit(deployed.transformation()),
                definition.load(),
                options,
                new Attempts(destination, clock, true, progress::alive),
                progress));
    }

    /**
     * Applies windows on the caller's thread until {@link #stop}; a window that has begun is finished. May be called again after it threw.
     *
     * @throws MillraceException EXTERNAL: calling again later goes on exactly where it was; other categories: a person has to act first
     * @throws InterruptedException between windows; nothing is half applied
     */
    public void run() throws InterruptedException {
        runUpTo(() -> Long.MAX_VALUE);
    }

    /**
     * As {@link #run}, but returns once the log is applied up to {@code index}, or further where a window reaches beyond it.
     *
     * @param index asked again and again, also where nothing comes; it may change
     */
    public void runUpTo(LongSupplier index) throws InterruptedException {
        try {
            consume(index);
            progress.state(stopping ? ConsumeStatus.State.STOPPED : ConsumeStatus.State.IDLE);
        } catch (MillraceException e) {
            progress.failed(e.getMessage());
            throw e;
        } catch (OutOfMemoryError e) {
            MillraceException failure = HeapExhausted.of("Pipeline '" + definition.name() + "' could not load", e);
            progress.failed(failure.getMessage());
            throw failure;
        } catch (UncheckedIOException e) {
            progress.failed(String.valueOf(e.getMessage()));
            throw MillraceException.external(
                    "LOAD_IO_FAILED",
                    "Pipeline '" + definition.name() + "' could not load",
                    String.valueOf(e.getMessage()),
                    "It is tried again by itself.",
                    e);
        } catch (RuntimeException e) {
            progress.failed(e.toString());
            throw MillraceException.internal(
                    "CONSUMER_DEFECT", "Pipeline '" + definition.name() + "' stopped loading", e.toString(), e);
        }
    }

    /** Makes {@link #run} return after the window at hand, for good. */
    public void stop() {
        stopping = true;
    }

    /** The log index up to which all is durably applied; 0 before anything is. The log up to it may be released. */
    public long appliedIndex() {
        return progress.appliedIndex();
    }

    /** Waits until the log is applied up to {@code index}; false when the time is over first. */
    public boolean awaitApplied(long index, long timeoutMillis) throws InterruptedException {
        return progress.await(index, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
    }

    /** When the consumer last came round, by {@link System#nanoTime}; when it was made before the first time. Any thread. */
    public long lastSignOfLifeNanos() {
        return progress.aliveAtNanos();
    }

    /** Whether it ever had its position from the destination. Any thread. */
    public boolean cameUp() {
        return progress.cameUp();
    }

    /** Whether nothing has gone through the transformation as it is now defined. */
    public boolean transformationUnused() {
        return deployed.unused();
    }

    public ConsumeStatus status() {
        Prefetch windows = gathering;
        return progress.status(windows == null ? Long.MAX_VALUE : windows.oldestAtMicros());
    }

    private void consume(LongSupplier until) throws InterruptedException {
        if (stopping) {
            return;
        }
        long from = begin();
        failed.ifPresent(queue -> queue.settle(destination::replayed));
        progress.begun(from);
        Tables tables = unknownTables();
        boolean again = true;
        while (!stopping && (again || progress.appliedIndex() < until.getAsLong())) {
            again = false;
            List<Replayable> due =
                    replays.map(it -> it.due(progress.appliedIndex())).orElse(List.of());
            if (!due.isEmpty()) {
                progress.state(ConsumeStatus.State.LOADING);
                tables = replays.orElseThrow().run(due, progress.appliedIndex(), asChosen(tables));
                again = true;
            }
            // what else is due follows at once, unless something waits in the log
            boolean first = due.isEmpty() || topic.durableIndex() > progress.appliedIndex();
            if (first && progress.appliedIndex() < until.getAsLong()) {
                tables = follow(tables, until);
                again = true;
            }
        }
    }

    /** Applies windows until those gathered ahead are outdated by what was held back, or failed events are to be replayed. */
    private Tables follow(Tables known, LongSupplier until) throws InterruptedException {
        Tables tables = known;
        long from = progress.appliedIndex();
        try (LogReader log = topic.reader(from);
                Prefetch windows = new Prefetch(
                        definition.name(),
                        log,
                        loading.gatherer(new Suspects(), from),
                        options,
                        limit,
                        loading::gathered,
                        loading::gatherAgain);
                Runners runners = new Runners(definition.name(), apart, ahead)) {
            windows.start();
            gathering = windows;
            while (!stopping && !loading.outdated() && progress.appliedIndex() < until.getAsLong()) {
                tables = loadNext(windows, tables, runners);
                limit.tell(definition.name(), progress);
                if (failed.map(queue -> queue.anyDue(progress.appliedIndex())).orElse(false)) {
                    break;
                }
            }
        } finally {
            progress.taken(status().oldestWaitingMicros());
            gathering = null;
        }
        return tables;
    }

    /** In a method of its own, for a window, which may be outsize, is let go of before the next is waited for. */
    private Tables loadNext(Prefetch windows, Tables known, Runners runners) throws InterruptedException {
        Gathered window = windows.take(LOOK_MILLIS);
        if (window == null) {
            progress.state(ConsumeStatus.State.IDLE);
            progress.taken(Long.MAX_VALUE);
            limit.caughtUp();
            return known;
        }
        progress.state(ConsumeStatus.State.LOADING);
        progress.taken(window.oldestAtMicros());
        Tables loaded = loading.load(window, asChosen(known), runners);
        progress.taken(Long.MAX_VALUE);
        return loaded;
    }

    /** Claims the destination and finds where to go on. */
    private long begin() throws InterruptedException {
        // before the claim: a copy or an old backup of the data folder mustn't stop the instance that is right
        apart.ifPresent(ahead::ask);
        requireInLog(Math.max(next(destination.committedIndex()), ahead.furthest()));
        Optional<Long> committed = destination.claim();
        apart.ifPresent(ahead::ask);
        if (committed.isEmpty() && ahead.furthest() == 0) {
            mappings().forgetTables(); // what was made elsewhere is not missing here
        }
        if (guarantee == Guarantee.EXACTLY_ONCE
                && positions.get(definition.name()).isPresent()) {
            positions.clear(definition.name()); // else a stale one would be found when the guarantee is changed
        }
        long from = next(committed);
        requireInLog(Math.max(from, ahead.furthest()));
        begun = true;
        if (guarantee == Guarantee.AT_MOST_ONCE) {
            return behindLosses(committed.orElse(0L), from);
        }
        return from;
    }

    /**
     * The index to go on behind. A destination that knows what it has is believed, unless it must not get again what it may have got: a window
     * that is repeated on top of itself isn't always the same again (rows that exchange keys and carry unchanged values along).
     */
    private long next(Optional<Long> committed) {
        OptionalLong stored =
                guarantee == Guarantee.EXACTLY_ONCE ? OptionalLong.empty() : positions.get(definition.name());
        boolean believed = committed.isPresent() && guarantee != Guarantee.AT_MOST_ONCE;
        return Math.max(
                believed || stored.isEmpty() ? committed.orElse(0L) : stored.getAsLong(),
                positions.beginning(definition.name()));
    }

    /**
     * That what is applied up to {@code from} came out of this log. At the first time in a process the log counts as it was when the process
     * began: what was read since is not what the destination has under those indexes. Nor is it after a restart, so that it is remembered.
     */
    private void requireInLog(long from) {
        long end = begun ? topic.appendedIndex() : Math.min(logEnd, topic.appendedIndex());
        long missed = positions.missed(definition.name());
        if (from > end || missed > 0 && from >= missed && missed > positions.beginning(definition.name())) {
            if (from > end) {
                positions.miss(definition.name(), from);
            }
            throw LogTrouble.behind(definition.name(), from, end);
        }
    }

    /**
     * At most once: the window that was under way when the last run ended is passed over where it was not committed, and its events are counted as
     * lost. A window with rows of a historical load is not: without them a table would stay as it was for good, and the destination knows that
     * it has none of them.
     *
     * @return where to go on
     */
    private long behindLosses(long committed, long from) throws InterruptedException {
        Positions.Losses before = positions.losses(definition.name());
        long lost = 0;
        if (from > Math.max(committed, before.upTo())) {
            try (LogReader log = topic.reader(Math.max(committed, before.upTo()))) {
                while (log.index() < from) {
                    StoredBatch batch = log.next(LOST_BATCH_MILLIS);
                    if (batch == null) {
                        throw LogTrouble.slow(definition.name(), log.index() + 1, LOST_BATCH_MILLIS);
                    }
                    if (batch.header().historicalLoad() && batch.header().eventCount() > 0) {
                        return Math.max(committed, before.upTo());
                    }
                    lost += batch.header().eventCount();
                }
            }
            long begun = Math.max(committed, before.upTo());
            lost -= failed.map(queue -> queue.kept(begun, from)).orElse(0L);
            positions.lose(definition.name(), new Positions.Losses(from, before.events() + lost));
            LOG.warn(
                    "{}: {} events up to log index {} were under way to the destination when the last run ended, and are not sent again"
                            + " (guarantee: at-most-once); {} in all so far",
                    definition.name(),
                    lost,
                    from,
                    before.events() + lost);
        }
        progress.lost(before.events() + lost);
        return from;
    }

    private Tables unknownTables() {
        choicesSeen = choices.version();
        return new Tables(new Tables.Parts(
                destination,
                mappings(),
                choices,
                new MappingNotes(definition.name(), state),
                definition.load(),
                definition.mapping()));
    }

    private TableMappings mappings() {
        Optional<String> onlySchema = definition.destination().settings().optionalText("schema");
        return new TableMappings(definition.name(), state, destination.naming(), onlySchema).beside(neighbours);
    }

    /** The tables as they are known, or anew where something was chosen since. */
    private Tables asChosen(Tables known) {
        return choices.version() == choicesSeen ? known : unknownTables();
    }
}
