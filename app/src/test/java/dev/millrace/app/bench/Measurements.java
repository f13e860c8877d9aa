package dev.millrace.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything measured, raw: by what was measured, for each round its numbers by their names. Thread-safe while it is filled. */
final class Measurements {
    /** A name that begins so is of a process of Millrace. */
    static final String OURS = "millrace ";

    static final String LARGEST = "most resident";

    /** What is left of a move of next to nothing may be nothing, or less. */
    private static final double SHORTEST_SECONDS = 0.001;

    /** Processor time is counted in these, so less can't be told from nothing, and nothing would make ratios endless. */
    private static final double CPU_TICK_SECONDS = 0.01;

    private final Map<String, List<Map<String, Double>>> rounds = new LinkedHashMap<>();

    synchronized void add(String what, Map<String, Double> numbers) {
        rounds.computeIfAbsent(what, name -> new ArrayList<>()).add(new LinkedHashMap<>(numbers));
        System.out.println(what + " " + numbers);
    }

    /**
     * What it took to move {@code count} rows or changes.
     *
     * @param whole from the start of the process, or of what was asked of it, to its end
     * @param nothing what the same takes with nothing to move
     */
    void moved(String what, Cost whole, Cost nothing, long count) {
        double seconds = Math.max(SHORTEST_SECONDS, (whole.nanos() - nothing.nanos()) / 1e9);
        double cpu = Math.max(
                CPU_TICK_SECONDS, whole.usage().cpuSeconds() - nothing.usage().cpuSeconds());
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("count", (double) count);
        numbers.put("seconds", seconds);
        numbers.put("wholeSeconds", whole.nanos() / 1e9);
        numbers.put("perSecond", count / seconds);
        numbers.put("cpu", cpu);
        numbers.put("wholeCpu", whole.usage().cpuSeconds());
        numbers.put("cpuPerMillion", cpu * 1e6 / count);
        numbers.put("rss", whole.usage().peakMegabytes());
        numbers.put("private", whole.usage().peakPrivateMegabytes());
        add(what, numbers);
    }

    /** One number of each round; empty where it was not taken. */
    synchronized List<Double> values(String what, String number) {
        return rounds.getOrDefault(what, List.of()).stream()
                .filter(numbers -> numbers.containsKey(number))
                .map(numbers -> numbers.get(number))
                .toList();
    }

    /** Adds the most that any process of Millrace so far had resident; nothing where there was none. */
    synchronized void largest() {
        rounds.keySet().stream()
                .filter(what -> what.startsWith(OURS))
                .flatMap(what -> values(what, "rss").stream())
                .max(Double::compare)
                .ifPresent(most -> add(LARGEST, Map.of("rss", most)));
    }

    Map<String, List<Map<String, Double>>> asMap() {
        return rounds;
    }
}
