package dev.millrace.app.bench;

import dev.millrace.app.bench.Figure.How;
import java.util.ArrayList;
import java.util.List;

/** Every figure there is, in the table's order. */
final class Figures {
    private static final double ONLY_SHOWN = Double.NaN;

    private Figures() {}

    static List<Figure> all(Settings settings) {
        List<Figure> figures = new ArrayList<>();
        speed(figures);
        latency(figures);
        memoryAndStart(figures);
        processors(figures);
        growth(figures, settings);
        return figures;
    }

    private static void speed(List<Figure> to) {
        String rows = "rows/s";
        to.add(speed("a", "load into PostgreSQL", rows, LoadPart.TO_POSTGRES, LoadPart.COPY_TEXT, 0.8));
        to.add(speed("a", "the same", rows, LoadPart.TO_POSTGRES, LoadPart.COPY_BINARY, ONLY_SHOWN));
        to.add(whole("a", "the same, whole processes", LoadPart.TO_POSTGRES, LoadPart.COPY_TEXT));
        to.add(speed("b", "load into DuckDB", rows, LoadPart.TO_DUCKDB, LoadPart.COPY_CSV, 1.0));
        to.add(whole("b", "the same, whole processes", LoadPart.TO_DUCKDB, LoadPart.COPY_CSV));
        String changes = "changes/s";
        to.add(speed("c", "slot to synced log, streaming", changes, ChangePart.STREAMED, ChangePart.BARE, 0.9));
        to.add(speed("k", "slot to synced log, far behind", changes, ChangePart.CAUGHT_UP, ChangePart.BARE, 1.8));
        to.add(speed("d", "changes into PostgreSQL", changes, ChangePart.TO_POSTGRES, ChangePart.SUBSCRIPTION, 1.5));
        to.add(whole("d", "the same, whole processes", ChangePart.TO_POSTGRES, ChangePart.SUBSCRIPTION));
        to.add(speed("e", "changes into DuckDB", changes, ChangePart.TO_DUCKDB, ChangePart.BARE, 0.5));
        to.add(whole("e", "the same, whole processes", ChangePart.TO_DUCKDB, ChangePart.BARE));
    }

    private static void latency(List<Figure> to) {
        to.add(latency("p50", LatencyPart.TO_POSTGRES, 10));
        to.add(latency("p99", LatencyPart.TO_POSTGRES, 50));
        to.add(latency("p50", LatencyPart.TO_DUCKDB, 100));
        to.add(latency("p99", LatencyPart.TO_DUCKDB, ONLY_SHOWN));
    }

    private static Figure latency(String number, String ours, double reach) {
        String title = ours.substring(Measurements.OURS.length()) + ", " + number;
        return value("f", title, "ms", number, ours, reach).beside(LatencyPart.SUBSCRIPTION);
    }

    private static void memoryAndStart(List<Figure> to) {
        to.add(value("g", "most resident of all these", "MB", "rss", Measurements.LARGEST, 400));
        to.add(value("g", "resident, idle into PostgreSQL", "MB", "resident", StartPart.IDLE_POSTGRES, 180));
        to.add(value("g", "resident, idle into DuckDB", "MB", "resident", StartPart.IDLE_DUCKDB, 180));
        to.add(value("h", "start to ready, large log", "s", "seconds", StartPart.LARGE, 2));
        to.add(value("h", "the same after a kill", "s", "seconds", StartPart.AFTER_KILL, 10));
        to.add(value("h", "the same, until it streams", "s", "streaming", StartPart.AFTER_KILL, ONLY_SHOWN));
        to.add(value("h", "start to ready, empty log", "s", "seconds", StartPart.EMPTY, ONLY_SHOWN));
    }

    private static void growth(List<Figure> to, Settings settings) {
        for (int count : settings.pipelines()) {
            growth(to, "pipelines", count, GrowthPart.pipelines(count));
        }
        for (int count : settings.tables()) {
            growth(to, "tables", count, GrowthPart.tables(count));
        }
        for (String growth : new String[] {GrowthPart.PIPELINES, GrowthPart.TABLES}) {
            to.add(value("j", growth + ", resident", "of the first", "resident", growth, 1));
            to.add(value("j", growth + ", open files", "of the first", "files", growth, 1));
            to.add(value("j", growth + ", CPU", "of the first", "cpuPerSecond", growth, 1));
        }
    }

    private static void growth(List<Figure> to, String kind, int count, String ours) {
        String title = count + " " + kind + " at rest, ";
        to.add(value("j", title + "resident", "MB", "resident", ours, ONLY_SHOWN));
        to.add(value("j", title + "open files", "", "files", ours, ONLY_SHOWN));
        to.add(value("j", title + "CPU", "s/s", "cpuPerSecond", ours, ONLY_SHOWN));
    }

    private static void processors(List<Figure> to) {
        to.add(processor("i", "CPU, load into PostgreSQL", "row", LoadPart.TO_POSTGRES, LoadPart.COPY_TEXT));
        to.add(processor("i", "CPU, load into DuckDB", "row", LoadPart.TO_DUCKDB, LoadPart.COPY_CSV));
        to.add(processor("i", "CPU, streaming", "change", ChangePart.STREAMED, ChangePart.BARE));
        to.add(processor("i", "CPU, far behind", "change", ChangePart.CAUGHT_UP, ChangePart.BARE));
        to.add(processor("i", "CPU, into PostgreSQL", "change", ChangePart.TO_POSTGRES, ChangePart.BARE));
        to.add(processor("i", "CPU, into DuckDB", "change", ChangePart.TO_DUCKDB, ChangePart.BARE));
    }

    private static Figure speed(String letter, String title, String unit, String ours, String baseline, double reach) {
        return new Figure(letter, title, unit, "perSecond", ours, baseline, How.SPEED, reach);
    }

    private static Figure value(String letter, String title, String unit, String number, String ours, double reach) {
        return new Figure(letter, title, unit, number, ours, null, How.VALUE, reach);
    }

    private static Figure whole(String letter, String title, String ours, String baseline) {
        return new Figure(letter, title, "s", "wholeSeconds", ours, baseline, How.COST, ONLY_SHOWN);
    }

    private static Figure processor(String letter, String title, String of, String ours, String baseline) {
        return new Figure(letter, title, "CPU s / million " + of + "s", "cpuPerMillion", ours, baseline, How.COST, 2.0);
    }
}
