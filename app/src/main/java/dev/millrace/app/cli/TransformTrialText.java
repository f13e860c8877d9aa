package dev.millrace.app.cli;

import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A trial's events for reading: the event, then per phase what it changed, added, took away or refused. */
final class TransformTrialText {
    private static final int LONGEST = 120;

    private final Terminal terminal;

    TransformTrialText(Terminal terminal) {
        this.terminal = terminal;
    }

    void show(JsonNode outcomes) {
        if (outcomes.isEmpty()) {
            terminal.say("no events: none in the log, or none of that table");
        }
        for (JsonNode outcome : outcomes) {
            JsonNode input = outcome.path("input");
            terminal.data("event " + outcome.path("eventId").asString() + " at log index "
                    + outcome.path("logIndex").asString() + ": " + head(input));
            row(input, "    ");
            JsonNode before = input;
            for (JsonNode step : outcome.path("steps")) {
                before = step(step, before);
            }
            if (outcome.path("steps").isEmpty()) {
                terminal.data(terminal.dim("  no phase has to do with it"));
            }
            terminal.data("");
        }
    }

    private JsonNode step(JsonNode step, JsonNode before) {
        String phase = step.path("phase").asString();
        JsonNode refusal = step.path("refusal");
        if (!refusal.isMissingNode()) {
            terminal.data("  " + phase + ": "
                    + terminal.red("REFUSED " + refusal.path("code").asString()) + " "
                    + refusal.path("why").asString());
            if (!refusal.path("remedy").asString().isEmpty()) {
                terminal.data("      → " + refusal.path("remedy").asString());
            }
            return before;
        }
        JsonNode rows = step.path("rows");
        if (rows.isEmpty()) {
            terminal.data("  " + phase + ": " + terminal.yellow("dropped"));
            return before;
        }
        for (JsonNode row : rows) {
            terminal.data("  " + phase + ": " + head(row));
            if (rows.size() == 1) {
                difference(before.path("values"), row.path("values"));
            } else {
                row(row, "    ");
            }
        }
        return rows.get(0);
    }

    private static String head(JsonNode row) {
        return row.path("operation").asString() + " " + row.path("table").asString();
    }

    private void row(JsonNode row, String indent) {
        row.path("values")
                .properties()
                .forEach(value -> terminal.data(indent + value.getKey() + " = " + shown(value.getValue())));
    }

    private void difference(JsonNode before, JsonNode after) {
        Set<String> names = new LinkedHashSet<>();
        after.propertyNames().forEach(names::add);
        before.propertyNames().forEach(names::add);
        boolean same = true;
        for (String name : names) {
            JsonNode old = before.path(name);
            JsonNode now = after.path(name);
            if (old.equals(now)) {
                continue;
            }
            same = false;
            if (old.isMissingNode()) {
                terminal.data(terminal.green("    + " + name + " = " + shown(now)));
            } else if (now.isMissingNode()) {
                terminal.data(terminal.red("    - " + name));
            } else {
                terminal.data(terminal.yellow("    ~ " + name + " = " + shown(old) + " → " + shown(now)));
            }
        }
        if (same) {
            terminal.data(terminal.dim("    as it was"));
        }
    }

    private static String shown(JsonNode value) {
        String text = value.isNull() ? "NULL" : value.toString();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
