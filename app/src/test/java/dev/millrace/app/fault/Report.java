package dev.millrace.app.fault;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The suite's totals, one line a family. Thread-safe. */
final class Report {
    private final long seed;
    private final boolean longForm;
    private final Map<String, Line> lines = new TreeMap<>();

    private static final class Line {
        private final Tally tally = new Tally();
        private int passed;
        private int failed;
        private long nanos;
        private String remark = "";
    }

    Report(long seed, boolean longForm) {
        this.seed = seed;
        this.longForm = longForm;
    }

    synchronized Tally family(String name) {
        return line(name).tally;
    }

    synchronized void notRun(String name, String reason) {
        line(name).remark = "NOT RUN: " + reason;
    }

    synchronized void passed(String name, long nanos) {
        line(name).passed++;
        line(name).nanos += nanos;
    }

    synchronized void failed(String name, int trial, Throwable cause, long nanos) {
        Line line = line(name);
        line.failed++;
        line.nanos += nanos;
        line.remark += (line.remark.isEmpty() ? "" : "; ") + name + ":" + trial + " " + firstLine(cause);
    }

    synchronized String table() {
        StringBuilder table =
                new StringBuilder("\nFault suite, " + (longForm ? "long" : "short") + " form, seed " + seed + "\n");
        table.append(
                String.format(Locale.ROOT, "%-12s %7s %7s %8s  %s%n", "family", "passed", "failed", "seconds", ""));
        int passed = 0;
        int failed = 0;
        for (Map.Entry<String, Line> entry : lines.entrySet()) {
            Line line = entry.getValue();
            passed += line.passed;
            failed += line.failed;
            String told = line.tally.line();
            table.append(String.format(
                    Locale.ROOT,
                    "%-12s %7d %7d %8.1f  %s%s%n",
                    entry.getKey(),
                    line.passed,
                    line.failed,
                    line.nanos / 1e9,
                    told,
                    line.remark.isEmpty() ? "" : (told.isEmpty() ? "" : "; ") + line.remark));
        }
        return table.append(String.format(Locale.ROOT, "%-12s %7d %7d%n", "total", passed, failed))
                .toString();
    }

    private Line line(String name) {
        return lines.computeIfAbsent(name, ignored -> new Line());
    }

    private static String firstLine(Throwable cause) {
        String text = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return cause.getClass().getSimpleName() + ": " + text.substring(0, Math.min(160, text.length()));
    }
}
