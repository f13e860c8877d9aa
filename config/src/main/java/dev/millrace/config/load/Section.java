package dev.millrace.config.load;

import dev.millrace.config.error.Nearest;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.setting.SettingsParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One mapping of a file while it is read: its keys are either declared settings or sections of their own. A key without a value, or with
 * {@code null}, counts as absent. Confined to the loading thread.
 */
final class Section {
    private static final int MAX_ITEMS = 10_000;

    private final MappingNode node;
    private final References references;
    private final Path folder;
    private final ProblemCollector problems;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();

    Section(MappingNode node, References references, Path folder, ProblemCollector problems) {
        this.node = node;
        this.references = references;
        this.folder = folder;
        this.problems = problems;
        for (NodeTuple entry : node.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                problems.error(entry.getKeyNode(), "WRONG_TYPE", "a key must be plain text", "Write 'key: value'.");
            } else if (entries.putIfAbsent(key.getValue(), entry) != null) {
                problems.error(
                        key,
                        "DUPLICATE_KEY",
                        "'" + shortened(key.getValue()) + "' stands here a second time",
                        "Remove one of them.");
            }
        }
    }

    static boolean isNull(Node value) {
        return value instanceof ScalarNode scalar
                && scalar.isPlain()
                && Set.of("", "~", "null", "Null", "NULL").contains(scalar.getValue());
    }

    /** Its keys in the file's order, whatever they are called. */
    List<String> keys() {
        return List.copyOf(entries.keySet());
    }

    /** Where complaints about {@code key}'s value belong. */
    Node place(String key) {
        NodeTuple entry = entries.get(key);
        return entry == null ? node : entry.getValueNode();
    }

    /** Whether the key is there with a value. */
    boolean has(String key) {
        return entries.containsKey(key) && !isNull(place(key));
    }

    /** The section under {@code key}; an empty one when it is absent or, after a complaint, not a mapping. */
    Section section(String key) {
        MappingNode inner = new MappingNode(
                Tag.MAP,
                false,
                List.of(),
                FlowStyle.BLOCK,
                place(key).getStartMark(),
                place(key).getEndMark());
        if (has(key)) {
            if (place(key) instanceof MappingNode mapping) {
                inner = mapping;
            } else {
                problems.error(
                        place(key),
                        "WRONG_TYPE",
                        "'" + key + "' must hold keys of its own",
                        "Put 'key: value' lines below it, indented.");
            }
        }
        return new Section(inner, references, folder, problems);
    }

    /** A section that stands somewhere within this one. */
    Section inner(MappingNode mapping) {
        return new Section(mapping, references, folder, problems);
    }

    /** The items under {@code key}; empty when it is absent or, after a complaint, not a list. */
    List<Node> items(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (place(key) instanceof SequenceNode sequence && sequence.getValue().size() <= MAX_ITEMS) {
            return sequence.getValue();
        }
        problems.error(
                place(key),
                "WRONG_TYPE",
                "'" + key + "' takes a list",
                "Put '- …' lines below it, at most " + MAX_ITEMS + ".");
        return List.of();
    }

    /**
     * Reads every key that is not one of {@code sections} by its declaration.
     *
     * @return empty when anything was complained about
     */
    Optional<Settings> settings(List<Setting> declared, Set<String> sections) {
        return settings(declared, sections, Map.of());
    }

    /** @param elsewhere keys that are known in other sections of the file, and which those are */
    Optional<Settings> settings(List<Setting> declared, Set<String> sections, Map<String, Set<String>> elsewhere) {
        Set<String> known = new LinkedHashSet<>(sections);
        declared.forEach(setting -> known.add(setting.name()));
        Map<String, SettingsParser.Given> given = new LinkedHashMap<>();
        boolean[] whole = {true};
        List<Setting> toParse = new ArrayList<>();
        for (Setting setting : declared) {
            if (!has(setting.name())) {
                toParse.add(setting);
                continue;
            }
            Optional<SettingsParser.Given> value = given(setting);
            value.ifPresentOrElse(
                    it -> {
                        given.put(setting.name(), it);
                        toParse.add(setting);
                    },
                    () -> whole[0] = false);
        }
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                unknown(key, entry.getKeyNode(), known, elsewhere.getOrDefault(key, Set.of()));
                whole[0] = false;
            }
        });
        Optional<Settings> settings = SettingsParser.parse(
                toParse,
                given,
                folder,
                (key, code, message, suggestion) -> problems.error(place(key), code, message, suggestion));
        return whole[0] ? settings : Optional.empty();
    }

    /** One plain text under {@code key}, resolved; empty when it is absent, or after a complaint. */
    Optional<String> text(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        if (place(key) instanceof ScalarNode scalar) {
            return resolve(scalar);
        }
        problems.error(place(key), "WRONG_TYPE", "'" + key + "' takes one plain value", "");
        return Optional.empty();
    }

    /** One plain text of the list under {@code key}, resolved; empty after a complaint. */
    Optional<String> scalar(Node item, String key) {
        if (item instanceof ScalarNode scalar
                && !isNull(item)
                && !scalar.getValue().isBlank()) {
            return resolve(scalar);
        }
        problems.error(item, "WRONG_TYPE", "an item of '" + key + "' is not a plain value", "Put it in quotes.");
        return Optional.empty();
    }

    private Optional<SettingsParser.Given> given(Setting setting) {
        Node value = place(setting.name());
        if (value instanceof ScalarNode scalar) {
            warnOfPlainSecret(setting, scalar);
            return resolve(scalar).map(text -> new SettingsParser.Given(List.of(text), false, scalar.getValue()));
        }
        if (value instanceof SequenceNode sequence && setting.type() == Setting.Type.TEXT_LIST) {
            return items(setting.name(), sequence);
        }
        String takes =
                setting.type() == Setting.Type.TEXT_LIST ? "takes a list of plain values" : "takes one plain value";
        String has = value instanceof SequenceNode ? "a list" : "a mapping";
        problems.error(value, "WRONG_TYPE", "'" + setting.name() + "' " + takes + ", not " + has, setting.help());
        return Optional.empty();
    }

    private Optional<SettingsParser.Given> items(String key, SequenceNode sequence) {
        List<String> items = new ArrayList<>();
        boolean whole = sequence.getValue().size() <= MAX_ITEMS;
        if (!whole) {
            problems.error(
                    sequence, "TOO_LARGE", "'" + key + "' has more than " + MAX_ITEMS + " items", "Use patterns.");
        }
        for (Node item : sequence.getValue()
                .subList(0, Math.min(MAX_ITEMS, sequence.getValue().size()))) {
            Optional<String> text = Optional.empty();
            if (!(item instanceof ScalarNode scalar) || isNull(item)) {
                problems.error(
                        item, "WRONG_TYPE", "an item of '" + key + "' is not a plain value", "Put it in quotes.");
            } else if (scalar.getValue().isBlank()) {
                problems.error(item, "EMPTY_VALUE", "an item of '" + key + "' is empty", "Remove it.");
            } else {
                text = resolve(scalar);
            }
            text.ifPresent(items::add);
            whole &= text.isPresent();
        }
        return whole ? Optional.of(new SettingsParser.Given(items, true, "a list")) : Optional.empty();
    }

    private Optional<String> resolve(ScalarNode scalar) {
        return references.resolve(
                scalar.getValue(), (code, message, suggestion) -> problems.error(scalar, code, message, suggestion));
    }

    private void warnOfPlainSecret(Setting setting, ScalarNode scalar) {
        if (setting.type() == Setting.Type.SECRET
                && !scalar.getValue().isEmpty()
                && !References.in(scalar.getValue())) {
            problems.warning(
                    scalar,
                    "PLAIN_SECRET",
                    "'" + setting.name() + "' stands here as plain text, for everybody who can read the file",
                    "Keep it in the environment and write ${env:…}, or in a file and write ${file:/path}.");
        }
    }

    private void unknown(String key, Node place, Set<String> known, Set<String> elsewhere) {
        String suggestion = elsewhere.isEmpty()
                ? Nearest.to(key, known)
                        .map(name -> "Did you mean '" + name + "'?")
                        .orElse("Known here: " + String.join(", ", known) + ".")
                : "It belongs in '" + String.join("' or '", elsewhere) + "'.";
        problems.error(place, "UNKNOWN_KEY", "'" + shortened(key) + "' is not a known key", suggestion);
    }

    private static String shortened(String key) {
        return key.codePointCount(0, key.length()) <= 60 ? key : key.substring(0, key.offsetByCodePoints(0, 60)) + "…";
    }
}
