package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/** {@code millrace status}: what the running installation does, asked over its control interface. */
@Command(
        name = "status",
        description = "Shows the pipelines of the installation that runs on the data folder.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    private final MillraceCommand root;

    StatusCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        JsonNode status = running(root).status();
        if (root.json()) {
            root.terminal().json(status);
            return ExitCode.OK;
        }
        TextTable table = new TextTable(
                "pipeline", "state", "read", "loaded", "lag", "log", "objects", "failed", "loading", "reason");
        for (JsonNode pipeline : status.path("pipelines")) {
            table.row(
                    pipeline.path("name").asString(),
                    pipeline.path("state").asString().toLowerCase(java.util.Locale.ROOT),
                    ProgressDisplay.count(pipeline.path("eventsRead").asLong()),
                    ProgressDisplay.count(pipeline.path("rowsLoaded").asLong()),
                    ProgressDisplay.lag(
                            pipeline.path("lagSeconds").isNumber()
                                    ? OptionalLong.of(Math.round(
                                            pipeline.path("lagSeconds").asDouble() * 1000))
                                    : OptionalLong.empty()),
                    ProgressDisplay.size(pipeline.path("logBytes").asLong()),
                    objects(pipeline),
                    failed(pipeline.path("failed")),
                    loading(pipeline.path("loading")),
                    pipeline.path("reason").asString());
        }
        table.lines().forEach(root.terminal()::data);
        return ExitCode.OK;
    }

    private static String loading(JsonNode loading) {
        String text = loading.path("microBatches").asBoolean()
                ? "micro-batches"
                : loading.path("schedule").asString();
        return loading.path("next").isString()
                ? text + ", next "
                        + Instant.parse(loading.path("next").asString()).truncatedTo(ChronoUnit.SECONDS)
                : text;
    }

    private static String objects(JsonNode pipeline) {
        String objects = Integer.toString(pipeline.path("objects").size());
        long waiting = pipeline.path("objectsWaiting").asLong();
        return waiting == 0 ? objects : objects + " (" + waiting + " waiting)";
    }

    private static String failed(JsonNode failed) {
        String parked = ProgressDisplay.count(failed.path("parked").asLong());
        return failed.path("expiresSoon").asBoolean() ? parked + " (some expire soon)" : parked;
    }

    /** A client of the installation that runs on the data folder. */
    static ControlClient running(MillraceCommand root) {
        return ControlAddress.readFrom(root.config().dataFolder())
                .map(ControlClient::new)
                .orElseThrow(() -> notRunning(root));
    }

    /** What a running process answers; where there is only the address that a killed one has left behind, what its free folder does. */
    static <T> T orOfTheDead(Supplier<T> running, Supplier<T> stopped) {
        try {
            return running.get();
        } catch (MillraceException silent) {
            if (!silent.code().equals("CONTROL_NO_ANSWER")) {
                throw silent;
            }
            return ofTheDead(stopped, silent);
        }
    }

    private static <T> T ofTheDead(Supplier<T> stopped, MillraceException silent) {
        try {
            return stopped.get();
        } catch (MillraceException refused) {
            throw refused.code().equals("DATA_FOLDER_IN_USE") ? silent : refused;
        }
    }

    /** That there is nothing to be asked. */
    static MillraceException notRunning(MillraceCommand root) {
        return MillraceException.external(
                "NOT_RUNNING",
                "Nothing runs on the data folder " + root.config().dataFolder(),
                "there is no control file in it",
                "Start 'millrace run' or 'millrace serve', or say with --data which folder is meant.",
                null);
    }
}
