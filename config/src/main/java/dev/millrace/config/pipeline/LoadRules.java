package dev.millrace.config.pipeline;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * How objects are loaded: what holds for all of them, and what for some. Where several entries match an object, the later one's words count.
 *
 * @param parts tells by schema and name the tables that are parts of another's rows: what is deleted there was taken out of a row that stays, so
 *     that {@code ignore} is no answer to it
 */
public record LoadRules(LoadMode mode, OnDelete onDelete, List<Entry> entries, BiPredicate<String, String> parts) {
    /** Today's usual way for all objects. */
    public static final LoadRules DEFAULTS = new LoadRules(LoadMode.MERGE, OnDelete.SOFT, List.of());

    /** What is said of the objects that {@code pattern} names; what is empty is left to the others. */
    public record Entry(ObjectPattern pattern, Optional<LoadMode> mode, Optional<OnDelete> onDelete) {
        public Entry {
            Objects.requireNonNull(pattern);
            Objects.requireNonNull(mode);
            Objects.requireNonNull(onDelete);
        }
    }

    /** What holds for one object. */
    public record Rule(LoadMode mode, OnDelete onDelete) {
        /** The mode for an object with a key or without: a history needs one, and an object without is appended instead. */
        public LoadMode mode(boolean keyed) {
            return mode == LoadMode.HISTORY && !keyed ? LoadMode.APPEND : mode;
        }
    }

    /** Without parts. */
    public LoadRules(LoadMode mode, OnDelete onDelete, List<Entry> entries) {
        this(mode, onDelete, entries, LoadRules::isNoPart);
    }

    public LoadRules {
        Objects.requireNonNull(parts);
        Objects.requireNonNull(mode);
        Objects.requireNonNull(onDelete);
        entries = List.copyOf(entries);
    }

    private static boolean isNoPart(String schema, String table) {
        return false;
    }

    /** Merges every object so. */
    public static LoadRules merge(OnDelete onDelete) {
        return new LoadRules(LoadMode.MERGE, onDelete, List.of());
    }

    /** The same where these tables are parts of other tables' rows. */
    public LoadRules withParts(BiPredicate<String, String> other) {
        return new LoadRules(mode, onDelete, entries, other);
    }

    /** @param schema empty where the source has no schemas */
    public Rule of(String schema, String table) {
        LoadMode itsMode = mode;
        OnDelete itsDeletes = onDelete;
        for (Entry entry : entries) {
            if (entry.pattern().matches(schema, table)) {
                itsMode = entry.mode().orElse(itsMode);
                itsDeletes = entry.onDelete().orElse(itsDeletes);
            }
        }
        boolean part = itsDeletes == OnDelete.IGNORE && parts.test(schema, table);
        return new Rule(itsMode, part ? OnDelete.HARD : itsDeletes);
    }

    /** As YAML. */
    String effective() {
        StringBuilder text = new StringBuilder("onDelete: " + word(onDelete) + "\nload:\n  mode: " + word(mode) + "\n");
        if (!entries.isEmpty()) {
            text.append("  objects:\n");
        }
        for (Entry entry : entries) {
            text.append("    '").append(entry.pattern()).append("': {");
            entry.mode().ifPresent(its -> text.append("mode: ").append(word(its)));
            entry.onDelete().ifPresent(its -> text.append(entry.mode().isPresent() ? ", " : "")
                    .append("onDelete: ")
                    .append(word(its)));
            text.append("}\n");
        }
        return text.toString();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
