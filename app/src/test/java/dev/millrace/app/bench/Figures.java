package dev.millrace.app.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured, by name, and the table of medians. */
final class Figures {
    /** One run of one thing; {@code cpuSeconds} and {@code peakMegabytes} below 0 where they are not ours to tell. */
    private record Figure(double seconds, long count, double cpuSeconds, long peakMegabytes) {}

    private final Map<String, List<Figure>> runs = new LinkedHashMap<>();
    private final Map<String, String> baselines = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    void baseline(String name, long nanos, long count) {
        add(name, new Figure(nanos / 1e9, count, -1, -1));
    }

    /** {@code baseline} names what it is compared with. */
    void measured(String name, String baseline, long nanos, long count, MillraceRun run) {
        baselines.put(name, baseline);
        add(name, new Figure(nanos / 1e9, count, run.cpuSeconds(), run.peakMegabytes()));
    }

    private void add(String name, Figure figure) {
        runs.computeIfAbsent(name, key -> new ArrayList<>()).add(figure);
    }

    void note(String format, Object... values) {
        notes.add(String.format(Locale.ROOT, format, values));
    }

    private double seconds(String name) {
        List<Double> seconds =
                new ArrayList<>(runs.get(name).stream().map(Figure::seconds).toList());
        Collections.sort(seconds);
        return seconds.get(seconds.size() / 2);
    }

    /** The table of the medians; a ratio is the baseline's time by ours, 1 is as fast as it. */
    String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%-48s %8s %10s %7s %7s %8s  %s%n",
                "",
                "seconds",
                "per s",
                "ratio",
                "CPU s",
                "peak MB",
                "of"));
        runs.forEach((name, figures) -> {
            double seconds = seconds(name);
            Figure first = figures.get(0);
            String baseline = baselines.get(name);
            text.append(String.format(
                    Locale.ROOT,
                    "%-48s %8.2f %10.0f %7s %7s %8s  %s%n",
                    name,
                    seconds,
                    first.count() / seconds,
                    baseline == null ? "" : String.format(Locale.ROOT, "%.2f", seconds(baseline) / seconds),
                    first.cpuSeconds() < 0
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "%.1f",
                                    figures.stream()
                                            .mapToDouble(Figure::cpuSeconds)
                                            .sorted()
                                            .toArray()[figures.size() / 2]),
                    first.cpuSeconds() < 0
                            ? ""
                            : figures.stream()
                                    .mapToLong(Figure::peakMegabytes)
                                    .max()
                                    .orElse(0),
                    baseline == null ? "" : baseline));
        });
        notes.forEach(note -> text.append(note).append(System.lineSeparator()));
        return text.toString();
    }
}
