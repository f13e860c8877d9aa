package dev.millrace.app.benchmark;

import dev.millrace.config.error.MillraceException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Takes measurements, ours and its baseline in turns, and keeps them by measure. What fails once is not tried again: it is left out, and said
 * so; a baseline that fails leaves our figure without one. Used by one thread.
 */
final class Rounds {
    /** One measurement. */
    interface Run {
        Sample take() throws InterruptedException;
    }

    /** A series of delays, in nanoseconds. */
    interface Series {
        long[] take() throws InterruptedException;
    }

    private final Map<Measure, List<Sample>> ours = new EnumMap<>(Measure.class);
    private final Map<Measure, List<Sample>> baselines = new EnumMap<>(Measure.class);
    private final Map<String, Report.LeftOut> leftOut = new LinkedHashMap<>();
    private long[] syncs = {};
    private long[] plainSyncs = {};
    private long[] latencies = {};

    /** {@code baseline} may be null. */
    void take(Measure measure, boolean baselineFirst, Run run, Run baseline) throws InterruptedException {
        if (leftOut(measure)) {
            return;
        }
        String of = "baseline of " + measure.key();
        if (baseline != null && baselineFirst) {
            attempt(of, baselines.computeIfAbsent(measure, key -> new ArrayList<>()), baseline);
        }
        attempt(measure.key(), ours.computeIfAbsent(measure, key -> new ArrayList<>()), run);
        if (baseline != null && !baselineFirst && !leftOut(measure)) {
            attempt(of, baselines.computeIfAbsent(measure, key -> new ArrayList<>()), baseline);
        }
    }

    private void attempt(String what, List<Sample> samples, Run run) throws InterruptedException {
        if (leftOut.containsKey(what)) {
            return;
        }
        try {
            samples.add(run.take());
        } catch (MillraceException e) {
            leaveOut(what, e);
            samples.clear();
        }
    }

    private void leaveOut(String what, MillraceException failure) {
        leftOut.putIfAbsent(what, new Report.LeftOut(what, failure.code(), failure.getMessage()));
    }

    /** Something that may fail without harm to the other figures. */
    void trying(String what, Background.Work action) throws InterruptedException {
        try {
            action.run();
        } catch (MillraceException e) {
            leaveOut(what, e);
        }
    }

    /** As {@link #trying}, for what does not wait. */
    void tidying(String what, Runnable action) {
        try {
            action.run();
        } catch (MillraceException e) {
            leaveOut(what, e);
        }
    }

    void latency(Series series) throws InterruptedException {
        try {
            latencies = joined(latencies, series.take());
        } catch (MillraceException e) {
            leaveOut("latency", e);
        }
    }

    void syncs(Series log, Series plain) throws InterruptedException {
        if (!leftOut(Measure.DISK)) {
            try {
                syncs = joined(syncs, log.take());
                plainSyncs = joined(plainSyncs, plain.take());
            } catch (MillraceException e) {
                leaveOut("sync", e);
            }
        }
    }

    private static long[] joined(long[] first, long[] second) {
        return LongStream.concat(LongStream.of(first), LongStream.of(second)).toArray();
    }

    /** This round's baseline of one measure is another's too. */
    void sameBaseline(Measure from, Measure to) {
        List<Sample> samples = baselines.getOrDefault(from, List.of());
        baselines.put(to, new ArrayList<>(samples));
    }

    /** The slower of two baselines, round by round: nothing that passes both can be faster. */
    void slowerBaseline(Measure one, Measure other, Measure to) {
        List<Sample> first = baselines.getOrDefault(one, List.of());
        List<Sample> second = baselines.getOrDefault(other, List.of());
        List<Sample> slower = new ArrayList<>();
        for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
            slower.add(first.get(i).perSecond() < second.get(i).perSecond() ? first.get(i) : second.get(i));
        }
        baselines.put(to, slower);
    }

    boolean leftOut(Measure measure) {
        return leftOut.containsKey(measure.key());
    }

    List<Report.LeftOut> leftOut() {
        return List.copyOf(leftOut.values());
    }

    List<Figure> figures() {
        List<Figure> figures = new ArrayList<>();
        ours.forEach((measure, samples) -> {
            if (!samples.isEmpty()) {
                figures.add(new Figure(measure, samples, baselines.getOrDefault(measure, List.of())));
            }
        });
        return figures;
    }

    List<Delay> delays() {
        List<Delay> delays = new ArrayList<>();
        if (syncs.length > 0) {
            delays.add(Delay.of("sync", "a small batch, appended and synced", syncs, plainSyncs));
        }
        if (latencies.length > 0) {
            delays.add(Delay.of("latency", "a change, from commit at the source to visible", latencies, new long[0]));
        }
        return delays;
    }
}
