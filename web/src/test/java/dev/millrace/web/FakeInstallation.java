package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/** An installation with one pipeline {@code shop}, ready when told so, that remembers what it was asked to reload. */
final class FakeInstallation implements Installation {
    final List<String> reloads = new CopyOnWriteArrayList<>();
    final AtomicInteger loads = new AtomicInteger();
    final FakeFailedEvents failed = new FakeFailedEvents();
    final FakeMapping mapping = new FakeMapping();
    volatile List<String> notReadyBecause = List.of();

    @Override
    public String version() {
        return "1.2.3";
    }

    @Override
    public List<String> notReadyBecause() {
        return notReadyBecause;
    }

    @Override
    public List<PipelineStatus> pipelines() {
        return List.of(new PipelineStatus(
                "shop",
                PipelineStatus.State.RUNNING,
                "",
                12_345,
                12_000,
                0,
                2,
                OptionalDouble.of(0.25),
                345,
                6_789,
                1_048_576,
                new LoadingStatus("{every: 15m}", Optional.of(Instant.parse("2026-11-21T10:15:00Z")), true),
                new FailedFigures(3, 1, 900, true, 4, 0, 1, 0, 0, 0),
                2,
                List.of(new ObjectStatus("public.film", ObjectStatus.Phase.LOADING, 500, 1_000, ""))));
    }

    @Override
    public FailedEventControl failedEvents() {
        return failed;
    }

    @Override
    public MappingControl mapping() {
        return mapping;
    }

    @Override
    public void reload(String pipeline, String object, boolean anyway) {
        require(pipeline);
        reloads.add(object + (anyway ? " anyway" : ""));
    }

    @Override
    public boolean load(String pipeline) {
        require(pipeline);
        loads.incrementAndGet();
        return true;
    }

    @Override
    public List<Map<String, Object>> transformVersions(String pipeline) {
        require(pipeline);
        return List.of(Map.of("number", 1, "fromIndex", 42));
    }

    @Override
    public List<Map<String, Object>> transformTest(String pipeline, JsonNode request) {
        require(pipeline);
        return List.of(Map.of(
                "asked",
                request.path("object").asString("") + request.path("samples").asInt(0)));
    }

    @Override
    public List<RunStatus> runs(String pipeline, int limit) {
        require(pipeline);
        Instant started = Instant.parse("2026-11-21T10:00:00Z");
        return LongStream.rangeClosed(1, limit)
                .mapToObj(id -> new RunStatus(
                        id, "shop/load", started, Optional.empty(), 12, 0, "SKIPPED", "nothing new in the log"))
                .toList();
    }

    private static void require(String pipeline) {
        if (!pipeline.equals("shop")) {
            throw MillraceException.user(
                    "NO_SUCH_PIPELINE", "Pipeline '" + pipeline + "' is unknown", "", "See 'millrace status'.");
        }
    }
}
