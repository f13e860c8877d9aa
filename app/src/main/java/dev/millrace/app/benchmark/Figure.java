package dev.millrace.app.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one measure has come to over all rounds.
 *
 * @param measure which
 * @param runs one sample a round
 * @param baselineRuns what it is compared with, one a round in the same order; empty where there is nothing to compare with
 */
public record Figure(Measure measure, List<Sample> runs, List<Sample> baselineRuns) {
    public Figure {
        runs = List.copyOf(runs);
        baselineRuns = List.copyOf(baselineRuns);
    }

    /** The median; 0 where there are no rows. */
    public double rowsPerSecond() {
        return median(runs, run -> run.rows() / run.seconds());
    }

    /** The median of ours, in rows or, where there are none, bytes per second. */
    double perSecond() {
        return median(runs, Sample::perSecond);
    }

    /** The median; 0 where the bytes are not known. */
    public double megabytesPerSecond() {
        return median(runs, run -> Math.max(0, run.bytes()) / run.seconds() / 1e6);
    }

    public double seconds() {
        return median(runs, Sample::seconds);
    }

    public double cpuSeconds() {
        return median(runs, Sample::cpuSeconds);
    }

    /** The baseline's median in the same unit; 0 without one. */
    public double baselinePerSecond() {
        return median(baselineRuns, Sample::perSecond);
    }

    /** The median over the rounds of our speed by the baseline's in the same round, 1 is as fast as it; 0 without a baseline. */
    public double ratio() {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(runs.size(), baselineRuns.size()); i++) {
            ratios.add(runs.get(i).perSecond() / baselineRuns.get(i).perSecond());
        }
        return median(ratios, Double::doubleValue);
    }

    private static <T> double median(List<T> values, ToDoubleFunction<T> value) {
        double[] sorted = values.stream().mapToDouble(value).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }
}
