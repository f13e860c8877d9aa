package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import dev.millrace.web.MappingWish;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/**
 * {@code millrace mapping}: where a pipeline's objects go at the destination, and what users choose for them; asked of the running process, or
 * of the data folder that none runs on.
 */
@Command(
        name = "mapping",
        description = {
            "Shows where a pipeline's objects go at the destination, and answers what waits for approval or a choice.",
            "Where nothing runs on the data folder, answers count from the next start on."
        },
        mixinStandardHelpOptions = true)
final class MappingCommand implements Callable<Integer> {
    private final MillraceCommand root;

    MappingCommand(MillraceCommand root) {
        this.root = root;
    }

    /** What becomes of an object: one of these. */
    static final class Wish {
        @Option(
                names = "--recreate",
                description = "Make its table again, or what that has lost, and load the object again.")
        private boolean recreate;

        @Option(names = "--skip", description = "Load it no more; its table stays as it is.")
        private boolean skip;

        @Option(names = "--unskip", description = "Load it again, from its beginning.")
        private boolean unskip;

        @Option(
                names = "--to",
                paramLabel = "TABLE",
                description = "Load it into this table from its beginning: schema.name, or a name in its schema.")
        private Optional<String> to = Optional.empty();

        private MappingWish wish() {
            if (to.isPresent()) {
                return new MappingWish.To(to.get());
            }
            return switch (word()) {
                case "recreate" -> new MappingWish.Recreate();
                case "skip" -> new MappingWish.Skip();
                default -> new MappingWish.Unskip();
            };
        }

        private String query() {
            return FailedChoice.pair("choice", word())
                    + to.map(table -> FailedChoice.pair("to", table)).orElse("");
        }

        /** One of them is there: picocli sees to that. */
        private String word() {
            if (recreate) {
                return "recreate";
            }
            return skip ? "skip" : unskip ? "unskip" : "to";
        }
    }

    /** The group that picocli fills. */
    static final class Wishes {
        @ArgGroup(exclusive = true, multiplicity = "1")
        private Wish one;
    }

    @Override
    public Integer call() {
        throw MillraceCommand.commandMissing("mapping", "the mapping");
    }

    @Command(
            name = "list",
            description = "Every object, how it stands, the table it goes to, and what of it waits for you.",
            mixinStandardHelpOptions = true)
    Integer list(
            @Mixin PipelineOption chosen,
            @Option(names = "--waiting", description = "Only those that wait for you.") boolean waiting) {
        InstallationAccess.Answer answer = InstallationAccess.mapping(root)
                .ask(
                        chosen,
                        (client, name) -> client.mapping(name),
                        (mapping, name) -> Map.of("objects", mapping.list(name)));
        new MappingText(root).list(answer.pipeline(), answer.document().path("objects"), waiting);
        return ExitCode.OK;
    }

    @Command(
            name = "show",
            description = "One object with its columns, what is proposed for it, and what to do.",
            mixinStandardHelpOptions = true)
    Integer show(
            @Mixin PipelineOption chosen,
            @Parameters(paramLabel = "OBJECT", description = "As 'mapping list' names it, e.g. public.film.")
                    String object) {
        InstallationAccess.Answer answer = InstallationAccess.mapping(root)
                .ask(
                        chosen,
                        (client, name) -> client.mappedObject(name, object),
                        (mapping, name) -> mapping.show(name, object));
        new MappingText(root).show(answer.document());
        return ExitCode.OK;
    }

    @Command(
            name = "approve",
            description = {
                "Approves of objects that wait for it, and of what is proposed for them.",
                "A new column is added and its object loaded again; rows that waited for a wider type are loaded."
            },
            mixinStandardHelpOptions = true)
    Integer approve(
            @Mixin PipelineOption chosen,
            @Parameters(arity = "0..*", paramLabel = "OBJECT", description = "As 'mapping list' names them.")
                    List<String> objects,
            @Option(names = "--all", description = "All that wait.") boolean all) {
        List<String> named = objects == null ? List.of() : objects;
        if (all == !named.isEmpty()) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID",
                    "Either objects or --all",
                    "",
                    "For example: millrace mapping approve public.film");
        }
        StringBuilder query = new StringBuilder(all ? FailedChoice.pair("all", "true") : "");
        named.forEach(object -> query.append(FailedChoice.pair("object", object)));
        return answered(
                "approved",
                InstallationAccess.mapping(root)
                        .ask(
                                chosen,
                                (client, name) -> client.mappingAction(name, "approve", query.toString()),
                                (mapping, name) -> Map.of("answers", mapping.approve(name, named))));
    }

    @Command(
            name = "reject",
            description = {
                "Rejects what is proposed for an object; an object that waits for approval itself is skipped.",
                "Events that need a wider type stay parked: skip them, or approve later."
            },
            mixinStandardHelpOptions = true)
    Integer reject(
            @Mixin PipelineOption chosen,
            @Parameters(paramLabel = "OBJECT", description = "As 'mapping list' names it.") String object) {
        return answered(
                "rejected",
                InstallationAccess.mapping(root)
                        .ask(
                                chosen,
                                (client, name) ->
                                        client.mappingAction(name, "reject", FailedChoice.pair("object", object)),
                                (mapping, name) -> Map.of("answers", List.of(mapping.reject(name, object)))));
    }

    @Command(
            name = "set",
            description = "Chooses what becomes of an object, also where its table was dropped at the destination.",
            mixinStandardHelpOptions = true)
    Integer set(
            @Mixin PipelineOption chosen,
            @Parameters(paramLabel = "OBJECT", description = "As 'mapping list' names it.") String object,
            @Mixin Wishes wishes) {
        String query = FailedChoice.pair("object", object) + wishes.one.query();
        return answered(
                "",
                InstallationAccess.mapping(root)
                        .ask(
                                chosen,
                                (client, name) -> client.mappingAction(name, "set", query),
                                (mapping, name) ->
                                        Map.of("answers", List.of(mapping.set(name, object, wishes.one.wish())))));
    }

    private Integer answered(String what, InstallationAccess.Answer answer) {
        JsonNode answers = answer.document().path("answers");
        new MappingText(root).answers(what, answers, answer.running());
        return ExitCode.OK;
    }
}
