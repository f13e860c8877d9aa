package dev.millrace.config.transform;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.setting.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One step. Columns are named as they are called at that point. Expressions are JavaScript over them. */
public sealed interface StepDefinition {
    Place place();

    /** Only these columns go on, in the order they had; names may hold {@code *}. The key's columns always stay. */
    record Include(Place place, List<String> columns) implements StepDefinition {
        public Include {
            columns = List.copyOf(columns);
        }
    }

    /** These columns go no further; names may hold {@code *}. None of them is the key's. */
    record Exclude(Place place, List<String> columns) implements StepDefinition {
        public Exclude {
            columns = List.copyOf(columns);
        }
    }

    record Rename(Place place, String column, String name) implements StepDefinition {}

    /** The table's name: {@code name} or {@code schema.name}; {@code {table}} and {@code {schema}} stand for what it had. */
    record Table(Place place, String name) implements StepDefinition {}

    /** A column, new or not, gets an expression's value; without a type a new one is text, another one keeps its own. */
    record Assign(Place place, String column, String expression, Optional<ColumnType> type) implements StepDefinition {}

    record Cast(Place place, String column, ColumnType type) implements StepDefinition {}

    /** Text becomes a number or time, by a pattern. */
    record Parse(Place place, String column, ColumnType type, TextFormat format) implements StepDefinition {}

    /** A number or time becomes text, by a pattern. */
    record Format(Place place, String column, TextFormat format) implements StepDefinition {}

    /**
     * @param locale a language tag, {@code de-DE}
     * @param zone of times whose text has none; also where an instant is shown
     */
    record TextFormat(String pattern, String locale, String zone) {}

    enum Change {
        TRIM,
        LOWER,
        UPPER
    }

    record Text(Place place, Change change, String column) implements StepDefinition {}

    /** @param regex whether {@code find} is a regular expression, and {@code with} may refer to its groups */
    record Replace(Place place, String column, String find, String with, boolean regex) implements StepDefinition {}

    /** The groups of the first match, into columns; NULL without a match. */
    record Extract(Place place, String column, String pattern, List<String> into) implements StepDefinition {
        public Extract {
            into = List.copyOf(into);
        }
    }

    /** The parts of a text, into columns: the last one gets the rest, those that are missing are NULL. */
    record Split(Place place, String column, String by, List<String> into) implements StepDefinition {
        public Split {
            into = List.copyOf(into);
        }
    }

    /** Texts one behind the other; NULLs are left out. */
    record Concat(Place place, String into, List<String> columns, String separator) implements StepDefinition {
        public Concat {
            columns = List.copyOf(columns);
        }
    }

    /** Text that is JSON becomes JSON. */
    record ParseJson(Place place, String column) implements StepDefinition {}

    /** Members of a JSON value become columns. */
    record Flatten(Place place, String column, List<Field> fields) implements StepDefinition {
        public Flatten {
            fields = List.copyOf(fields);
        }
    }

    /** @param path member names; digits are also places in an array */
    record Field(String column, List<String> path, ColumnType type) {
        public Field {
            path = List.copyOf(path);
        }
    }

    record Mask(Place place, String column, Masking masking) implements StepDefinition {}

    /** Half away from zero. */
    record Round(Place place, String column, int digits) implements StepDefinition {}

    record If(Place place, String when, List<StepDefinition> then, List<StepDefinition> otherwise)
            implements StepDefinition {
        public If {
            then = List.copyOf(then);
            otherwise = List.copyOf(otherwise);
        }
    }

    /** Events for which it is true go no further; what the destination has stays. */
    record Drop(Place place, String when) implements StepDefinition {}

    /** Only rows for which it is true are at the destination: a row that ceases to be is deleted there. */
    record Filter(Place place, String keep) implements StepDefinition {}

    /** Rows for which it is true are in another table; the first route that fits counts. */
    record Route(Place place, String when, String table) implements StepDefinition {}

    enum Metadata {
        OPERATION,
        EVENT_ID,
        TRANSACTION_ID,
        MODIFIED_AT,
        INGESTED_AT,
        LOG_INDEX,
        SCHEMA,
        TABLE
    }

    record AddMetadata(Place place, String column, Metadata what) implements StepDefinition {}

    /**
     * A file with a function {@code transform(event)}.
     *
     * @param text what stood in it when the step was read; empty where it could not be read then
     * @param salt the key of {@code Hash.secret}
     */
    record Script(Place place, Path file, Optional<String> text, Optional<Secret> salt, ScriptBounds limits)
            implements StepDefinition {}
}
