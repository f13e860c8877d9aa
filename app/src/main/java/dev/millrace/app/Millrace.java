package dev.millrace.app;

import ch.qos.logback.classic.Level;
import dev.millrace.app.pipeline.Closing;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.app.pipeline.Services;
import dev.millrace.app.pipeline.Wishes;
import dev.millrace.app.task.Overseer;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.LogConfig;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.LogOptions;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.Runs;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: everything of one installation, built by constructor in this one place, from the data folder up, and closed in
 * reverse order. Thread-safe.
 */
public final class Millrace implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Millrace.class);

    private final Deque<Runnable> closers = new ArrayDeque<>();
    private final List<PipelineRuntime> pipelines = new ArrayList<>();
    private final MillraceConfig config;

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
        Millrace millrace = new Millrace(config);
        try {
            millrace.assemble(definitions, console);
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

    private void assemble(List<PipelineDefinition> definitions, Level console) {
        Clock clock = Clock.systemUTC();
        DataFolder folder = opened(DataFolder.open(config.dataFolder(), clock));
        // Native libraries unpack themselves into the temp folder: into ours, which is emptied at every start and may
        // not be 'noexec'.
        System.setProperty("java.io.tmpdir", folder.temporary().toString());
        Logs.toFolder(folder.root().resolve("logs"), console);
        LOG.info("millrace: starting with\n{}", config.effective());
        StateStore state = opened(RocksStateStore.open(folder.state()));
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
        Services services = new Services(config.team(), log, state, overseer, pools, clock);
        for (PipelineDefinition definition : definitions) {
            PipelineRuntime pipeline = opened(new PipelineRuntime(
                    definition, Connectors.source(definition), Connectors.destination(definition), services));
            pipelines.add(pipeline);
        }
        pipelines.forEach(definitions.size() == 1 ? PipelineRuntime::start : PipelineRuntime::startOrShowWhyNot);
        if (config.web().enabled()) {
            opened(AdminPage.start(config.web(), folder, this));
        }
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
        return pipelines.stream().map(PipelineRuntime::snapshot).toList();
    }

    /**
     * Loads an object again.
     *
     * @param object {@code schema.table}; {@code *} begins the whole pipeline again
     * @throws MillraceException USER when there is no such pipeline or it has no such object
     */
    public void reload(String pipeline, String object) {
        List<String> names = pipelines.stream().map(PipelineRuntime::name).toList();
        int place = names.indexOf(pipeline);
        if (place < 0) {
            throw MillraceException.user(
                    "PIPELINE_NOT_FOUND",
                    "There is no pipeline '" + pipeline + "'",
                    "running are " + names,
                    "Give one of them.");
        }
        if (object.equals(Wishes.BEGIN_AGAIN)) {
            pipelines.get(place).beginAgain();
        } else {
            pipelines.get(place).reload(PipelineRuntime.tableName(object));
        }
    }

    /**
     * Notes a wish for the next start of a pipeline on a data folder that nothing runs on.
     *
     * @throws MillraceException RESOURCE DATA_FOLDER_IN_USE when something does
     */
    public static void reloadAtNextStart(MillraceConfig config, String pipeline, String object) {
        try (DataFolder folder = DataFolder.open(config.dataFolder(), Clock.systemUTC());
                StateStore state = RocksStateStore.open(folder.state())) {
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
