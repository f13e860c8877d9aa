package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import dev.millrace.web.ControlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code millrace load now}: has running pipelines load what their logs hold, whatever their schedules say. */
@Command(
        name = "now",
        description = {
            "Loads what the running installation's logs hold now; the schedules' times stay as they are.",
            "Without --pipeline every pipeline that has a schedule."
        },
        mixinStandardHelpOptions = true)
final class LoadNowCommand implements Callable<Integer> {
    private static final String REAL_TIME = "real-time";

    private final MillraceCommand root;

    @Mixin
    private PipelineOption pipeline = new PipelineOption();

    LoadNowCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        ControlClient client = StatusCommand.running(root);
        List<String> names = pipeline.name(root).map(List::of).orElseGet(() -> scheduled(client.status()));
        Optional<MillraceException> refused = Optional.empty();
        for (String name : names) {
            boolean asked;
            try {
                asked = client.load(name);
            } catch (MillraceException e) {
                refused = Optional.of(e);
                if (names.size() > 1) {
                    root.terminal().say(name + ": " + e.getMessage());
                }
                continue;
            }
            if (root.json()) {
                root.terminal().json(Map.of("pipeline", name, "loading", asked ? "now" : REAL_TIME));
            } else {
                root.terminal()
                        .say(name
                                + (asked
                                        ? ": loads now; see 'millrace runs'"
                                        : ": is loaded in real time, all the time"));
            }
        }
        if (refused.isPresent()) {
            throw refused.get();
        }
        if (names.isEmpty()) {
            root.terminal().say("every pipeline is loaded in real time: there is nothing to ask for");
        }
        return ExitCode.OK;
    }

    private static List<String> scheduled(JsonNode status) {
        List<String> names = new ArrayList<>();
        for (JsonNode running : status.path("pipelines")) {
            if (!running.path("loading").path("schedule").asString().equals(REAL_TIME)) {
                names.add(running.path("name").asString());
            }
        }
        return names;
    }
}
