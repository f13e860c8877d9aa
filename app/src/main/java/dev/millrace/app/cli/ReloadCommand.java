package dev.millrace.app.cli;

import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.Wishes;
import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace reload OBJECT}: loads an object again under the stream, now or at the pipeline's next start. */
@Command(
        name = "reload",
        description = {
            "Loads an object again; its readers see the old rows until the new ones are whole.",
            "With --all a pipeline begins again from nothing: the way on after changes were lost."
        },
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    /** What a caller of an address hears where nothing listens any more, or the address itself is not whole. */
    private static final Set<String> NO_ANSWER = Set.of("CONTROL_NO_ANSWER", "CONTROL_FILE_NOT_READ");

    private final MillraceCommand root;

    @Parameters(
            arity = "0..1",
            paramLabel = "OBJECT",
            description = "The object as the source names it, e.g. public.film.")
    private Optional<String> object = Optional.empty();

    @Option(names = "--all", description = "Begin the pipeline again: new slot, new log, every object loaded again.")
    private boolean all;

    @Option(
            names = "--anyway",
            description =
                    "Also where versions of a history are parked, which are lost then; else they are to be replayed first.")
    private boolean anyway;

    @Mixin
    private PipelineOption pipeline = new PipelineOption();

    ReloadCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (all == object.isPresent()) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID", "Either an object or --all", "", "For example: millrace reload public.film");
        }
        String wanted = object.orElse(Wishes.BEGIN_AGAIN);
        try {
            if (!askRunning(wanted)) {
                leaveForNextStart(wanted);
            }
        } catch (MillraceException silent) {
            if (pipeline.given().isEmpty() || !NO_ANSWER.contains(silent.code())) {
                throw silent;
            }
            leaveByTheDead(wanted, silent);
        }
        return ExitCode.OK;
    }

    /** False when nothing runs on the data folder. */
    private boolean askRunning(String wanted) {
        Optional<ControlAddress> address = ControlAddress.readFrom(root.config().dataFolder());
        if (address.isEmpty()) {
            return false;
        }
        ControlClient client = new ControlClient(address.get());
        String name = pipeline.name(root, client);
        client.reload(name, wanted, anyway);
        root.terminal().say(name + ": " + told() + " loaded again, from now");
        return true;
    }

    private void leaveForNextStart(String wanted) {
        Optional<PipelineDefinition> definition = definition();
        String name = pipeline.name(root)
                .orElseGet(() ->
                        definition.orElseGet(() -> pipeline.definition(root)).name());
        Millrace.reloadAtNextStart(root.config(), name, definition, wanted, anyway);
        root.terminal().say(name + ": " + told() + " loaded again at the next start");
    }

    /** Empty where it can't be read: the wish is one for a pipeline's state all the same. */
    private Optional<PipelineDefinition> definition() {
        try {
            return Optional.of(pipeline.definition(root));
        } catch (MillraceException unreadable) {
            if (unreadable.category() != Category.USER) {
                throw unreadable;
            }
            return Optional.empty();
        }
    }

    /** A killed process leaves its address behind; then its folder is free. */
    private void leaveByTheDead(String wanted, MillraceException silent) {
        try {
            leaveForNextStart(wanted);
        } catch (MillraceException refused) {
            throw refused.code().equals("DATA_FOLDER_IN_USE") ? silent : refused;
        }
    }

    private String told() {
        return object.map(name -> name + " is").orElse("everything is");
    }
}
