package dev.millrace.consume.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.setting.Settings;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedCounts;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.FailedTotals;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Random tables go to one destination through refused rows, refused tables, transformations that fail, lost connections and restarts, are parked,
 * mended and replayed; and to another one where nothing ever fails. Both hold the same at the end, in all but when it was loaded.
 */
public final class ParkingTrial {
    /** A destination with nothing in it. */
    public interface Site extends AutoCloseable {
        Destination open();

        /** Asks it while it isn't open. */
        List<String> rows(String sql) throws Exception;

        @Override
        void close();
    }

    /**
     * @param seed repeats the trial
     * @param rules how all is loaded
     * @param flatten whether documents become tables
     */
    public record Plan(
            long seed, LoadRules rules, Optional<Guarantee> guarantee, RandomTables.Traits traits, boolean flatten) {
        public Plan(LoadMode mode, OnDelete onDelete, RandomTables.Traits traits) {
            this(SEED, new LoadRules(mode, onDelete, List.of()), Optional.empty(), traits, false);
        }

        public Plan flattened() {
            return new Plan(seed, rules, guarantee, traits, true);
        }

        public Plan guaranteed(Guarantee other) {
            return new Plan(seed, rules, Optional.of(other), traits, flatten);
        }

        private Plan number(int trial) {
            return new Plan(seed + trial, rules, guarantee, traits, flatten);
        }
    }

    /** {@code -Dseed=n} repeats a trial, {@code -Dparked.trials=n} makes more of each kind. */
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    private static final int TRIALS = Integer.getInteger("parked.trials", 1);
    private static final int ROUNDS = 5;
    private static final int NEVER = Integer.MAX_VALUE;

    private static final FailedPolicy PARK =
            new FailedPolicy(FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5));
    private static final int TABLES = 3;
    private static final Set<String> DIFFERENT = Set.of("__millrace_loaded_at");
    /** Which of some equal rows a deletion takes isn't said where there is no key. */
    private static final Set<String> DIFFERENT_KEYLESS =
            Set.of("__millrace_loaded_at", "__millrace_id", "__millrace_ingested_at", "__millrace_source_modified_at");

    /** Makes one in a folder of its own. */
    @FunctionalInterface
    public interface Sites {
        Site make(Path folder) throws Exception;
    }

    private final Path folder;
    private final Plan plan;
    private final SplittableRandom random;
    private final MemoryTopic topic = new MemoryTopic();
    private final Settings into;
    private long parked;

    private ParkingTrial(Path folder, Plan plan) {
        this.folder = folder;
        this.plan = plan;
        this.random = new SplittableRandom(plan.seed());
        this.into = plan.flatten()
                ? new Settings(Map.of("json", "flatten", "jsonDepth", 3L, "jsonColumns", 100L))
                : new Settings(Map.of());
    }

    /** Makes the trials of one plan, as many as are asked for. */
    public static void run(Path folder, Plan plan, Sites sites) throws Exception {
        List<Throwable> wrong = new ArrayList<>();
        for (int trial = 0; trial < TRIALS; trial++) {
            Path own = Files.createTempDirectory(folder, "trial");
            try (Site failing = sites.make(Files.createDirectory(own.resolve("failing")));
                    Site calm = sites.make(Files.createDirectory(own.resolve("calm")))) {
                new ParkingTrial(own, plan.number(trial)).run(failing, calm);
            } catch (AssertionError | RuntimeException e) {
                wrong.add(new AssertionError(plan.number(trial).toString(), e));
            }
        }
        if (!wrong.isEmpty()) {
            AssertionError all = new AssertionError(wrong.size() + " of " + TRIALS + " trials", wrong.get(0));
            wrong.subList(1, wrong.size()).forEach(all::addSuppressed);
            throw all;
        }
    }

    private void run(Site failing, Site calm) throws Exception {
        Transforms transforms = new Transforms(folder, random.nextInt(Transforms.STEPS.length));
        RandomTables source = new RandomTables(
                random.split(), TABLES, transforms.selective() ? plan.traits().whole() : plan.traits());
        MemoryState state = new MemoryState();
        BatchWriter writer = new BatchWriter();
        String told = plan + " " + transforms;
        for (int round = 0; round < ROUNDS; round++) {
            append(source, writer);
            boolean broken = random.nextInt(3) > 0;
            parked += apply(state, failing, transforms.of(broken), 2 + random.nextInt(7), told);
        }
        source.endLoads(writer);
        topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
        parked += apply(
                state,
                failing,
                transforms.of(false),
                NEVER,
                told); // what is in the log may still have the form that fails
        apply(state, failing, transforms.of(false), 0, told);
        assertEquals(0, apply(new MemoryState(), calm, transforms.of(false), -1, told), told);
        compare(contents(calm), contents(failing), told);
        assertTrue(parked > 0, "nothing was ever parked, " + told);
    }

    private void append(RandomTables source, BatchWriter writer) {
        for (int batches = random.nextInt(6); batches >= 0; batches--) {
            for (int events = random.nextInt(25); events > 0; events--) {
                source.change(writer);
            }
            topic.append(writer.finish(1, false, random.nextInt(4) > 0, OffsetDelta.NONE));
        }
        topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
    }

    /**
     * Until all is applied, by as many processes as it takes.
     *
     * @param modulus about one of so many rows is refused; 0: none, and all that is parked is replayed; -1: none, and nothing fails
     */
    private long apply(MemoryState state, Site site, List<TransformDefinition> transform, int modulus, String told)
            throws Exception {
        int windowRows = 1 + random.nextInt(60);
        // what is left to be replayed goes in some steps, not in hundreds
        ConsumeOptions options = new ConsumeOptions(
                modulus == 0 ? Math.max(30, windowRows) : windowRows, 1 << 20, 0, 1 + random.nextInt(3));
        boolean named = random.nextBoolean();
        boolean replay = modulus <= 0 || random.nextInt(3) == 0;
        String gone = modulus > 0 && random.nextInt(6) == 0 ? "t" + random.nextInt(TABLES) : "";
        while (true) {
            boolean mortal = modulus >= 0 && random.nextInt(3) == 0;
            StateStore kept = mortal ? new DyingState(state, random.split(), 60) : state;
            ParkingPipe parking = new ParkingPipe(topic, kept, OnDelete.HARD, plan.guarantee(), options)
                    .policy(PARK)
                    .rules(plan.rules())
                    .transform(transform)
                    .into(into);
            FailedQueue queue = parking.queue();
            if (replay) {
                queue.replay(FailedFilter.ALL);
            }
            BooleanSupplier done = () -> modulus > 0 || queue.counts().events() == 0;
            Destination refusing = new Refusing(site.open(), cells -> isRefused(cells, modulus), named, gone::equals);
            boolean steady = modulus < 0 || plan.guarantee().equals(Optional.of(Guarantee.AT_MOST_ONCE));
            try (Destination destination = steady ? refusing : new Flaky(refusing, random.split(), 500, 1_000)) {
                parking.run(destination, queue, done);
                return queue.counts().events();
            } catch (MillraceException e) {
                assertEquals(Category.EXTERNAL, e.category(), e + " " + told);
            } finally {
                requireWhole(parking.queue().counts(), told);
            }
        }
    }

    /** What was ever parked is parked still, or has become something. */
    private static void requireWhole(FailedCounts counts, String told) {
        FailedTotals totals = counts.totals();
        long gone = totals.replayed() + totals.skipped() + totals.expired() + totals.obsolete();
        assertEquals(totals.parked(), counts.events() + gone, () -> counts + " " + told);
    }

    /** By what is in the note, which no event leaves unchanged. */
    private static boolean isRefused(Cells cells, int modulus) {
        int note = modulus > 0 ? cells.schema().indexOf("note") : -1;
        return note >= 0
                && !cells.isNull(note)
                && !cells.isUnchanged(note)
                && cells.stringAt(note).hashCode() % modulus == 0;
    }

    private Map<String, List<String>> contents(Site site) throws Exception {
        Map<String, List<String>> columns = new TreeMap<>();
        for (String row : site.rows("SELECT table_name || '|' || column_name || '|' || data_type"
                + " FROM information_schema.columns WHERE table_schema = 'shop' ORDER BY 1")) {
            String[] parts = row.split("\\|");
            columns.computeIfAbsent(parts[0], table -> new ArrayList<>()).add(parts[1] + "|" + parts[2]);
        }
        Map<String, List<String>> contents = new TreeMap<>();
        for (Map.Entry<String, List<String>> table : columns.entrySet()) {
            boolean merged = plan.rules().mode() == LoadMode.MERGE;
            boolean keyless = table.getValue().stream().anyMatch(column -> column.startsWith("__millrace_id|"));
            Set<String> without = merged && keyless ? DIFFERENT_KEYLESS : DIFFERENT;
            List<String> compared = table.getValue().stream()
                    .map(column -> column.substring(0, column.indexOf('|')))
                    .filter(column -> !without.contains(column))
                    .map(column -> "coalesce('" + column + "=' || CAST(\"" + column + "\" AS VARCHAR) || ' ', '')")
                    .toList();
            // what is obsolete at its destination, and so never came there, may have widened or added a column
            List<String> rows = new ArrayList<>(merged ? List.of() : table.getValue());
            site.rows("SELECT " + String.join(" || ", compared) + " FROM shop.\"" + table.getKey() + "\"").stream()
                    .map(row -> row.replaceAll("(=-?\\d+)\\.0+ ", "$1 ").replaceAll("(\\.\\d*[1-9])0+ ", "$1 "))
                    .sorted()
                    .forEach(rows::add);
            contents.put(table.getKey(), rows);
        }
        return contents;
    }

    private void compare(Map<String, List<String>> expected, Map<String, List<String>> found, String told) {
        assertEquals(expected.keySet(), found.keySet(), told);
        expected.forEach((table, rows) -> {
            List<String> missing = new ArrayList<>(rows);
            found.get(table).forEach(missing::remove);
            List<String> tooMuch = new ArrayList<>(found.get(table));
            rows.forEach(tooMuch::remove);
            assertEquals(
                    String.join("\n", missing),
                    String.join("\n", tooMuch),
                    () -> "table " + table + ": what is missing, and what is there instead; " + told);
        });
    }

    /** A transformation of the first table in two forms: one that fails for some rows, and one that does the same and doesn't. */
    private record Transforms(int kind, List<TransformDefinition> broken, List<TransformDefinition> mended) {
        private static final String[] STEPS = {
            "",
            "- mask: {large: {sha256: a secret that is long enough}}\n- set: {tag: \"note + '!'\"}\n"
                    + "MEND- cast: {code: integer}",
            "- filter: id % 5 != 4\n- rename: {large: big}\n- script: FORM.js",
            "- route: {when: id % 3 == 1, to: \"{table}_one\"}\nMEND- cast: {code: integer}"
        };

        Transforms(Path folder, int kind) throws IOException {
            this(kind, read(folder, kind, true), read(folder, kind, false));
        }

        /** Whether it can't do with less than whole rows. */
        boolean selective() {
            return kind > 1;
        }

        List<TransformDefinition> of(boolean fails) {
            return fails ? broken : mended;
        }

        private static List<TransformDefinition> read(Path folder, int kind, boolean broken) throws IOException {
            if (kind == 0) {
                return List.of();
            }
            String name = broken ? "broken" : "mended";
            String fails = broken ? "if (v.note && v.note.length % 3 === 1) throw new Error('odd');" : "";
            Files.writeString(
                    folder.resolve(name + ".js"),
                    "function transform(event) { const v = event.values; if (!('note' in v)) return event; " + fails
                            + " v.tag = v.note + '!'; return event; }");
            String mend = broken ? "" : "- regex: {code: {find: \"[^0-9]\", with: \"\"}}\n";
            String steps = STEPS[kind].replace("FORM", name).replace("MEND", mend);
            return StepBench.load(folder, "transform:\n  - objects: [\"shop.t0\"]\n    steps:\n" + steps.indent(6))
                    .transform();
        }

        @Override
        public String toString() {
            return "transformation " + kind;
        }
    }
}
