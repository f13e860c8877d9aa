package dev.millrace.consume.json;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.transform.RowPhase;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.util.Optional;

/**
 * Converts a pipeline's JSON columns by its destination's strategy; those of a key stay as they are, and flattening leaves a table alone that has no other
 * columns.
 */
public final class JsonPhase implements RowPhase {
    private final JsonSettings settings;
    private final LearnedShapes shapes;
    private final LoadRules rules;

    private JsonPhase(JsonSettings settings, LearnedShapes shapes, LoadRules rules) {
        this.settings = settings;
        this.shapes = shapes;
        this.rules = rules;
    }

    /**
     * Empty where JSON columns stay as they are.
     *
     * @param rules what becomes of deleted rows, and so of their child rows
     */
    public static Optional<RowPhase> of(JsonSettings settings, LearnedShapes shapes, LoadRules rules) {
        return settings.strategy() == JsonStrategy.COLUMNS
                ? Optional.empty()
                : Optional.of(new JsonPhase(settings, shapes, rules));
    }

    static boolean isConverted(Column column) {
        boolean json = column.type() == Type.MAP || column.type() == Type.LIST || column.type() == Type.LIST_MAP;
        return json && !column.inKey();
    }

    @Override
    public String name() {
        return "json";
    }

    @Override
    public Optional<RowProgram> compile(Schema input) {
        boolean flattens = settings.strategy() == JsonStrategy.FLATTEN;
        if (flattens) {
            shapes.claim(input.table());
        }
        boolean any = input.columns().stream().anyMatch(JsonPhase::isConverted);
        // child rows of a document whose column is gone go with their row all the same
        boolean had =
                flattens && input.keyed() && !shapes.of(input.table()).children.isEmpty();
        if (!any && !had || flattens && input.columns().stream().allMatch(JsonPhase::isConverted)) {
            return Optional.empty();
        }
        if (!flattens) {
            return Optional.of(new TextProgram(input, settings.strategy()));
        }
        LoadRules.Rule rule = rules.of(input.table().schema(), input.table().name());
        return Optional.of(new FlattenProgram(input, settings, shapes, rule.onDelete() == OnDelete.IGNORE));
    }

    /** Everything noted of what the window holds is on disk when this returns. */
    @Override
    public void committing() {
        shapes.sync();
    }
}
