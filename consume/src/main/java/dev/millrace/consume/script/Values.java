package dev.millrace.consume.script;

import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.util.Optional;

/** Turns what a script made into cells, as {@link JsResults} draws; of use only while its script's run lasts. */
public final class Values {
    private final LimitedContext context;

    Values(LimitedContext context) {
        this.context = context;
    }

    /**
     * The type that a value says itself; empty for NULL.
     *
     * @throws ScriptFailure SCRIPT_RESULT when no column can hold it
     */
    public Optional<DataType> typeOf(String column, Object js) {
        return Optional.ofNullable(JsResults.type(js, column));
    }

    /** A cell's value as the script would see it. */
    public Object js(Type type, Object value) {
        return JsValues.of(context, type, value);
    }

    /** Whether {@code type} holds the value without a change. */
    public boolean fits(DataType type, Object js) {
        return JsResults.fit(context, type, js) != JsResults.UNFIT;
    }

    /**
     * The value in the form that {@link CellValues} draws, null for NULL; as text for a text column that was given something else.
     *
     * @throws IllegalStateException when the type can't hold it
     */
    public Object as(DataType type, Object js) {
        Object value = JsResults.fit(context, type, js);
        if (value != JsResults.UNFIT) {
            return value;
        }
        return switch (type.type()) {
            case CHAR, STRING, FILE_REF -> JsResults.asText(context, js);
            default -> throw new IllegalStateException("a value doesn't fit " + type);
        };
    }
}
