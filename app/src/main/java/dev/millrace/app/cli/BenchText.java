package dev.millrace.app.cli;

import dev.millrace.app.benchmark.Delay;
import dev.millrace.app.benchmark.Figure;
import dev.millrace.app.benchmark.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A benchmark's report for people: a table, what was left out, and the verdict. */
final class BenchText {
    private BenchText() {}

    static void show(Report report, Optional<EarlierReport> before, Terminal terminal) {
        report.leftOvers()
                .forEach(left ->
                        terminal.say(terminal.yellow("removed") + " what an earlier benchmark had left: " + left));
        terminal.data(format(
                "%s of pipeline %s: %s rows of about %.0f bytes, %d rounds, medians",
                report.object(),
                report.pipeline(),
                ProgressDisplay.count(report.rows()),
                report.rowBytes(),
                report.rounds()));
        List<String> headers = new ArrayList<>(List.of("", "rows/s", "MB/s", "CPU s", "ratio", "to"));
        before.ifPresent(earlier -> headers.addAll(List.of("before", "change")));
        TextTable table = new TextTable(headers.toArray(String[]::new));
        report.figures().forEach(figure -> table.row(row(figure, before)));
        table.lines().forEach(terminal::data);
        report.delays().forEach(delay -> terminal.data(delay(delay)));
        report.leftOut()
                .forEach(left -> terminal.data(
                        terminal.yellow("left out") + " " + left.what() + ": " + left.code() + ": " + left.why()));
        before.filter(earlier -> !earlier.object().equals(report.object()))
                .ifPresent(earlier -> terminal.data(terminal.yellow("note") + " the earlier figures are of "
                        + earlier.object() + ", another object"));
        terminal.data(report.verdict());
    }

    private static String[] row(Figure figure, Optional<EarlierReport> before) {
        double rows = figure.rowsPerSecond();
        double megabytes = figure.megabytesPerSecond();
        boolean compared = figure.ratio() > 0;
        List<String> cells = new ArrayList<>(List.of(
                figure.measure().title(),
                rows > 0 ? ProgressDisplay.count(Math.round(rows)) : "-",
                megabytes > 0 ? format("%.1f", megabytes) : "-",
                format("%.2f", figure.cpuSeconds()),
                compared ? format("%.2f", figure.ratio()) : "-",
                compared ? baseline(figure) : "-"));
        before.ifPresent(earlier -> {
            Optional<Double> speed = earlier.speed(figure.measure().key());
            double now = rows > 0 ? rows : megabytes;
            cells.add(speed.map(then -> rows > 0 ? ProgressDisplay.count(Math.round(then)) : format("%.1f", then))
                    .orElse("-"));
            cells.add(
                    speed.map(then -> format("%+.0f%%", 100 * (now / then - 1))).orElse("-"));
        });
        return cells.toArray(String[]::new);
    }

    private static String baseline(Figure figure) {
        double speed = figure.baselinePerSecond();
        String shown = figure.rowsPerSecond() > 0
                ? ProgressDisplay.count(Math.round(speed)) + "/s"
                : format("%.1f MB/s", speed / 1e6);
        return shown + ": " + figure.measure().baseline();
    }

    private static String delay(Delay delay) {
        String ours = format("%s: p50 %.2f ms, p99 %.2f ms", delay.title(), delay.p50Millis(), delay.p99Millis());
        return delay.baselineP50Millis() > 0
                ? ours
                        + format(
                                " (a plain write and sync: %.2f, %.2f)",
                                delay.baselineP50Millis(), delay.baselineP99Millis())
                : ours;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
