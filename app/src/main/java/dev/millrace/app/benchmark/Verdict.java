package dev.millrace.app.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Says from the figures where the bottleneck is and what would help, in one sentence. */
final class Verdict {
    /** Ours by the database's own tool: from here on the database is what there is to wait for. */
    private static final double NEARLY_AS_FAST = 0.7;
    /** Of the disk's speed, or of the processors' time: from here on it is what there is to wait for. */
    private static final double NEARLY_ALL = 0.7;

    private Verdict() {}

    static String of(List<Figure> figures, double logRowBytes, int processors) {
        Optional<Figure> fill = of(figures, Measure.SOURCE_TO_LOG);
        Optional<Figure> load = of(figures, Measure.LOG_TO_DESTINATION);
        if (fill.isEmpty()) {
            return "The source could not be read into the log, so there is nothing to compare.";
        }
        if (load.isEmpty()) {
            return "Only the way from the source into the log was measured: "
                    + reading(figures, fill.get(), logRowBytes);
        }
        double fillSeconds = 1 / fill.get().rowsPerSecond();
        double loadSeconds = 1 / load.get().rowsPerSecond();
        boolean destination = loadSeconds >= fillSeconds;
        long share = Math.round(100 * Math.max(fillSeconds, loadSeconds) / (fillSeconds + loadSeconds));
        String where = destination
                ? "The destination takes " + share + " % of the time: " + loading(load.get())
                : "Reading into the log takes " + share + " % of the time: "
                        + reading(figures, fill.get(), logRowBytes);
        return where + processors(figures, processors);
    }

    private static Optional<Figure> of(List<Figure> figures, Measure measure) {
        return figures.stream()
                .filter(figure -> figure.measure() == measure && figure.rowsPerSecond() > 0)
                .findFirst();
    }

    private static String loading(Figure load) {
        if (load.ratio() <= 0) {
            return "a faster disk or more processors there would help most.";
        }
        return load.ratio() >= NEARLY_AS_FAST
                ? "its own bulk load is hardly faster (" + times(1 / load.ratio())
                        + "), so a faster disk, more memory or more processors there would help."
                : "its own bulk load is " + times(1 / load.ratio())
                        + " as fast, so faster processors for Millrace would help most.";
    }

    private static String reading(List<Figure> figures, Figure fill, double logRowBytes) {
        Optional<Figure> disk = figures.stream()
                .filter(figure -> figure.measure() == Measure.DISK)
                .findFirst();
        double written = fill.rowsPerSecond() * logRowBytes / 1e6;
        if (disk.isPresent() && written >= NEARLY_ALL * disk.get().megabytesPerSecond()) {
            return "the data folder's disk is at its limit (" + Math.round(written)
                    + " MB/s), so a faster one would help.";
        }
        if (fill.ratio() <= 0) {
            return "a faster source or network would help.";
        }
        return fill.ratio() >= NEARLY_AS_FAST
                ? "the source by itself is hardly faster (" + times(1 / fill.ratio())
                        + "), so a faster source or network would help."
                : "the source by itself is " + times(1 / fill.ratio())
                        + " as fast, so faster processors for Millrace would help most.";
    }

    private static String times(double factor) {
        return String.format(Locale.ROOT, "%.1f times", factor);
    }

    private static String processors(List<Figure> figures, int processors) {
        return of(figures, Measure.WHOLE_WAY)
                .filter(whole -> whole.cpuSeconds() >= NEARLY_ALL * processors * whole.seconds())
                .map(whole -> " Millrace uses nearly all of this machine's " + processors
                        + " processors meanwhile; more of them would help too.")
                .orElse("");
    }
}
