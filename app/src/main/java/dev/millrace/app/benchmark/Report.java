package dev.millrace.app.benchmark;

import java.util.List;
import java.util.Optional;

/**
 * What a benchmark has found.
 *
 * @param object the object that was read, as {@code schema.table}
 * @param rows rows of it in each measurement that was not cut short by time
 * @param rowBytes bytes of a row as the source sends it, 0 unknown; the MB of all figures with rows are by these
 * @param logRowBytes bytes of a row in the log, 0 unknown
 * @param figures what was measured, in the order of the data's way
 * @param leftOut what was not, and why
 * @param leftOvers what benchmarks before this one had left behind when they were killed; removed
 * @param verdict where the bottleneck is, and what would help; one sentence
 */
public record Report(
        String pipeline,
        String object,
        long rows,
        double rowBytes,
        double logRowBytes,
        int rounds,
        List<Figure> figures,
        List<Delay> delays,
        List<LeftOut> leftOut,
        List<String> leftOvers,
        String verdict) {
    /** Something that could not be measured. */
    public record LeftOut(String what, String code, String why) {}

    public Report {
        figures = List.copyOf(figures);
        delays = List.copyOf(delays);
        leftOut = List.copyOf(leftOut);
        leftOvers = List.copyOf(leftOvers);
    }

    /** A measure's figure, if it was taken. */
    public Optional<Figure> figure(Measure measure) {
        return figures.stream().filter(figure -> figure.measure() == measure).findFirst();
    }
}
