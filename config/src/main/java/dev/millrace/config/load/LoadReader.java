package dev.millrace.config.load;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads how a pipeline's objects are loaded: the section {@code load}. */
final class LoadReader {
    private static final List<String> MODES = List.of("merge", "append", "history");
    private static final List<String> DELETES = List.of("soft", "hard", "ignore");

    private static final List<Setting> ALL =
            List.of(Setting.choice("mode", "merge", MODES, "What changes become at the destination."));

    private static final List<Setting> SOME = List.of(
            optionalChoice("mode", MODES, "What these objects' changes become at the destination."),
            optionalChoice("onDelete", DELETES, "What these objects' deleted rows become."));

    private LoadReader() {}

    /** What the section says; the rest stands beside it. */
    record Load(LoadMode mode, List<LoadRules.Entry> entries) {
        LoadRules rules(OnDelete onDelete) {
            return new LoadRules(mode, onDelete, entries);
        }
    }

    /** Empty when anything was complained about. */
    static Optional<Load> read(Section top, ProblemCollector problems) {
        Section section = top.section("load");
        Optional<Settings> settings = section.settings(ALL, Set.of("objects"));
        List<LoadRules.Entry> entries = new ArrayList<>();
        boolean whole = true;
        for (ObjectEntries.Entry entry : ObjectEntries.of(section, "objects", problems)) {
            Optional<Settings> values = entry.section().settings(SOME, Set.of());
            whole &= values.isPresent();
            values.ifPresent(its -> entries.add(entry(entry.pattern(), its)));
        }
        return whole
                ? settings.map(values -> new Load(LoadMode.valueOf(constant(values.text("mode"))), entries))
                : Optional.empty();
    }

    private static LoadRules.Entry entry(ObjectPattern pattern, Settings values) {
        return new LoadRules.Entry(
                pattern,
                values.optionalText("mode").map(text -> LoadMode.valueOf(constant(text))),
                values.optionalText("onDelete").map(text -> OnDelete.valueOf(constant(text))));
    }

    private static Setting optionalChoice(String name, List<String> choices, String help) {
        return new Setting(name, Type.CHOICE, null, false, choices, Range.NOT_NEGATIVE, help);
    }

    private static String constant(String choice) {
        return choice.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
