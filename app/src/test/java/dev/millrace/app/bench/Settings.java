package dev.millrace.app.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much is measured, from {@code -Dbench.…}.
 *
 * @param only letters of the figures to take
 * @param rows of the table that is loaded
 * @param changes row changes, in transactions of ten
 * @param rounds how often each figure is taken
 * @param tries of what takes next to nothing, of which the shortest counts
 * @param rate transactions a second while latency is measured
 * @param seconds how long latency and idle processes are looked at
 * @param logMegabytes size of the log at which start-up is measured
 * @param pipelines numbers of idle pipelines in one process
 * @param tables numbers of tables of one idle pipeline
 * @param jvm more flags for Millrace's JVM
 */
record Settings(
        String only,
        long rows,
        int changes,
        int rounds,
        int tries,
        int rate,
        int seconds,
        int logMegabytes,
        List<Integer> pipelines,
        List<Integer> tables,
        String jvm) {
    static final String ALL = "abckdefghij";

    /** The defaults, and what system properties say. */
    static Settings fromProperties() {
        return new Settings(
                System.getProperty("bench.only", ALL),
                Long.getLong("bench.rows", 1_000_000),
                Integer.getInteger("bench.changes", 1_000_000),
                Integer.getInteger("bench.rounds", 3),
                2,
                Integer.getInteger("bench.rate", 200),
                Integer.getInteger("bench.seconds", 10),
                Integer.getInteger("bench.logMegabytes", 1024),
                numbers("bench.pipelines", "1,10,100"),
                numbers("bench.tables", "1,100,1000"),
                System.getProperty("bench.jvm", ""));
    }

    /** The whole machinery with next to no data, by JVMs that start fast; the figures mean nothing. */
    static Settings small() {
        return new Settings(ALL, 2_000, 400, 1, 1, 50, 1, 1, List.of(1, 2), List.of(1, 3), "-XX:TieredStopAtLevel=1");
    }

    boolean any(String letters) {
        return letters.chars().anyMatch(letter -> only.indexOf(letter) >= 0);
    }

    private static List<Integer> numbers(String property, String otherwise) {
        return Arrays.stream(System.getProperty(property, otherwise).split(","))
                .map(number -> Integer.valueOf(number.trim()))
                .toList();
    }

    /** By their names, for the record. */
    Map<String, String> asMap() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("only", only);
        map.put("rows", Long.toString(rows));
        map.put("changes", Integer.toString(changes));
        map.put("rounds", Integer.toString(rounds));
        map.put("tries", Integer.toString(tries));
        map.put("rate", Integer.toString(rate));
        map.put("seconds", Integer.toString(seconds));
        map.put("logMegabytes", Integer.toString(logMegabytes));
        map.put("pipelines", pipelines.toString());
        map.put("tables", tables.toString());
        map.put("jvm", jvm);
        map.put("jar", System.getProperty("bench.jar", ""));
        return map;
    }
}
