package dev.millrace.config.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Finds {@code transform} in a pipeline's YAML, and the secrets in it, by the places of the parsed nodes: however it is written. Stateless. */
final class TransformPart {
    private static final String KEY = "transform";
    private static final Set<String> MASKS = Set.of("sha256", "hmac", "keepFormat");
    private static final String MASKED = "******";
    /** What says nothing of a secret but where it is. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env:[A-Za-z_][A-Za-z0-9_]*|file:[^${}]*)}");

    private TransformPart() {}

    /**
     * The YAML with nothing but {@code transform} left in, at its place; empty when it has none, or one that means something else without the
     * rest of the file.
     */
    static Optional<String> of(String yaml, ProblemCollector problems) {
        Optional<MappingNode> top = YamlFile.parse(yaml, problems);
        return top.flatMap(TransformPart::entry).flatMap(entry -> {
            String part = cut(yaml, top.get(), entry);
            return YamlFile.parse(part, new ProblemCollector(problems.file()))
                    .flatMap(TransformPart::entry)
                    .filter(again -> same(again.getValueNode(), entry.getValueNode()))
                    .map(again -> part);
        });
    }

    /** The YAML with asterisks for every secret that stands in it in the clear, a reference's default among them. */
    static String masked(String yaml, ProblemCollector problems) {
        List<ScalarNode> secrets = new ArrayList<>();
        Optional<NodeTuple> entry = YamlFile.parse(yaml, problems).flatMap(TransformPart::entry);
        if (entry.isEmpty()) {
            return "";
        }
        secrets(entry.get().getValueNode(), secrets);
        secrets.sort(Comparator.comparingInt(TransformPart::begin).reversed());
        StringBuilder shown = new StringBuilder(yaml);
        for (ScalarNode secret : secrets) {
            int from = place(yaml, begin(secret));
            int to = from
                    + yaml.substring(from, place(yaml, end(secret)))
                            .stripTrailing()
                            .length();
            shown.replace(from, to, MASKED);
        }
        return shown.toString();
    }

    private static Optional<NodeTuple> entry(MappingNode top) {
        return top.getValue().stream()
                .filter(entry -> entry.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals(KEY))
                .findFirst();
    }

    /** Blanks in front keep the columns; a mapping in brackets keeps its brackets. */
    private static String cut(String yaml, MappingNode top, NodeTuple entry) {
        boolean brackets = top.getFlowStyle() == FlowStyle.FLOW;
        int opening = brackets ? place(yaml, begin(top)) : -1;
        int key = place(yaml, begin(entry.getKeyNode()));
        String before = yaml.substring(0, key).stripTrailing();
        int from = before.endsWith("?") ? before.length() - 1 : key; // "? key" and ": value" on lines of their own
        int to = Math.max(from, place(yaml, end(entry.getValueNode(), new HashSet<>())));
        StringBuilder part = new StringBuilder(to);
        for (int at = 0; at < from; at += Character.charCount(yaml.codePointAt(at))) {
            char c = yaml.charAt(at);
            if (c == '\n' || c == '\r') {
                part.setLength(lastFilled(part));
            }
            part.append(c == '\n' || c == '\r' ? c : at == opening ? '{' : ' ');
        }
        part.append(yaml, from, to);
        part.setLength(lastFilled(part));
        return part.append(brackets ? "}\n" : "\n").toString();
    }

    /** How much of it is no blank at its line's end. */
    private static int lastFilled(StringBuilder text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return end;
    }

    private static int begin(Node node) {
        return node.getStartMark().map(Mark::getIndex).orElse(0);
    }

    private static int end(Node node) {
        return node.getEndMark().map(Mark::getIndex).orElse(0);
    }

    /**
     * Behind the last of what a node holds: a block's own end lies behind comments, which belong to what follows. What an alias stands for is
     * elsewhere; then the block's end counts.
     *
     * @param seen the nodes in front of it
     */
    private static int end(Node node, Set<Node> seen) {
        if (!(node instanceof CollectionNode<?> block) || block.getFlowStyle() == FlowStyle.FLOW) {
            return end(node);
        }
        int end = begin(node);
        for (Object inner : block.getValue()) {
            List<Node> parts = inner instanceof NodeTuple entry
                    ? List.of(entry.getKeyNode(), entry.getValueNode())
                    : List.of((Node) inner);
            for (Node part : parts) {
                boolean here = seen.add(part) && begin(part) >= begin(node);
                end = Math.max(end, here ? end(part, seen) : end(node));
            }
        }
        return end;
    }

    /** A mark counts code points. */
    private static int place(String text, int codePoints) {
        return text.offsetByCodePoints(0, Math.min(codePoints, text.codePointCount(0, text.length())));
    }

    private static boolean same(Node one, Node other) {
        if (one instanceof ScalarNode first && other instanceof ScalarNode second) {
            return first.getValue().equals(second.getValue())
                    && first.isPlain() == second.isPlain()
                    && first.getTag().equals(second.getTag());
        }
        if (one instanceof SequenceNode first && other instanceof SequenceNode second) {
            return first.getValue().size() == second.getValue().size()
                    && range(first.getValue().size())
                            .allMatch(i -> same(
                                    first.getValue().get(i), second.getValue().get(i)));
        }
        return one instanceof MappingNode first
                && other instanceof MappingNode second
                && first.getValue().size() == second.getValue().size()
                && range(first.getValue().size()).allMatch(i -> {
                    NodeTuple left = first.getValue().get(i);
                    NodeTuple right = second.getValue().get(i);
                    return same(left.getKeyNode(), right.getKeyNode())
                            && same(left.getValueNode(), right.getValueNode());
                });
    }

    private static IntStream range(int size) {
        return IntStream.range(0, size);
    }

    private static void secrets(Node node, List<ScalarNode> into) {
        if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(item -> secrets(item, into));
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                String key = entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "";
                if (key.equals("mask") && entry.getValueNode() instanceof MappingNode columns) {
                    columns.getValue().forEach(column -> values(column.getValueNode(), MASKS, into));
                } else if (key.equals("script")) {
                    values(entry.getValueNode(), Set.of("salt"), into);
                }
                secrets(entry.getValueNode(), into);
            }
        }
    }

    private static void values(Node node, Set<String> names, List<ScalarNode> into) {
        if (!(node instanceof MappingNode mapping)) {
            return;
        }
        for (NodeTuple entry : mapping.getValue()) {
            boolean secret = entry.getKeyNode() instanceof ScalarNode name && names.contains(name.getValue());
            if (secret
                    && entry.getValueNode() instanceof ScalarNode value
                    && !REFERENCE.matcher(value.getValue()).matches()
                    && !into.contains(value)) {
                into.add(value);
            }
        }
    }
}
