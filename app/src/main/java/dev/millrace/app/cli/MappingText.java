package dev.millrace.app.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Mappings as people read them, or a JSON document a line. */
final class MappingText {
    private final MillraceCommand root;
    private final Terminal terminal;

    MappingText(MillraceCommand root) {
        this.root = root;
        this.terminal = root.terminal();
    }

    void list(String pipeline, JsonNode objects, boolean onlyWaiting) {
        TextTable table = new TextTable("object", "status", "table", "waits for");
        boolean any = false;
        for (JsonNode object : objects) {
            if (onlyWaiting && !object.path("waits").asBoolean()) {
                continue;
            }
            any = true;
            if (root.json()) {
                terminal.json(object);
            } else {
                table.row(
                        object.path("object").asString(),
                        object.path("status").asString(),
                        object.path("table").asString(),
                        waitsFor(object));
            }
        }
        if (root.json()) {
            return;
        }
        if (any) {
            table.lines().forEach(terminal::data);
        } else {
            terminal.say(pipeline
                    + (onlyWaiting ? ": nothing waits for you" : ": no object has come to the destination yet"));
        }
    }

    /** One line of all that a user is asked. */
    private static String waitsFor(JsonNode object) {
        List<String> reasons = new ArrayList<>();
        if (!object.path("why").asString().isEmpty()) {
            String code = object.path("code").asString();
            reasons.add(code.isEmpty() ? object.path("why").asString() : code);
        }
        object.path("proposals").forEach(each -> reasons.add(each.path("text").asString()));
        return String.join("; ", reasons);
    }

    void show(JsonNode document) {
        if (root.json()) {
            terminal.json(document);
            return;
        }
        JsonNode mapping = document.path("mapping");
        line("object", mapping.path("object").asString());
        if (!mapping.path("source").equals(mapping.path("object"))) {
            line("comes from", mapping.path("source").asString());
        }
        String table = mapping.path("table").asString();
        line("table", table.isEmpty() || mapping.path("made").asBoolean() ? table : table + " (not made yet)");
        line("status", mapping.path("status").asString());
        String code = mapping.path("code").asString();
        line("why", (code.isEmpty() ? "" : code + ": ") + mapping.path("why").asString());
        line("do", mapping.path("remedy").asString());
        mapping.path("proposals")
                .forEach(each -> line("proposed", each.path("text").asString()));
        mapping.path("rejected")
                .forEach(each -> line("rejected", each.path("text").asString()));
        if (!document.path("columns").isEmpty()) {
            terminal.data("");
        }
        TextTable columns = new TextTable("column", "type", "at the destination", "type there", "key", "is");
        for (JsonNode column : document.path("columns")) {
            columns.row(
                    column.path("source").asString(),
                    column.path("sourceType").asString(),
                    column.path("destination").asString(),
                    column.path("destinationType").asString(),
                    column.path("key").asBoolean() ? "key" : "",
                    column.path("state").asString());
        }
        if (!document.path("columns").isEmpty()) {
            columns.lines().forEach(terminal::data);
        }
    }

    private void line(String what, String value) {
        if (!value.isBlank()) {
            terminal.data("%-10s  %s".formatted(what, value.replaceAll("\\s+", " ")));
        }
    }

    /** @param what was done, in a word; empty where the answers say it */
    void answers(String what, JsonNode answers, boolean running) {
        if (root.json()) {
            answers.forEach(terminal::json);
            return;
        }
        for (JsonNode answer : answers) {
            String object = answer.path("object").asString();
            if (answer.path("done").isEmpty()) {
                terminal.say(object + ": nothing to be " + what + "; see 'millrace mapping show " + object + "'");
            }
            for (JsonNode done : answer.path("done")) {
                terminal.say(object + ": " + (what.isEmpty() ? "" : what + ": ") + done.asString());
            }
        }
        if (answers.isEmpty()) {
            terminal.say("nothing waits to be " + what);
        } else if (!running) {
            terminal.say("it counts from the next start on: nothing runs on "
                    + root.config().dataFolder());
        }
    }
}
