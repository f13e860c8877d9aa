package dev.millrace.config.load;

import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.config.pipeline.Condition;
import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.pipeline.ObjectPattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what is done to rows before the log: the section {@code beforeLog} of a source. */
final class BeforeLogReader {
    static final String KEY = "beforeLog";
    private static final Set<String> KEYS = Set.of("mask", "filter");

    private BeforeLogReader() {}

    /** Empty when anything was complained about. */
    static Optional<BeforeLog> read(Section source, ProblemCollector problems) {
        List<BeforeLog.Entry> entries = new ArrayList<>();
        boolean whole = true;
        Section objects = source.section(KEY);
        for (String name : objects.keys()) {
            Optional<ObjectPattern> pattern = ObjectPattern.of(name);
            if (pattern.isEmpty()) {
                problems.error(
                        objects.place(name),
                        "BAD_VALUE",
                        "'" + name + "' names no objects",
                        "Write schema.table, with '*' for anything within a part; parts with dots or quotes in double quotes.");
                whole = false;
                continue;
            }
            Section section = objects.section(name);
            whole &= section.settings(List.of(), KEYS).isPresent();
            Optional<Map<String, Masking>> masks = masks(section.section("mask"), problems);
            Optional<List<Condition>> filter = filter(section, problems);
            whole &= masks.isPresent() && filter.isPresent();
            if (masks.isPresent() && filter.isPresent()) {
                entries.add(new BeforeLog.Entry(pattern.get(), masks.get(), filter.get()));
            }
        }
        return whole ? Optional.of(new BeforeLog(entries)) : Optional.empty();
    }

    private static Optional<Map<String, Masking>> masks(Section section, ProblemCollector problems) {
        Map<String, Masking> masks = new LinkedHashMap<>();
        for (String column : section.keys()) {
            MaskReader.read(section, column, problems).ifPresent(mask -> masks.put(column, mask));
        }
        return masks.size() == section.keys().size() ? Optional.of(masks) : Optional.empty();
    }

    private static Optional<List<Condition>> filter(Section section, ProblemCollector problems) {
        if (!section.has("filter")) {
            return Optional.of(List.of());
        }
        return section.text("filter").flatMap(text -> {
            try {
                return Optional.of(ConditionParser.parse(text));
            } catch (ConditionParser.Malformed malformed) {
                problems.error(
                        section.place("filter"),
                        "BAD_VALUE",
                        "'filter' can't be read: " + malformed.getMessage(),
                        "Write comparisons joined by 'and', for example: country in ('DE', 'AT') and age >= 18.");
                return Optional.empty();
            }
        });
    }
}
