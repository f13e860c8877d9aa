package dev.millrace.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A random {@code transform} of a pipeline's file for tables with {@code id, t, n, d}, and the same said once more in plain Java. Values are texts as
 * the destination shows them, null is NULL.
 */
final class TrialDefinition {
    /** A row on its way. */
    record Made(String table, Map<String, String> cells) {
        String key() {
            return table + "/" + cells.get("id");
        }
    }

    /** An event that a step can't make. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
    }

    private interface Rule {
        List<Made> apply(Made row) throws Refused;
    }

    private final StringBuilder yaml = new StringBuilder();
    private final List<Rule> rules = new ArrayList<>();
    private final SplittableRandom random;
    private final boolean full;
    /** Whether a row before is made, of which a value that can't be made doesn't matter. */
    private boolean lenient;

    private String script = "";
    private boolean selective;
    private boolean routes;
    /** By source column what it is called, without those left out. */
    private String text = "t";

    private String number = "n";
    private boolean hasDecimal = true;

    /** @param full whether the source sends whole rows, so that steps may select rows by any column */
    TrialDefinition(SplittableRandom random, boolean full) {
        this.random = random;
        this.full = full;
        int steps = random.nextInt(1, 6);
        for (int i = 0; i < steps || rules.isEmpty(); i++) {
            add(i);
        }
    }

    String yaml() {
        return yaml.toString();
    }

    String script() {
        return script;
    }

    boolean selective() {
        return selective;
    }

    private void add(int place) {
        switch (random.nextInt(full ? 12 : 8)) {
            case 0 -> upper();
            case 1 -> renamed("t" + place);
            case 2 -> numberRenamed("n" + place);
            case 3 -> joined("j" + place);
            case 4 -> numeric("c" + place);
            case 5 -> masked();
            case 6 -> branch("b" + place);
            case 7 -> without();
            case 8 -> filtered();
            case 9 -> routed();
            case 10 -> scripted();
            default -> filtered();
        }
    }

    private void step(String text, Rule rule) {
        yaml.append("  - ").append(text).append('\n');
        rules.add(rule);
    }

    private interface Cells {
        void change(Map<String, String> cells) throws Refused;
    }

    private void cells(String text, Cells change) {
        step(text, row -> {
            Map<String, String> cells = new LinkedHashMap<>(row.cells());
            change.change(cells);
            return List.of(new Made(row.table(), cells));
        });
    }

    private void upper() {
        String column = text;
        cells(
                "upper: [" + column + "]",
                cells -> cells.computeIfPresent(column, (name, value) -> value.toUpperCase(java.util.Locale.ROOT)));
    }

    private void renamed(String to) {
        String from = text;
        text = to;
        cells("rename: {" + from + ": " + to + "}", cells -> cells.put(to, cells.remove(from)));
    }

    private void numberRenamed(String to) {
        String from = number;
        number = to;
        cells("rename: {" + from + ": " + to + "}", cells -> cells.put(to, cells.remove(from)));
    }

    private void joined(String to) {
        String one = text;
        String other = number;
        cells(
                "set: {" + to + ": \"" + one + " + '/' + " + other + "\"}",
                cells -> cells.put(to, cells.get(one) + "/" + cells.get(other)));
    }

    /** What a word is no number of is refused. */
    private void numeric(String to) {
        String from = text;
        yaml.append("  - set: {")
                .append(to)
                .append(": \"")
                .append(from)
                .append(" == null ? null : ")
                .append(from)
                .append(".slice(1, 2)\"}\n");
        cells("cast: {" + to + ": integer}", cells -> {
            String value = cells.get(from);
            boolean number = value != null && Character.isDigit(value.charAt(1));
            if (value != null && !number && !lenient) {
                throw new Refused();
            }
            cells.put(to, number ? value.substring(1, 2) : null);
        });
    }

    private void masked() {
        String column = text;
        cells(
                "mask: {" + column + ": {keepLast: 1}}",
                cells -> cells.computeIfPresent(
                        column,
                        (name, value) -> value.length() <= 1
                                ? "*".repeat(value.length())
                                : "*".repeat(value.length() - 1) + value.charAt(value.length() - 1)));
    }

    private void branch(String to) {
        String when = number;
        cells(
                "if: {when: \"" + when + " > 4\", then: [{set: {" + to + ": \"'high'\"}}], else: [{set: {" + to
                        + ": \"'low'\"}}]}",
                cells -> cells.put(
                        to, cells.get(when) != null && Integer.parseInt(cells.get(when)) > 4 ? "high" : "low"));
    }

    private void without() {
        if (hasDecimal) {
            hasDecimal = false;
            cells("exclude: [d]", cells -> cells.remove("d"));
        }
    }

    private void filtered() {
        String column = number;
        selective = true;
        step("filter: \"" + column + " == null || " + column + " % 3 != 1\"", row -> {
            String value = row.cells().get(column);
            return value == null || Integer.parseInt(value) % 3 != 1 ? List.of(row) : List.of();
        });
    }

    private void routed() {
        if (routes) {
            filtered();
            return;
        }
        routes = true;
        String column = number;
        selective = true;
        step("route: {when: \"" + column + " % 2 == 0\", to: \"{table}_even\"}", row -> {
            String value = row.cells().get(column);
            // NULL is 0 to JavaScript's remainder
            return value == null || Integer.parseInt(value) % 2 == 0
                    ? List.of(new Made(row.table() + "_even", row.cells()))
                    : List.of(row);
        });
    }

    /** Fails for some, drops some, makes two of others. */
    private void scripted() {
        if (!script.isEmpty()) {
            filtered();
            return;
        }
        selective = true;
        String t = text;
        String bad = random.nextBoolean() ? "x" : "q";
        script = """
                function transform(e) {
                  const v = e.values;
                  if (e.operation === 'DELETE') return v.id < 50 ? [e, {values: {id: v.id + 1000}}] : e;
                  const t = v.%1$s;
                  if (t != null && t.toLowerCase().startsWith('%2$s')) throw new Error('bad ' + t);
                  if (t != null && t.toLowerCase().startsWith('g')) return null;
                  if (t != null && t.toLowerCase().startsWith('m')) {
                    const two = Object.assign({}, v);
                    two.id = v.id + 1000;
                    return [e, {values: two}];
                  }
                  return e;
                }
                """.formatted(t, bad);
        step("script: tidy.js", row -> {
            String value = row.cells().get(t);
            String low = value == null ? "" : value.toLowerCase(java.util.Locale.ROOT);
            if (low.startsWith(bad)) {
                throw new Refused();
            }
            if (low.startsWith("g")) {
                return List.of();
            }
            if (low.startsWith("m")) {
                Map<String, String> two = new LinkedHashMap<>(row.cells());
                two.put("id", Integer.toString(Integer.parseInt(row.cells().get("id")) + 1000));
                return List.of(row, new Made(row.table(), two));
            }
            return List.of(row);
        });
    }

    /** What the source's columns t and n are called behind it. */
    String textName() {
        return text;
    }

    String numberName() {
        return number;
    }

    /** What becomes of a row. */
    List<Made> make(String table, Map<String, String> row) throws Refused {
        List<Made> made = List.of(new Made(table, row));
        for (Rule rule : rules) {
            List<Made> next = new ArrayList<>();
            for (Made each : made) {
                next.addAll(rule.apply(each));
            }
            made = next;
        }
        return made;
    }

    /** What a row was before. */
    List<Made> makeBefore(String table, Map<String, String> row) throws Refused {
        lenient = true;
        try {
            return make(table, row);
        } finally {
            lenient = false;
        }
    }

    /** The tables that a source's table may become, and the columns of each. */
    Map<String, TreeSet<String>> shapes(String table, Map<String, String> sample) {
        Map<String, TreeSet<String>> shapes = new LinkedHashMap<>();
        for (int n = 0; n < 12; n++) {
            Map<String, String> row = new LinkedHashMap<>(sample);
            row.put("n", Integer.toString(n));
            row.put("t", "a1");
            try {
                for (Made made : make(table, row)) {
                    shapes.computeIfAbsent(made.table(), name -> new TreeSet<>())
                            .addAll(made.cells().keySet());
                }
            } catch (Refused e) {
                throw new IllegalStateException(e);
            }
        }
        return shapes;
    }
}
