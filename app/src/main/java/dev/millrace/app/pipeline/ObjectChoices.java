package dev.millrace.app.pipeline;

import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.consume.mapping.MappingView;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateStore;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What becomes of a pipeline's objects at the destination, as it is and as users choose. A choice is durable before anything follows of it;
 * should the process end in between, the pipeline's next start does the rest. Any thread.
 */
public final class ObjectChoices {
    private final PipelineDefinition definition;
    private final StateStore state;
    private final FailedQueue failed;
    private final Supplier<NamingRules> naming;
    private final MappingChoices choices;
    private final Consumer<TableName> load;
    private final Runnable loadAgain;

    /**
     * For one pipeline; while it runs, only its runtime makes one.
     *
     * @param naming what names the destination takes
     * @param load has an object of the source loaded again, if the pipeline has started
     * @param loadAgain has the destination's side go on where it stands
     */
    public ObjectChoices(
            PipelineDefinition definition,
            StateStore state,
            FailedQueue failed,
            Supplier<NamingRules> naming,
            Consumer<TableName> load,
            Runnable loadAgain) {
        this.definition = definition;
        this.state = state;
        this.failed = failed;
        this.naming = naming;
        this.choices = new MappingChoices(definition.name(), state);
        this.load = load;
        this.loadAgain = loadAgain;
    }

    MappingChoices choices() {
        return choices;
    }

    /** What the definition says. */
    public MappingRules rules() {
        return definition.mapping();
    }

    /** What names the destination takes. */
    public NamingRules naming() {
        return naming.get();
    }

    /** How they are now. */
    public MappingView view() {
        return MappingView.of(state, definition.name(), definition.mapping());
    }

    /**
     * Does what a user has chosen for an object, by one of the methods of {@link MappingChoices}, which is given: what is to be loaded again
     * is, and its failed events are tried again where that may help now.
     *
     * @param table the object as transformations leave it
     * @throws dev.millrace.config.error.MillraceException USER what {@code choice} throws
     */
    public <T> T choose(TableName table, Function<MappingChoices, T> choice) {
        T told = choice.apply(choices);
        TableName object = choices.mapping(table).map(TableMapping::object).orElse(table);
        if (choices.awaited(definition.mapping()).contains(object)) {
            load.accept(object);
        }
        failed.replay(new FailedFilter(
                Optional.of(object.toString()), Optional.of(Failure.Phase.MAP), Optional.empty(), Set.of(), true));
        loadAgain.run();
        return told;
    }

    /** A user wants an object of the source loaded again, which is about to be. */
    void reloadAsked(TableName object) {
        parkedVersions().tell(object);
        choices.reloadAsked(object);
    }

    /**
     * That a load of an object of the source, or of all, loses no versions of a history.
     *
     * @throws dev.millrace.config.error.MillraceException USER PARKED_VERSIONS where some are parked
     */
    public void requireNoVersionsLost(Optional<TableName> object) {
        parkedVersions().requireNone(object);
    }

    private ParkedVersions parkedVersions() {
        return new ParkedVersions(definition, failed, state);
    }

    /** Begins what was chosen before this start, and loads of what the definition has let go. */
    void loadAwaited() {
        choices.awaited(definition.mapping()).forEach(load);
    }
}
