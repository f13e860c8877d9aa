package dev.millrace.app.cli;

import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.app.pipeline.PipelineSnapshot.TableProgress;
import dev.millrace.ingest.engine.LoadStatus;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Shows pipelines at work: on a terminal a block that is redrawn in place twice a second, elsewhere one line each ten seconds. Confined to
 * the thread that calls {@link #show}.
 */
final class ProgressDisplay {
    static final long TERMINAL_INTERVAL_MILLIS = 500;
    static final long LINE_INTERVAL_MILLIS = 10_000;
    private static final int TABLE_LINES = 24;

    private final Terminal terminal;
    private final PrintStream stream;
    private final boolean redraw;
    private int drawnLines;
    private long lastNanos;
    private boolean shown;
    private long lastRead;
    private long lastLoaded;

    ProgressDisplay(Terminal terminal, PrintStream stream, boolean redraw) {
        this.terminal = terminal;
        this.stream = stream;
        this.redraw = redraw;
    }

    long intervalMillis() {
        return redraw ? TERMINAL_INTERVAL_MILLIS : LINE_INTERVAL_MILLIS;
    }

    /** Draws the pipelines as they are at {@code nowMillis}. */
    void show(List<PipelineSnapshot> pipelines, long nowMillis) {
        long read = pipelines.stream().mapToLong(PipelineSnapshot::eventsRead).sum();
        long loaded = pipelines.stream().mapToLong(PipelineSnapshot::rowsLoaded).sum();
        long now = System.nanoTime();
        double seconds = shown ? (now - lastNanos) / 1e9 : 0;
        String rates = seconds <= 0
                ? ""
                : "  (%s read/s, %s loaded/s)".formatted(count((long) ((read - lastRead) / seconds)), count((long)
                        ((loaded - lastLoaded) / seconds)));
        lastNanos = now;
        shown = true;
        lastRead = read;
        lastLoaded = loaded;
        List<String> lines = new ArrayList<>();
        for (PipelineSnapshot pipeline : pipelines) {
            lines.add(summary(pipeline) + (pipelines.size() == 1 ? rates : ""));
            if (!pipeline.why().isEmpty()) {
                lines.add("  " + terminal.yellow(pipeline.why()));
            }
            if (redraw) {
                lines.addAll(tables(pipeline, nowMillis));
            } else {
                loading(pipeline, nowMillis, lines);
            }
        }
        draw(lines);
    }

    /** Leaves what is drawn standing; what is printed next begins below it. */
    void settle() {
        drawnLines = 0;
    }

    private void draw(List<String> lines) {
        StringBuilder text = new StringBuilder();
        if (redraw && drawnLines > 0) {
            text.append("\u001b[").append(drawnLines).append('A').append("\u001b[J");
        }
        lines.forEach(line -> text.append(line).append('\n'));
        stream.print(text);
        stream.flush();
        drawnLines = lines.size();
    }

    private String summary(PipelineSnapshot pipeline) {
        String state =
                switch (pipeline.state()) {
                    case RUNNING -> terminal.green("running");
                    case RETRYING -> terminal.yellow("retrying");
                    case FAILED -> terminal.red("failed");
                    case STOPPED -> "stopped";
                };
        return "%s %s  read %s  loaded %s  lag %s  log %s%s"
                .formatted(
                        pipeline.name(),
                        state,
                        count(pipeline.eventsRead()),
                        count(pipeline.rowsLoaded()),
                        lag(pipeline),
                        size(pipeline.logBytes()),
                        pipeline.failed().events() == 0 ? "" : "  " + terminal.yellow(failed(pipeline)));
    }

    /** How many of its events are parked. */
    static String failed(PipelineSnapshot pipeline) {
        long events = pipeline.failed().events();
        return count(events) + (events == 1 ? " failed event" : " failed events");
    }

    private static String lag(PipelineSnapshot pipeline) {
        return pipeline.lagBatches() == 0
                ? "0 s"
                : "%s (%s batches)".formatted(lag(pipeline.lagMillis()), count(pipeline.lagBatches()));
    }

    /** As {@code 1.5 s}; no lag that rounds to none is shown as none. */
    static String lag(OptionalLong millis) {
        if (millis.isEmpty()) {
            return "?";
        }
        long known = millis.getAsLong();
        return known > 0 && known < 100 ? "<0.1 s" : "%.1f s".formatted(known / 1000.0);
    }

    private List<String> tables(PipelineSnapshot pipeline, long nowMillis) {
        TextTable table = new TextTable("  table", "state", "rows", "done", "rows/s", "left", "loaded");
        List<TableProgress> shown = new ArrayList<>(pipeline.tables());
        shown.sort(java.util.Comparator.comparing((TableProgress t) -> t.state() == LoadStatus.State.LOADED)
                .thenComparing(TableProgress::table));
        for (TableProgress progress : shown.subList(0, Math.min(TABLE_LINES, shown.size()))) {
            table.row(
                    "  " + progress.table(),
                    progress.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    count(progress.rowsRead()),
                    percent(progress),
                    rate(progress, nowMillis),
                    left(progress, nowMillis),
                    count(progress.rowsLoaded()));
        }
        List<String> lines = new ArrayList<>(table.lines());
        lines.set(0, terminal.dim(lines.get(0)));
        if (shown.size() > TABLE_LINES) {
            lines.add("  … and " + (shown.size() - TABLE_LINES) + " more tables");
        }
        return lines;
    }

    private static void loading(PipelineSnapshot pipeline, long nowMillis, List<String> lines) {
        List<TableProgress> loading = pipeline.tables().stream()
                .filter(table -> table.state() == LoadStatus.State.LOADING)
                .toList();
        for (TableProgress progress : loading.subList(0, Math.min(TABLE_LINES, loading.size()))) {
            lines.add("  loading %s: %s rows, %s, %s rows/s, %s left"
                    .formatted(
                            progress.table(),
                            count(progress.rowsRead()),
                            percent(progress),
                            rate(progress, nowMillis),
                            left(progress, nowMillis)));
        }
        if (loading.size() > TABLE_LINES) {
            lines.add("  … and " + (loading.size() - TABLE_LINES) + " more tables");
        }
    }

    static String percent(TableProgress progress) {
        if (progress.state() == LoadStatus.State.LOADED) {
            return "100%";
        }
        if (progress.estimatedRows() <= 0) {
            return progress.rowsRead() == 0 ? "0%" : "?";
        }
        return Math.min(99, 100 * progress.rowsRead() / progress.estimatedRows()) + "%";
    }

    private static double rowsPerSecond(TableProgress progress, long nowMillis) {
        long end = progress.endedAtMillis() > 0 ? progress.endedAtMillis() : nowMillis;
        long millis = Math.max(1, end - progress.startedAtMillis());
        return progress.startedAtMillis() == 0 ? 0 : 1000.0 * progress.rowsRead() / millis;
    }

    private static String rate(TableProgress progress, long nowMillis) {
        return progress.startedAtMillis() == 0 ? "-" : count((long) rowsPerSecond(progress, nowMillis));
    }

    private static String left(TableProgress progress, long nowMillis) {
        double rate = rowsPerSecond(progress, nowMillis);
        if (progress.state() != LoadStatus.State.LOADING
                || rate <= 0
                || progress.estimatedRows() <= progress.rowsRead()) {
            return "-";
        }
        return duration((long) ((progress.estimatedRows() - progress.rowsRead()) / rate));
    }

    static String duration(long seconds) {
        return seconds >= 3600
                ? "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60)
                : "%d:%02d".formatted(seconds / 60, seconds % 60);
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String size(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        String[] units = {"KB", "MB", "GB", "TB"};
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
