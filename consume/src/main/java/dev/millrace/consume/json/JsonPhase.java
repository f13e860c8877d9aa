package dev.millrace.consume.json;

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

    private JsonPhase(JsonSettings settings, LearnedShapes shapes) {
        this.settings = settings;
        this.shapes = shapes;
    }

    /** Empty where JSON columns stay as they are. */
    public static Optional<RowPhase> of(JsonSettings settings, LearnedShapes shapes) {
        return settings.strategy() == JsonStrategy.COLUMNS
                ? Optional.empty()
                : Optional.of(new JsonPhase(settings, shapes));
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
        if (!any || flattens && input.columns().stream().allMatch(JsonPhase::isConverted)) {
            return Optional.empty();
        }
        return Optional.of(
                flattens ? new FlattenProgram(input, settings, shapes) : new TextProgram(input, settings.strategy()));
    }

    /** Everything noted of what the window holds is on disk when this returns. */
    @Override
    public void committing() {
        shapes.sync();
    }
}
