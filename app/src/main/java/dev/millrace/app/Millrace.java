package dev.millrace.app;

import ch.qos.logback.classic.Level;
import dev.millrace.app.pipeline.CheckpointTask;
import dev.millrace.app.pipeline.Closing;
import dev.millrace.app.pipeline.KnownObjects;
import dev.millrace.app.pipeline.LoadTimers;
import dev.millrace.app.pipeline.Neighbours;
import dev.millrace.app.pipeline.ObjectChoices;
import dev.millrace.app.pipeline.ParkedVersions;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.app.pipeline.Services;
import dev.millrace.app.pipeline.Wishes;
import dev.millrace.app.task.Overseer;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.app.transform.Trials;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.LogConfig;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.load.PipelineFiles;
import dev.millrace.config.load.Problems;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.ingest.engine.IngestEngine;
import dev.millrace.ingest.source.Source;
import dev.millrace.storage.crypto.KeyFile;
import dev.millrace.storage.crypto.KeyRing;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.LogOptions;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.Run;
import dev.millrace.storage.state.Runs;
import dev.millrace.storage.state.StateCheckpoints;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The composition root: everything of one installation, built by constructor in this one place, from the data folder up, and closed in
 * reverse order. Thread-safe.
 */
public final class Millrace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Millrace.class);

    private final Deque<Runnable> closers = new ArrayDeque<>();
    private final List<PipelineRuntime> pipelines = new ArrayList<>();
    private final List<PipelineSnapshot> rejected = new ArrayList<>();
    private final MillraceConfig config;
    private StateStore state;

    private Millrace(MillraceConfig config) {
        this.config = config;
    }

    /**
     * Opens the data folder and starts the pipelines; closes again what it has opened when a step fails.
     *
     * @param console from which level log lines also go to stderr; OFF where a display tells the same
     * @throws MillraceException with the step's own code
     */
    public static Millrace start(MillraceConfig config, List<PipelineDefinition> definitions, Level console) {
        return start(config, new PipelineFiles(definitions, List.of(), new Problems(List.of())), console);
    }

    /** As {@link #start(MillraceConfig, List, Level)}; files that can't be used are shown as pipelines that have failed, with why. */
    public static Millrace start(MillraceConfig config, PipelineFiles files, Level console) {
        Millrace millrace = new Millrace(config);
        try {
            millrace.assemble(files, console);
            return millrace;
        } catch (RuntimeException | Error e) {
            try {
                millrace.close();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private void assemble(PipelineFiles files, Level console) {
        Clock clock = Clock.systemUTC();
        DataFolder folder = opened(DataFolder.open(config.dataFolder(), clock));
        // Native libraries unpack themselves into the temp folder: into ours, which is emptied at every start and may
        // not be 'noexec'. DuckDB's asks for the one the JVM began with, which nothing can change by now.
        unpackInto(folder.temporary());
        Logs.toFolder(folder.root().resolve("logs"), console);
        LOG.info("millrace: starting with\n{}", config.effective());
        state = opened(RocksStateStore.open(folder.state()));
        KeyRing keys = keys(config, folder.root());
        EventLog log = opened(new ChronicleEventLog(logOptions(config.log(), folder.log(), clock), state));
        FaultPoint.AT_START.pass();

        Services.Pools pools = new Services.Pools(
                opened(new WorkerPool(
                        "ingest",
                        config.workers().ingest().min(),
                        config.workers().ingest().max())),
                opened(new WorkerPool(
                        "load",
                        config.workers().load().min(),
                        config.workers().load().max())),
                opened(new WorkerPool("maintenance", 1, 2)));
        Overseer overseer = opened(
                new Overseer(new Runs(state), clock, List.of(pools.ingest(), pools.load(), pools.maintenance())));
        overseer.start();
        LoadTimers timers = new LoadTimers(state, overseer, pools.maintenance(), clock);
        Neighbours neighbours = new Neighbours(files.pipelines());
        Services services = new Services(config.team(), log, state, keys, overseer, pools, timers, neighbours, clock);
        files.rejected().forEach(file -> reject(file.name(), file.problems().text()));
        boolean alone = files.pipelines().size() + rejected.size() == 1;
        for (PipelineDefinition definition : files.pipelines()) {
            add(definition, services, alone);
        }
        pipelines.forEach(alone ? PipelineRuntime::start : PipelineRuntime::startOrShowWhyNot);
        timers.start();
        overseer.require(CheckpointTask.of(
                new StateCheckpoints(state, folder.state(), config.log().minFreeDiskBytes(), clock),
                pools.maintenance()));
        if (config.web().enabled()) {
            opened(AdminPage.start(config.web(), folder, this));
        }
    }

    /** The whole process's temporary files go there until this is closed: whoever goes on afterwards may find the folder gone. */
    private void unpackInto(Path temporary) {
        String before = System.setProperty("java.io.tmpdir", temporary.toString());
        closers.push(() -> System.setProperty("java.io.tmpdir", before));
    }

    /** One that can't be made of its definition is shown so where it isn't the only one. */
    private void add(PipelineDefinition definition, Services services, boolean alone) {
        try {
            Source source = Connectors.source(definition);
            Destination destination = Connectors.destination(definition);
            pipelines.add(opened(new PipelineRuntime(definition, source, destination, services)));
        } catch (MillraceException e) {
            if (alone) {
                throw e;
            }
            reject(definition.name(), e.getMessage());
        }
    }

    private void reject(String name, String why) {
        LOG.error("pipeline {}: not started: {}", name, why);
        rejected.add(PipelineSnapshot.rejected(name, why));
    }

    /** What failed events are encrypted with: the configuration's keys, or those of the data folder. */
    public static KeyRing keys(MillraceConfig config, Path dataFolder) {
        return config.encryption().key().isPresent()
                ? KeyRing.of(config.encryption().oldestFirst())
                : KeyFile.open(dataFolder);
    }

    /** How the configuration wants a log to be kept, in the given folder. */
    public static LogOptions logOptions(LogConfig log, Path folder, Clock clock) {
        return new LogOptions(
                folder,
                LogOptions.Durability.valueOf(log.durability().name()),
                log.diskBudgetBytes(),
                log.topicBudgetBytes(),
                log.minFreeDiskBytes(),
                LogOptions.Roll.valueOf(log.roll().name()),
                log.replay(),
                clock);
    }

    private <T extends AutoCloseable> T opened(T part) {
        closers.push(() -> {
            try {
                part.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("closing " + part, e);
            }
        });
        return part;
    }

    public List<PipelineRuntime> pipelines() {
        return List.copyOf(pipelines);
    }

    public List<PipelineSnapshot> snapshots() {
        return Stream.concat(pipelines.stream().map(PipelineRuntime::snapshot), rejected.stream())
                .toList();
    }

    /**
     * Loads an object again.
     *
     * @param object {@code schema.table}; {@code *} begins the whole pipeline again
     * @param anyway also where versions of a history are parked, which are lost then
     * @throws MillraceException USER when there is no such pipeline or it has no such object; PARKED_VERSIONS
     */
    public void reload(String pipeline, String object, boolean anyway) {
        PipelineRuntime running = pipeline(pipeline);
        boolean all = object.equals(Wishes.BEGIN_AGAIN);
        Optional<TableName> table = all ? Optional.empty() : Optional.of(PipelineRuntime.tableName(object));
        if (!anyway) {
            running.mapping().requireNoVersionsLost(table);
        }
        table.ifPresentOrElse(running::reload, running::beginAgain);
    }

    /**
     * Has a pipeline load what its log holds now, whatever its schedule says.
     *
     * @return false for one that is loaded in real time: it does so all the time
     * @throws MillraceException USER when there is no such pipeline; what its loading has stopped of
     */
    public boolean loadNow(String pipeline) {
        PipelineRuntime running = pipeline(pipeline);
        running.loadNow();
        return running.scheduled();
    }

    /** A pipeline's last runs, newest first; throws USER when there is no such pipeline. */
    public List<Run> runs(String pipeline, int limit) {
        boolean shown =
                snapshots().stream().anyMatch(snapshot -> snapshot.name().equals(pipeline));
        return new Runs(state).newest(shown ? pipeline : pipeline(pipeline).name(), limit);
    }

    /** The transformations that were deployed to a pipeline, oldest first; throws USER when there is no such pipeline. */
    public List<Map<String, Object>> transformVersions(String pipeline) {
        return Trials.versions(state, pipeline(pipeline).name());
    }

    /** Runs a transformation on events of a pipeline's log, failed ones, or pasted ones; touches nothing. */
    public List<Map<String, Object>> transformTest(String pipeline, JsonNode request) {
        PipelineRuntime running = pipeline(pipeline);
        try {
            return Trials.answer(
                    new Trials.Around(running.definition(), Optional.of(state), running::log, running::failedEvents),
                    request);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw MillraceException.external("INTERRUPTED", "The test was interrupted", "", "", e);
        }
    }

    /** What a pipeline's transformation makes of events now, touching nothing; throws USER when there is no such pipeline. */
    Rehearsal rehearsal(String pipeline) {
        return Trials.rehearsal(pipeline(pipeline).definition(), state);
    }

    /** What becomes of a pipeline's objects at the destination; throws USER when there is no such pipeline. */
    ObjectChoices objects(String pipeline) {
        return pipeline(pipeline).mapping();
    }

    /** How many objects of a pipeline wait for a user; none of one that has not been made. */
    long objectsWaiting(String pipeline) {
        return pipelines.stream()
                .filter(running -> running.name().equals(pipeline))
                .mapToLong(running -> running.mapping().view().waiting())
                .sum();
    }

    /** A running pipeline; throws USER when there is no such one. */
    PipelineRuntime pipeline(String name) {
        return pipelines.stream()
                .filter(running -> running.name().equals(name))
                .findFirst()
                .orElseThrow(() -> MillraceException.user(
                        "PIPELINE_NOT_FOUND",
                        "There is no pipeline '" + name + "'",
                        "running are "
                                + pipelines.stream().map(PipelineRuntime::name).toList(),
                        "Give one of them."));
    }

    /**
     * Notes a wish for the next start of a pipeline on a data folder that nothing runs on.
     *
     * @param definition the pipeline's, if it can be read; else nothing is said of versions that would be lost
     * @param object as in {@link #reload}
     * @param anyway as there
     * @throws MillraceException RESOURCE DATA_FOLDER_IN_USE when something does; USER OBJECT_NOT_FOUND, PARKED_VERSIONS
     */
    public static void reloadAtNextStart(
            MillraceConfig config,
            String pipeline,
            Optional<PipelineDefinition> definition,
            String object,
            boolean anyway) {
        Clock clock = Clock.systemUTC();
        try (DataFolder folder = DataFolder.open(config.dataFolder(), clock);
                StateStore state = RocksStateStore.open(folder.state())) {
            boolean all = object.equals(Wishes.BEGIN_AGAIN);
            Optional<TableName> table = all ? Optional.empty() : Optional.of(PipelineRuntime.tableName(object));
            table.ifPresent(one -> KnownObjects.require(pipeline, one, IngestEngine.known(pipeline, state)));
            if (!anyway && definition.isPresent()) {
                FailedQueue failed = new FailedQueue(
                        pipeline,
                        state,
                        keys(config, folder.root()),
                        definition.get().failed(),
                        clock);
                new ParkedVersions(definition.get(), failed, state).requireNone(table);
            }
            new Wishes(state, pipeline).add(object);
        }
    }

    /** Stops every pipeline cleanly and closes everything in reverse order; idempotent. */
    @Override
    public synchronized void close() {
        if (closers.isEmpty()) {
            return;
        }
        FaultPoint.AT_SHUTDOWN.pass();
        Runnable[] inReverse = closers.toArray(Runnable[]::new);
        closers.clear();
        Closing.all(inReverse);
        LOG.info("millrace: stopped");
    }
}
