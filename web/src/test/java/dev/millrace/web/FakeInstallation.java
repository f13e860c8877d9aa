package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;

/** An installation with one pipeline {@code shop}, ready when told so, that remembers what it was asked to reload. */
final class FakeInstallation implements Installation {
    final List<String> reloads = new CopyOnWriteArrayList<>();
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
                List.of(new ObjectStatus("public.film", ObjectStatus.Phase.LOADING, 500, 1_000))));
    }

    @Override
    public void reload(String pipeline, String object) {
        if (!pipeline.equals("shop")) {
            throw MillraceException.user(
                    "NO_SUCH_PIPELINE", "Pipeline '" + pipeline + "' is unknown", "", "See 'millrace status'.");
        }
        reloads.add(object);
    }
}
