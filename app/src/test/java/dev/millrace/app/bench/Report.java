package dev.millrace.app.bench;

import dev.millrace.app.bench.Figure.How;
import dev.millrace.app.bench.Figure.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A run as a table for people and as JSON for later: what was measured raw, and the figures that come of it. */
final class Report {
    private static final int FORMAT = 1;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Map<String, String> circumstances;
    private final Settings settings;
    private final Measurements measurements;

    Report(Map<String, String> circumstances, Settings settings, Measurements measurements) {
        this.circumstances = circumstances;
        this.settings = settings;
        this.measurements = measurements;
    }

    /** Writes the JSON file, with its folders. */
    void write(Path file) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("format", FORMAT);
        document.put("circumstances", circumstances);
        document.put("settings", settings.asMap());
        document.put("figures", figures());
        document.put("measurements", measurements.asMap());
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, JSON.writeValueAsBytes(document));
    }

    private List<Map<String, Object>> figures() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Figure figure : Figures.all(settings)) {
            figure.of(measurements).ifPresent(outcome -> {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("letter", figure.letter());
                entry.put("figure", figure.title());
                entry.put("against", figure.baseline());
                entry.put("unit", figure.unit());
                entry.put("ours", outcome.ours());
                entry.put("baseline", figure.baseline() == null ? null : outcome.baseline());
                entry.put("value", outcome.value());
                entry.put("lowest", outcome.lowest());
                entry.put("highest", outcome.highest());
                entry.put("reach", Double.isNaN(figure.reach()) ? null : figure.reach());
                entry.put("met", outcome.met().orElse(null));
                list.add(entry);
            });
        }
        return list;
    }

    /** Medians over the rounds, a line for each figure. */
    String table() {
        StringBuilder text = new StringBuilder();
        circumstances.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append('\n'));
        line(text, "", "", "", "", "ratio", "lowest - highest", "reach", "", "CPU s", "RSS MB");
        for (Figure figure : Figures.all(settings)) {
            figure.of(measurements).ifPresent(outcome -> line(text, figure, outcome));
        }
        return text.toString();
    }

    private void line(StringBuilder text, Figure figure, Outcome outcome) {
        boolean alone = figure.how() == How.VALUE;
        line(
                text,
                figure.letter(),
                figure.title(),
                number(outcome.ours()) + " " + figure.unit(),
                figure.baseline() == null ? "" : number(outcome.baseline()) + " " + figure.baseline(),
                alone ? "" : number(outcome.value()),
                number(outcome.lowest()) + " - " + number(outcome.highest()),
                Double.isNaN(figure.reach())
                        ? ""
                        : (figure.how() == How.SPEED ? ">= " : "<= ") + number(figure.reach()),
                outcome.met().map(met -> met ? "met" : "NOT MET").orElse(""),
                beside(figure, "wholeCpu"),
                beside(figure, "rss"));
    }

    /** Ours and the baseline's. */
    private String beside(Figure figure, String number) {
        if (figure.how() != How.SPEED) {
            return "";
        }
        List<Double> ours = measurements.values(figure.ours(), number);
        List<Double> theirs = measurements.values(figure.baseline(), number);
        return (ours.isEmpty() ? "" : number(Figure.median(ours))) + " / "
                + (theirs.isEmpty() ? "" : number(Figure.median(theirs)));
    }

    private static void line(StringBuilder text, String... cells) {
        text.append(
                String.format(Locale.ROOT, "%-2s%-34s %26s  %-36s %6s  %-18s %7s %-8s %13s  %s%n", (Object[]) cells));
    }

    /** Three digits that count. */
    static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    /** This run's figures by an earlier one's that stands in a file. */
    String compared(Path earlier) throws IOException {
        JsonNode document = JSON.readTree(Files.readAllBytes(earlier));
        if (document.path("format").asInt() != FORMAT) {
            throw new IllegalArgumentException(earlier + " is not a file of this benchmark's format " + FORMAT);
        }
        StringBuilder text = new StringBuilder("against " + earlier + "\n");
        for (Figure figure : Figures.all(settings)) {
            Optional<Outcome> now = figure.of(measurements);
            double before = value(document, figure);
            if (now.isPresent() && !Double.isNaN(before)) {
                double change = now.get().value() / before;
                text.append(String.format(
                        Locale.ROOT,
                        "%-2s%-34s %-36s before %8s  now %8s  %s by %.2f%n",
                        figure.letter(),
                        figure.title(),
                        figure.baseline() == null ? figure.unit() : figure.baseline(),
                        number(before),
                        number(now.get().value()),
                        change >= 1 == (figure.how() == How.SPEED) ? "better" : "worse",
                        Math.max(change, 1 / change)));
            }
        }
        return text.toString();
    }

    private static double value(JsonNode document, Figure figure) {
        for (JsonNode entry : document.path("figures")) {
            boolean same = entry.path("figure").asString().equals(figure.title())
                    && entry.path("letter").asString().equals(figure.letter())
                    && entry.path("against").asString("").equals(figure.baseline() == null ? "" : figure.baseline());
            if (same) {
                return entry.path("value").asDouble();
            }
        }
        return Double.NaN;
    }
}
