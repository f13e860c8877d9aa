package dev.millrace.config.load;

import dev.millrace.config.pipeline.ObjectPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sections that stand each under the objects they speak of: {@code "public.audit_*": {…}}. */
final class ObjectEntries {
    private ObjectEntries() {}

    record Entry(ObjectPattern pattern, Section section) {}

    /** In the order of the file; without those that were complained about. */
    static List<Entry> of(Section around, String key, ProblemCollector problems) {
        List<Entry> entries = new ArrayList<>();
        Section objects = around.section(key);
        for (String name : objects.keys()) {
            Optional<ObjectPattern> pattern = ObjectPattern.of(name);
            if (pattern.isEmpty()) {
                problems.error(
                        objects.place(name),
                        "BAD_VALUE",
                        "'" + name + "' names no objects",
                        "Write schema.table, with '*' for anything within a part; parts with dots or quotes in double quotes.");
            } else {
                entries.add(new Entry(pattern.get(), objects.section(name)));
            }
        }
        return entries;
    }
}
