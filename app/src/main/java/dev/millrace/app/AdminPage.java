package dev.millrace.app;

import dev.millrace.app.cli.Versions;
import dev.millrace.app.mapping.MappingDesk;
import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.app.pipeline.PipelineState;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.WebConfig;
import dev.millrace.config.setting.Secret;
import dev.millrace.consume.failed.FailedCounts;
import dev.millrace.ingest.engine.LeftOut;
import dev.millrace.storage.folder.DataFolder;
import dev.millrace.web.AdminServer;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.FailedEventControl;
import dev.millrace.web.FailedFigures;
import dev.millrace.web.Installation;
import dev.millrace.web.LoadingStatus;
import dev.millrace.web.MappingControl;
import dev.millrace.web.ObjectStatus;
import dev.millrace.web.PipelineStatus;
import dev.millrace.web.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** Shows a running installation to the web, and leaves its address in the data folder for the command line. Thread-safe. */
final class AdminPage implements AutoCloseable, Installation {
    private final Millrace millrace;
    private final DataFolder folder;
    private AdminServer server;

    private AdminPage(Millrace millrace, DataFolder folder) {
        this.millrace = millrace;
        this.folder = folder;
    }

    static AdminPage start(WebConfig config, DataFolder folder, Millrace millrace) {
        AdminPage page = new AdminPage(millrace, folder);
        Secret token = ControlAddress.newToken();
        page.server = listening(config, token, page);
        try {
            new ControlAddress(page.server.base(), token).writeTo(folder.root());
        } catch (RuntimeException e) {
            page.server.close();
            throw e;
        }
        return page;
    }

    /** Whether the port is free is seen by taking it: processes that start at the same moment would all find it so. */
    private static AdminServer listening(WebConfig config, Secret token, AdminPage page) {
        AdminServer server = new AdminServer(config.host(), config.port(), token, page);
        try {
            server.start();
            return server;
        } catch (MillraceException taken) {
            server.close();
            if (!config.orAnyPort()) {
                throw taken;
            }
        }
        AdminServer other = new AdminServer(config.host(), 0, token, page);
        other.start();
        return other;
    }

    @Override
    public String version() {
        return Versions.millrace();
    }

    @Override
    public List<String> notReadyBecause() {
        return millrace.snapshots().stream()
                .filter(pipeline -> pipeline.state() == PipelineState.FAILED)
                .map(pipeline -> "Pipeline '" + pipeline.name() + "' has failed: " + pipeline.why())
                .toList();
    }

    @Override
    public List<PipelineStatus> pipelines() {
        return millrace.snapshots().stream()
                .map(this::status)
                .sorted(java.util.Comparator.comparing(PipelineStatus::name))
                .toList();
    }

    @Override
    public void reload(String pipeline, String object, boolean anyway) {
        millrace.reload(pipeline, object, anyway);
    }

    @Override
    public boolean load(String pipeline) {
        return millrace.loadNow(pipeline);
    }

    @Override
    public List<RunStatus> runs(String pipeline, int limit) {
        return millrace.runs(pipeline, limit).stream()
                .map(run -> new RunStatus(
                        run.id(),
                        run.subject().task(),
                        run.started(),
                        run.ended(),
                        run.counts().rowsRead(),
                        run.counts().rowsLoaded(),
                        run.outcome().name(),
                        run.reason()))
                .toList();
    }

    @Override
    public List<Map<String, Object>> transformVersions(String pipeline) {
        return millrace.transformVersions(pipeline);
    }

    @Override
    public List<Map<String, Object>> transformTest(String pipeline, JsonNode request) {
        return millrace.transformTest(pipeline, request);
    }

    @Override
    public FailedEventControl failedEvents() {
        return new FailedEventDesk(
                pipeline -> millrace.pipeline(pipeline).failedEvents(),
                millrace::rehearsal,
                pipeline -> millrace.pipeline(pipeline).loadAgain());
    }

    @Override
    public MappingControl mapping() {
        return new MappingDesk(millrace::objects, name -> millrace.snapshots().stream()
                .filter(pipeline -> pipeline.name().equals(name))
                .flatMap(pipeline -> pipeline.leftOut().stream())
                .toList());
    }

    private static FailedFigures failed(PipelineSnapshot pipeline) {
        FailedCounts counts = pipeline.failed();
        return new FailedFigures(
                counts.events(),
                counts.behind(),
                counts.bytes(),
                pipeline.failedExpireSoon(),
                counts.totals().parked(),
                counts.discarded(),
                counts.totals().replayed(),
                counts.totals().skipped(),
                counts.totals().expired(),
                counts.totals().obsolete());
    }

    private PipelineStatus status(PipelineSnapshot pipeline) {
        PipelineStatus.State state =
                PipelineStatus.State.valueOf(pipeline.state().name());
        List<ObjectStatus> objects = new ArrayList<>();
        pipeline.tables()
                .forEach(table -> objects.add(new ObjectStatus(
                        table.table(), phase(table.state()), table.rowsRead(), table.estimatedRows(), "")));
        pipeline.leftOut()
                .forEach(left -> objects.add(
                        new ObjectStatus(left.table().toString(), ObjectStatus.Phase.LEFT_OUT, 0, -1, left.why())));
        return new PipelineStatus(
                pipeline.name(),
                state,
                reason(pipeline),
                pipeline.eventsRead(),
                pipeline.rowsLoaded(),
                pipeline.eventsLost(),
                pipeline.failures(),
                pipeline.lagMillis().isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(pipeline.lagMillis().getAsLong() / 1000.0),
                pipeline.lagEvents(),
                pipeline.lagBytes(),
                pipeline.logBytes(),
                new LoadingStatus(
                        pipeline.loading().schedule().orElse("real-time"),
                        pipeline.loading().next(),
                        pipeline.microBatches()),
                failed(pipeline),
                millrace.objectsWaiting(pipeline.name()) + pipeline.leftOut().size(),
                objects);
    }

    /** What is in the way, and which objects have to wait for something. */
    private static String reason(PipelineSnapshot pipeline) {
        int more = pipeline.leftOut().size() - 1;
        if (more < 0) {
            return pipeline.why();
        }
        LeftOut first = pipeline.leftOut().get(0);
        return (pipeline.why() + " " + first.table() + (more > 0 ? " and " + more + " more are" : " is") + " left out: "
                        + first.why())
                .strip();
    }

    private static ObjectStatus.Phase phase(dev.millrace.ingest.engine.LoadStatus.State state) {
        return switch (state) {
            case PENDING -> ObjectStatus.Phase.WAITING;
            case LOADING, CATCHING_UP -> ObjectStatus.Phase.LOADING;
            case LOADED -> ObjectStatus.Phase.FOLLOWING;
        };
    }

    @Override
    public void close() {
        ControlAddress.removeFrom(folder.root());
        server.close();
    }
}
