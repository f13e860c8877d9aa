package dev.millrace.app.fault;

import dev.millrace.app.fault.Admin.Health;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** What a running process tells about its one pipeline. */
final class StatusPage {
    private final Stage stage;
    private final MillraceProcess process;

    StatusPage(Stage stage, MillraceProcess process) {
        this.stage = stage;
        this.process = process;
    }

    /** Whether {@code /health/ready} says so. */
    boolean ready() throws InterruptedException {
        return stage.admin().health().map(Health::ready).orElse(false);
    }

    /** Waits until the pipeline's node of the status document is as wanted; the process must not end meanwhile. */
    JsonNode await(String what, Predicate<JsonNode> wanted) throws InterruptedException {
        AtomicReference<JsonNode> seen = new AtomicReference<>();
        try {
            Stage.await(process, what, () -> {
                stage.admin()
                        .status()
                        .ifPresent(status -> seen.set(status.path("pipelines").path(0)));
                return seen.get() != null && wanted.test(seen.get());
            });
        } catch (AssertionError e) {
            throw new AssertionError("last seen: " + seen.get(), e);
        }
        return seen.get();
    }
}
