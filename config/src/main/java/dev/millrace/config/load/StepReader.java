package dev.millrace.config.load;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.error.Nearest;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.Place;
import dev.millrace.config.transform.ScriptBounds;
import dev.millrace.config.transform.StepDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads lists of steps: each a mapping of one key, the step's kind, and what it is to do. */
final class StepReader {
    /** Reads a step's value, which stands under the kind as its key, into the steps it means. */
    interface Kind {
        void read(Section around, Place place, List<StepDefinition> into);
    }

    private final Path file;
    private final Function<Path, String> scripts;
    private final ProblemCollector problems;
    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    /** @param scripts gives a script's text by its file, or throws a {@link MillraceException} */
    StepReader(Path file, Function<Path, String> scripts, ProblemCollector problems) {
        this.file = file;
        this.scripts = scripts;
        this.problems = problems;
        kinds.put(
                "include",
                (around, place, into) ->
                        names(around, "include", columns -> into.add(new StepDefinition.Include(place, columns))));
        kinds.put(
                "exclude",
                (around, place, into) ->
                        names(around, "exclude", columns -> into.add(new StepDefinition.Exclude(place, columns))));
        pairs("rename", StepDefinition.Rename::new);
        plain("table", StepDefinition.Table::new);
        plain("drop", StepDefinition.Drop::new);
        plain("filter", StepDefinition.Filter::new);
        kinds.put("route", this::route);
        kinds.put("if", this::condition);
        kinds.put("metadata", this::metadata);
        kinds.put("script", this::script);
        new ColumnStepReader(file, problems).kinds(kinds);
    }

    /** What could be read of the list; the rest was complained about. */
    List<StepDefinition> read(Section around, String key) {
        List<StepDefinition> steps = new ArrayList<>();
        for (Node item : around.items(key)) {
            if (item instanceof MappingNode mapping && mapping.getValue().size() == 1) {
                step(around.inner(mapping), mapping, steps);
            } else {
                problems.error(
                        item,
                        "WRONG_TYPE",
                        "a step is one key with what it is to do",
                        "Begin each step with '- ', for example '- rename: {old: new}'.");
            }
        }
        return steps;
    }

    private void step(Section section, MappingNode node, List<StepDefinition> steps) {
        for (String name : section.keys()) {
            Kind kind = kinds.get(name);
            Node key = node.getValue().get(0).getKeyNode();
            if (kind == null) {
                String suggestion = Nearest.to(name, kinds.keySet())
                        .map(nearest -> "Did you mean '" + nearest + "'?")
                        .orElse("Known steps: " + String.join(", ", kinds.keySet()) + ".");
                problems.error(key, "UNKNOWN_KEY", "'" + name + "' is not a known step", suggestion);
            } else if (!section.has(name)) {
                problems.error(key, "MISSING_VALUE", "'" + name + "' has no value", "Write what it is to do.");
            } else {
                kind.read(section, TransformReader.place(file, key), steps);
            }
        }
    }

    /** Names of columns. */
    interface Names {
        void take(List<String> columns);
    }

    private static void names(Section around, String kind, Names names) {
        Setting list = Setting.required(kind, Type.TEXT_LIST, "Write [column, column].");
        around.settings(List.of(list), Set.of()).ifPresent(values -> names.take(values.textList(kind)));
    }

    private void plain(String kind, BiFunction<Place, String, StepDefinition> step) {
        kinds.put(kind, (around, place, into) -> around.text(kind)
                .filter(text -> filled(around, kind, text))
                .ifPresent(text -> into.add(step.apply(place, text))));
    }

    private boolean filled(Section section, String key, String text) {
        if (text.isBlank()) {
            problems.error(section.place(key), "EMPTY_VALUE", "'" + key + "' is empty", "Write what it is to do.");
        }
        return !text.isBlank();
    }

    /** What is made of a column and a text. */
    interface Pair {
        StepDefinition of(Place place, String column, String text);
    }

    private void pairs(String kind, Pair pair) {
        kinds.put(kind, (around, place, into) -> {
            Section section = around.section(kind);
            for (String column : section.keys()) {
                section.text(column)
                        .filter(text -> filled(section, column, text))
                        .ifPresent(text ->
                                into.add(pair.of(TransformReader.place(file, section.place(column)), column, text)));
            }
        });
    }

    private void route(Section around, Place place, List<StepDefinition> into) {
        Section section = around.section("route");
        Optional<Settings> values = section.settings(
                List.of(
                        Setting.required("when", Type.TEXT, "Write the condition."),
                        Setting.required("to", Type.TEXT, "Write the table's name.")),
                Set.of());
        values.ifPresent(its -> into.add(new StepDefinition.Route(place, its.text("when"), its.text("to"))));
    }

    private void condition(Section around, Place place, List<StepDefinition> into) {
        Section section = around.section("if");
        Optional<Settings> values = section.settings(
                List.of(Setting.required("when", Type.TEXT, "Write the condition.")), Set.of("then", "else"));
        List<StepDefinition> then = branch(section, "then");
        List<StepDefinition> otherwise = branch(section, "else");
        if (!section.has("then") && !section.has("else")) {
            problems.error(
                    around.place("if"), "MISSING_KEY", "'if' has neither 'then' nor 'else'", "Add 'then: [steps]'.");
        }
        values.ifPresent(its -> into.add(new StepDefinition.If(place, its.text("when"), then, otherwise)));
    }

    private List<StepDefinition> branch(Section section, String key) {
        List<StepDefinition> steps = read(section, key);
        for (StepDefinition step : steps) {
            if (step instanceof StepDefinition.Table
                    || step instanceof StepDefinition.Route
                    || step instanceof StepDefinition.Include
                    || step instanceof StepDefinition.Exclude
                    || step instanceof StepDefinition.Rename
                    || step instanceof StepDefinition.Drop
                    || step instanceof StepDefinition.Filter
                    || step instanceof StepDefinition.Script) {
                problems.error(
                        step.place().line(),
                        step.place().column(),
                        "STEP_MISPLACED",
                        "a step within 'if' can't change which columns, rows or tables there are",
                        "Put it beside the 'if', with the condition in its own words where it takes one.");
            }
        }
        return steps;
    }

    private void metadata(Section around, Place place, List<StepDefinition> into) {
        Section section = around.section("metadata");
        for (String column : section.keys()) {
            section.text(column).ifPresent(text -> {
                Optional<StepDefinition.Metadata> what = Stream.of(StepDefinition.Metadata.values())
                        .filter(each -> word(each).equals(text))
                        .findFirst();
                if (what.isEmpty()) {
                    problems.error(
                            section.place(column),
                            "BAD_VALUE",
                            "'" + text + "' is nothing that is known of an event",
                            "Write one of: "
                                    + Stream.of(StepDefinition.Metadata.values())
                                            .map(StepReader::word)
                                            .collect(Collectors.joining(", "))
                                    + ".");
                }
                what.ifPresent(each -> into.add(new StepDefinition.AddMetadata(
                        TransformReader.place(file, section.place(column)), column, each)));
            });
        }
    }

    /** A file, or a file with a salt and limits. */
    private void script(Section around, Place place, List<StepDefinition> into) {
        Setting file = Setting.required("script", Type.PATH, "Write the script's file.");
        if (!(around.place("script") instanceof MappingNode)) {
            around.settings(List.of(file), Set.of())
                    .map(values -> values.path("script"))
                    .ifPresent(path -> into.add(new StepDefinition.Script(
                            place, path, text(path), Optional.empty(), ScriptBounds.DEFAULT)));
            return;
        }
        List<Setting> declared = List.of(
                Setting.required("file", Type.PATH, "Write the script's file."),
                Setting.optional("salt", Type.SECRET, null, "The key of Hash.secret in the script."));
        Section section = around.section("script");
        Optional<ScriptBounds> limits = section.section("limits")
                .settings(ScriptBounds.DECLARED, Set.of())
                .map(ScriptBounds::of);
        section.settings(declared, Set.of("limits"))
                .ifPresent(values -> limits.ifPresent(its -> {
                    Path path = values.path("file");
                    into.add(new StepDefinition.Script(place, path, text(path), values.secret("salt"), its));
                }));
    }

    /** It is read once, with the step: what becomes of the file later is another definition's. Who needs it says that it could not be read. */
    private Optional<String> text(Path script) {
        try {
            return Optional.of(scripts.apply(script));
        } catch (MillraceException unreadable) {
            return Optional.empty();
        }
    }

    /** {@code modifiedAt} for MODIFIED_AT. */
    static String word(Enum<?> constant) {
        String[] words = constant.name().toLowerCase(Locale.ROOT).split("_");
        StringBuilder text = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            text.append(words[i].substring(0, 1).toUpperCase(Locale.ROOT)).append(words[i].substring(1));
        }
        return text.toString();
    }
}
