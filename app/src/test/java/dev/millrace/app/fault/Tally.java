package dev.millrace.app.fault;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the trials of one family have done and found, under names such as {@code kills} or {@code lost}. Thread-safe. */
public final class Tally {
    private final Map<String, Long> sums = new TreeMap<>();
    private final Map<String, Long> largest = new TreeMap<>();

    /** Adds to a count. */
    public synchronized void add(String name, long count) {
        sums.merge(name, count, Long::sum);
    }

    /** Keeps the largest value seen, e.g. {@code milliseconds to ready}. */
    public synchronized void max(String name, long value) {
        largest.merge(name, value, Long::max);
    }

    public synchronized long sum(String name) {
        return sums.getOrDefault(name, 0L);
    }

    /** One line: {@code 12 kills, 0 lost, at most 812 milliseconds to ready}; empty when nothing was told. */
    public synchronized String line() {
        StringBuilder line = new StringBuilder();
        sums.forEach((name, count) ->
                line.append(line.isEmpty() ? "" : ", ").append(String.format(Locale.ROOT, "%,d %s", count, name)));
        largest.forEach((name, value) -> line.append(line.isEmpty() ? "" : ", ")
                .append(String.format(Locale.ROOT, "at most %,d %s", value, name)));
        return line.toString();
    }
}
