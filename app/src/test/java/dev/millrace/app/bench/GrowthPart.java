package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** What one process holds and uses at rest, (j): with more and more pipelines, each of a table of its own, and with more and more tables. */
final class GrowthPart {
    static final String PIPELINES = "growth with each pipeline";
    static final String TABLES = "growth with each table";

    /** A hundredth of a processor's second: what can be measured. */
    private static final double SMALLEST = 0.01;

    private final Work work;

    private GrowthPart(Work work) {
        this.work = work;
    }

    static String pipelines(int count) {
        return Measurements.OURS + "at rest with pipelines: " + count;
    }

    static String tables(int count) {
        return Measurements.OURS + "at rest with tables: " + count;
    }

    static void measure(Work work) throws Exception {
        GrowthPart part = new GrowthPart(work);
        for (int count : work.settings().pipelines()) {
            part.pipelinesAtRest(count);
        }
        part.growth(PIPELINES, work.settings().pipelines(), GrowthPart::pipelines);
        for (int count : work.settings().tables()) {
            part.tablesAtRest(count);
        }
        part.growth(TABLES, work.settings().tables(), GrowthPart::tables);
    }

    /** What each one adds between the fewest and the most, by what all takes with the fewest: 1 is as much again for each. */
    private void growth(String name, List<Integer> counts, IntFunction<String> measured) {
        int fewest = counts.get(0);
        int most = counts.get(counts.size() - 1);
        Map<String, Double> numbers = new LinkedHashMap<>();
        for (String number : new String[] {"resident", "private", "files", "threads", "cpuPerSecond"}) {
            double first = last(measured.apply(fewest), number);
            double each = (last(measured.apply(most), number) - first) / Math.max(1, most - fewest);
            numbers.put(number, each / Math.max(first, SMALLEST));
        }
        work.measurements().add(name, numbers);
    }

    private double last(String what, String number) {
        List<Double> values = work.measurements().values(what, number);
        return values.get(values.size() - 1);
    }

    private void pipelinesAtRest(int count) throws Exception {
        try (TestDatabase source = work.bench().source();
                TestDatabase target = work.bench().target()) {
            tables(source, count);
            Path installation = Files.createDirectory(work.bench().folder().resolve("pipelines" + count));
            Files.writeString(installation.resolve("millrace.yaml"), "web: {port: 0}\n");
            Path definitions = Files.createDirectory(installation.resolve("pipelines"));
            for (int i = 1; i <= count; i++) {
                Bench.define(
                        definitions.resolve("p" + i + ".yaml"),
                        "grow" + count + "x" + i,
                        source,
                        "public.t" + i,
                        "type: postgresql, " + Bench.address(target));
            }
            try (MillraceRun run = work.bench().start(installation, "serve", "--data", "data")) {
                atRest(pipelines(count), count, run, source, target);
            } finally {
                Bench.dropSlots(source);
            }
        }
    }

    private void tablesAtRest(int count) throws Exception {
        try (TestDatabase source = work.bench().source();
                TestDatabase target = work.bench().target()) {
            tables(source, count);
            Path pipeline = work.bench().pipeline("tables" + count, source, target);
            try (MillraceRun run = work.bench().run(pipeline)) {
                atRest(tables(count), count, run, source, target);
            } finally {
                Bench.dropSlots(source);
            }
        }
    }

    /** Tables of ten rows. */
    private static void tables(TestDatabase source, int count) throws Exception {
        source.execute("DO $$BEGIN FOR i IN 1.." + count + " LOOP"
                + " EXECUTE format('CREATE TABLE %I (id integer PRIMARY KEY, note text)', 't' || i);"
                + " EXECUTE format('INSERT INTO %I SELECT n, ''note '' || n FROM generate_series(1, 10) n', 't' || i);"
                + " COMMIT; END LOOP; END$$");
    }

    private void atRest(String name, int count, MillraceRun run, TestDatabase source, TestDatabase target)
            throws Exception {
        run.awaitLoaded(12L * count); // ten rows each, and where their load begins and ends
        double seconds = run.process().nanos() / 1e9;
        long there = 0;
        for (String rows : target.rows(
                "SELECT (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I',"
                        + " schemaname, tablename), false, true, '')))[1]::text FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^t[0-9]'")) {
            there += Long.parseLong(rows);
        }
        if (there != 10L * count) {
            throw new IllegalStateException("the destination has " + there + " rows of " + count + " tables");
        }
        Map<String, Double> numbers = StartPart.atRest(run, work.settings().seconds());
        numbers.put("loadedAfter", seconds);
        numbers.put("connections", connections(source) + connections(target));
        work.measurements().add(name, numbers);
        run.stop();
    }

    private static double connections(TestDatabase database) throws Exception {
        return Double.parseDouble(
                database.rows("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")
                        .get(0));
    }
}
