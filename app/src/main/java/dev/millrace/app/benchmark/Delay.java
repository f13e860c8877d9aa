package dev.millrace.app.benchmark;

import java.util.Arrays;

/**
 * A delay's distribution and its baseline's, in milliseconds.
 *
 * @param key its name in JSON
 * @param baselineP50Millis 0 without a baseline, as the next
 */
public record Delay(
        String key,
        String title,
        int count,
        double p50Millis,
        double p99Millis,
        double baselineP50Millis,
        double baselineP99Millis) {
    static Delay of(String key, String title, long[] nanos, long[] baselineNanos) {
        return new Delay(
                key,
                title,
                nanos.length,
                quantile(nanos, 0.5),
                quantile(nanos, 0.99),
                quantile(baselineNanos, 0.5),
                quantile(baselineNanos, 0.99));
    }

    private static double quantile(long[] nanos, double part) {
        if (nanos.length == 0) {
            return 0;
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * part))] / 1e6;
    }
}
