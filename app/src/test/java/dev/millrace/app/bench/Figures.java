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
        processors(figures);
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

    private static Figure whole(String letter, String title, String ours, String baseline) {
        return new Figure(letter, title, "s", "wholeSeconds", ours, baseline, How.COST, ONLY_SHOWN);
    }

    private static Figure processor(String letter, String title, String of, String ours, String baseline) {
        return new Figure(letter, title, "CPU s / million " + of + "s", "cpuPerMillion", ours, baseline, How.COST, 2.0);
    }
}
