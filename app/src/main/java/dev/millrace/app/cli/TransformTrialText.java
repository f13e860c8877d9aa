package dev.millrace.app.cli;

import java.util.List;
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
            terminal.say("no such events");
        }
        for (JsonNode outcome : outcomes) {
            JsonNode input = outcome.path("input");
            String failed = outcome.path("failedId").asString("");
            terminal.data((failed.isEmpty() ? "" : "failed " + failed + ", ") + "event "
                    + outcome.path("eventId").asString() + " at log index "
                    + outcome.path("logIndex").asString() + ": " + head(input));
            row(input, "    ");
            List<JsonNode> before = List.of(input);
            for (JsonNode step : outcome.path("steps")) {
                step(step, before);
                before = step.path("rows").valueStream().toList();
            }
            if (outcome.path("steps").isEmpty()) {
                terminal.data(terminal.dim("  no phase has to do with it"));
            }
            terminal.data("");
        }
    }

    /** @param before the rows that came into the phase */
    private void step(JsonNode step, List<JsonNode> before) {
        String phase = step.path("phase").asString();
        JsonNode refusal = step.path("refusal");
        if (!refusal.isMissingNode()) {
            String column = refusal.path("column").asString();
            terminal.data("  " + phase + ": "
                    + terminal.red("REFUSED " + refusal.path("code").asString()) + " "
                    + (column.isEmpty() ? "" : "column " + column + ": ")
                    + refusal.path("why").asString());
            if (!refusal.path("remedy").asString().isEmpty()) {
                terminal.data("      → " + refusal.path("remedy").asString());
            }
            return;
        }
        JsonNode rows = step.path("rows");
        if (rows.isEmpty()) {
            terminal.data("  " + phase + ": " + terminal.yellow("dropped"));
        }
        for (int i = 0; i < rows.size(); i++) {
            JsonNode row = rows.get(i);
            JsonNode difference = step.path("differences").path(i);
            terminal.data("  " + phase + ": " + head(row));
            if (difference.path("fresh").asBoolean()) {
                row(row, "    ");
            } else {
                difference(difference, before.get(difference.path("of").asInt()), row);
            }
        }
    }

    private static String head(JsonNode row) {
        return row.path("operation").asString() + " " + row.path("table").asString();
    }

    private void row(JsonNode row, String indent) {
        row.path("values")
                .properties()
                .forEach(value -> terminal.data(indent + value.getKey() + " = " + shown(value.getValue())));
    }

    private void difference(JsonNode difference, JsonNode before, JsonNode after) {
        JsonNode old = before.path("values");
        JsonNode now = after.path("values");
        for (JsonNode added : difference.path("added")) {
            terminal.data(terminal.green("    + " + added.asString() + " = " + shown(now.path(added.asString()))));
        }
        for (JsonNode changed : difference.path("changed")) {
            String name = changed.asString();
            terminal.data(
                    terminal.yellow("    ~ " + name + " = " + shown(old.path(name)) + " → " + shown(now.path(name))));
        }
        for (JsonNode removed : difference.path("removed")) {
            terminal.data(terminal.red("    - " + removed.asString()));
        }
        if (difference.path("added").isEmpty()
                && difference.path("changed").isEmpty()
                && difference.path("removed").isEmpty()) {
            terminal.data(terminal.dim("    as it was"));
        }
    }

    private static String shown(JsonNode value) {
        String text = value.isNull() ? "NULL" : value.toString();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
