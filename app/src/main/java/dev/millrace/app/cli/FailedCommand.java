package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.crypto.KeyFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace failed}: the failed events of an installation, whether it runs or not. */
@Command(
        name = "failed",
        description = "Shows, replays, skips and exports events that could not be applied and were parked.",
        mixinStandardHelpOptions = true)
final class FailedCommand implements Callable<Integer> {
    private final MillraceCommand root;

    FailedCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        throw MillraceCommand.commandMissing("failed", "failed events");
    }

    @Command(
            name = "list",
            description = "What is parked, by object, phase and reason; with --events, or IDs, each event.",
            mixinStandardHelpOptions = true)
    Integer list(
            @Mixin FailedChoice choice,
            @Option(names = "--events", description = "List events instead of groups.") boolean events,
            @Option(names = "--given-up", description = "Also those skipped, obsolete or too old.") boolean givenUp,
            @Option(names = "--after", paramLabel = "ID", description = "Begin behind this event.") String after,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "At most so many events.")
                    int limit) {
        String query = choice.query()
                + FailedChoice.pair("givenUp", Boolean.toString(givenUp))
                + FailedChoice.pair("limit", Integer.toString(limit))
                + (after == null ? "" : FailedChoice.pair("after", after));
        InstallationAccess.Answer answer = InstallationAccess.failed(root)
                .ask(
                        choice.pipeline(),
                        (client, name) -> client.failed(name, query),
                        (failed, name) ->
                                failed.list(name, choice.selection(givenUp), Optional.ofNullable(after), limit));
        JsonNode document = answer.document();
        if (root.json()) {
            root.terminal().json(document);
        } else if (events || givenUp || after != null || choice.namesEvents()) {
            printEvents(document.path("events"));
        } else {
            printGroups(
                    answer.pipeline(),
                    document.path("groups"),
                    choice.selection(false).isAll());
        }
        return ExitCode.OK;
    }

    private void printGroups(String pipeline, JsonNode groups, boolean all) {
        TextTable table = new TextTable("object", "phase", "reason", "events", "size", "oldest", "given up", "example");
        for (JsonNode group : groups) {
            table.row(
                    group.path("object").asString(),
                    group.path("phase").asString(),
                    group.path("code").asString(),
                    ProgressDisplay.count(group.path("events").asLong()),
                    ProgressDisplay.size(group.path("bytes").asLong()),
                    group.path("oldest").asString(),
                    group.path("expiresAt").asString()
                            + (group.path("expiresSoon").asBoolean() ? " (soon)" : ""),
                    group.path("example").asString());
        }
        if (groups.isEmpty()) {
            root.terminal().say(pipeline + ": no failed events" + (all ? "" : " of that kind"));
        } else {
            table.lines().forEach(root.terminal()::data);
        }
    }

    private void printEvents(JsonNode events) {
        TextTable table = new TextTable(
                "id", "object", "operation", "phase", "reason", "column", "status", "tries", "waits for", "why");
        for (JsonNode event : events) {
            table.row(
                    event.path("id").asString(),
                    event.path("object").asString(),
                    event.path("operation").asString(),
                    event.path("phase").asString(),
                    event.path("code").asString(),
                    event.path("column").asString(),
                    event.path("status").asString(),
                    Integer.toString(event.path("attempts").asInt()),
                    waitsFor(event),
                    event.path("why").asString());
        }
        table.lines().forEach(root.terminal()::data);
    }

    /** Another event's id, or the load that makes it obsolete. */
    private static String waitsFor(JsonNode event) {
        String front = event.path("waitsFor").asString("");
        boolean waits = !event.path("waits").asString("").isEmpty();
        return front.isEmpty() && waits ? "load" : front;
    }

    @Command(
            name = "show",
            description = {
                "One event with its values, which are masked without --clear: as the source has it,",
                "and as it comes into the phase that it failed in."
            },
            mixinStandardHelpOptions = true)
    Integer show(
            @Mixin PipelineOption chosen,
            @Parameters(paramLabel = "ID", description = "As 'failed list --events' names it.") String id,
            @Option(names = "--clear", description = "Show the values.") boolean clear) {
        JsonNode event = InstallationAccess.failed(root)
                .ask(
                        chosen,
                        (client, name) -> client.failedEvent(name, id, clear),
                        (failed, name) -> failed.show(name, id, clear))
                .document();
        if (root.json()) {
            root.terminal().json(event);
            return ExitCode.OK;
        }
        TextTable table = TextTable.whole("what", "value");
        event.path("event")
                .properties()
                .forEach(entry -> table.row(entry.getKey(), entry.getValue().asString("")));
        event.path("values").properties().forEach(entry -> table.row("  " + entry.getKey(), shown(entry.getValue())));
        event.path("before")
                .properties()
                .forEach(entry -> table.row("  before: " + entry.getKey(), shown(entry.getValue())));
        event.path("unchanged").forEach(column -> table.row("  " + column.asString(), "(unchanged)"));
        intoPhase(event, table);
        table.lines().forEach(root.terminal()::data);
        return ExitCode.OK;
    }

    /** What the phases before have made of it. */
    private static void intoPhase(JsonNode event, TextTable table) {
        String phase = "into " + event.path("event").path("phase").asString("");
        for (JsonNode row : event.path("intoPhase").path("rows")) {
            table.row(
                    phase,
                    row.path("operation").asString("") + " " + row.path("table").asString(""));
            row.path("values").properties().forEach(entry -> table.row("  " + entry.getKey(), shown(entry.getValue())));
            row.path("before")
                    .properties()
                    .forEach(entry -> table.row("  before: " + entry.getKey(), shown(entry.getValue())));
        }
        String note = event.path("intoPhase").path("note").asString("");
        if (!note.isEmpty()) {
            table.row(phase, note);
        }
    }

    private static String shown(JsonNode value) {
        return value.isNull() ? "(null)" : value.asString(value.toString());
    }

    @Command(
            name = "replay",
            description = "Tries parked events again, from the source's event on, with the definition as it is now.",
            mixinStandardHelpOptions = true)
    Integer replay(@Mixin FailedChoice choice) {
        InstallationAccess.Answer answer = InstallationAccess.failed(root)
                .ask(
                        choice.pipeline(),
                        (client, name) -> sum(choice, query -> client.failedReplay(name, query)),
                        (failed, name) -> failed.replay(name, choice.selection(false), choice.all()));
        String pipeline = answer.pipeline();
        long events = answer.document().path("events").asLong();
        long ahead = answer.document().path("ahead").asLong();
        long superseded = answer.document().path("superseded").asLong();
        if (root.json()) {
            root.terminal()
                    .json(Map.of("pipeline", pipeline, "events", events, "ahead", ahead, "superseded", superseded));
        } else {
            tellReplay(answer, events, ahead, superseded);
        }
        return ExitCode.OK;
    }

    /** All of several requests' numbers. */
    private static JsonNode sum(FailedChoice choice, Function<String, JsonNode> request) {
        ObjectNode sum = JsonMapper.shared().createObjectNode();
        for (String query : choice.queries()) {
            request.apply(query)
                    .properties()
                    .forEach(each -> sum.put(
                            each.getKey(),
                            sum.path(each.getKey()).asLong(0) + each.getValue().asLong()));
        }
        return sum;
    }

    private void tellReplay(InstallationAccess.Answer answer, long events, long ahead, long superseded) {
        String pipeline = answer.pipeline();
        if (events > 0) {
            root.terminal()
                    .say(pipeline + ": " + events + " failed events are tried again"
                            + (answer.running() ? "" : " from the next start on")
                            + (ahead == 0 ? "" : ", behind " + ahead + " earlier ones that have to go first")
                            + "; see 'millrace failed list' for those that fail again");
        }
        if (superseded > 0) {
            root.terminal()
                    .say(pipeline + ": " + superseded
                            + " are not tried: their table is being loaded again, and they are"
                            + " obsolete as soon as that is complete");
        }
        if (events + superseded == 0) {
            root.terminal()
                    .say(pipeline + ": none of these is parked, so nothing is tried again; see 'millrace failed list"
                            + " --events --given-up' for what became of it");
        }
    }

    @Command(
            name = "skip",
            description = "Gives parked events up for good; what waits behind them goes on.",
            mixinStandardHelpOptions = true)
    Integer skip(@Mixin FailedChoice choice) {
        InstallationAccess.Answer answer = InstallationAccess.failed(root)
                .ask(
                        choice.pipeline(),
                        (client, name) -> sum(choice, query -> client.failedSkip(name, query)),
                        (failed, name) -> failed.skip(name, choice.selection(false), choice.all()));
        String pipeline = answer.pipeline();
        long events = answer.document().path("events").asLong();
        if (root.json()) {
            root.terminal().json(Map.of("pipeline", pipeline, "events", events));
        } else {
            root.terminal().say(pipeline + ": " + events + " failed events are given up");
        }
        return ExitCode.OK;
    }

    @Command(
            name = "export",
            description = "Writes events with their values, a JSON document a line; masked without --clear.",
            mixinStandardHelpOptions = true)
    Integer export(
            @Mixin FailedChoice choice,
            @Option(names = "--clear", description = "Write the values.") boolean clear,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FILE",
                            description = "A new file, made readable by its owner only. Default: stdout.")
                    Path output) {
        try {
            if (output != null) {
                Files.createFile(
                        output, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                try (OutputStream to = new BufferedOutputStream(Files.newOutputStream(output))) {
                    export(choice, clear, to);
                }
            } else {
                export(choice, clear, root.terminal().out());
            }
        } catch (IOException | UncheckedIOException e) {
            throw MillraceException.external(
                    "EXPORT_FAILED",
                    "The failed events could not be written",
                    e.getClass().getSimpleName().toLowerCase(Locale.ROOT) + ": " + e.getMessage(),
                    "Choose a file that isn't there yet, in a folder with room.",
                    e);
        }
        return ExitCode.OK;
    }

    private void export(FailedChoice choice, boolean clear, OutputStream to) {
        InstallationAccess.failed(root)
                .ask(
                        choice.pipeline(),
                        (client, name) -> {
                            for (String query : choice.queries()) {
                                written(() -> client.failedExport(
                                        name, query + FailedChoice.pair("clear", Boolean.toString(clear)), to));
                            }
                            return NullNode.getInstance();
                        },
                        (failed, name) -> {
                            written(() -> failed.export(name, choice.selection(false), clear)
                                    .writeTo(to));
                            return NullNode.getInstance();
                        });
    }

    private interface Writing {
        void write() throws IOException;
    }

    private static void written(Writing writing) {
        try {
            writing.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Command(
            name = "rotate-key",
            description = {
                "Adds a key to the data folder's key file, with which failed events are encrypted from the next start on.",
                "What was encrypted before stays readable by the older keys, which the file keeps."
            },
            mixinStandardHelpOptions = true)
    Integer rotateKey() {
        if (root.config().encryption().key().isPresent()) {
            throw MillraceException.user(
                    "KEY_GIVEN",
                    "The key isn't Millrace's to change",
                    "'encryption.key' refers to it",
                    "Change it there, and give the one before as 'previousKey'.");
        }
        KeyFile.rotate(root.config().dataFolder());
        root.terminal()
                .say("a new key is in " + root.config().dataFolder().resolve(KeyFile.NAME)
                        + "; it is used from the next start on");
        return ExitCode.OK;
    }
}
