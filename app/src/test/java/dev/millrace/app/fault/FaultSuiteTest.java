package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.app.fault.network.Clocks;
import dev.millrace.app.fault.network.Databases;
import dev.millrace.app.fault.network.Network;
import dev.millrace.app.fault.shapes.Shapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the fault suite: its short form in every build, its long form by {@code mvn -Pfaults test -Dfaults.long}. {@code -Dfaults.seed=N}
 * repeats a run, {@code -Dfaults.only=kills,network} chooses families, {@code -Dfaults.only=kills:17} one trial,
 * {@code -Dfaults.trials=N} so many of each, {@code -Dfaults.lanes=N} runs so many side by side, {@code -Dfaults.keep} keeps the trials'
 * folders. The totals are printed at the end and written to {@code target/faults/report.txt}.
 *
 * <p>Trials share nothing but the test's server and its processors, and most of a trial is waiting: so the short form runs some side by side, on
 * threads of its own, and JUnit is told how each has ended.
 */
@Tag("faults")
class FaultSuiteTest {
    private static final boolean LONG = System.getProperty("faults.long") != null;
    private static final long SEED = Long.getLong("faults.seed", LONG ? System.nanoTime() : 1);
    private static final int SIDE_BY_SIDE = 3;
    private static final String ONLY = System.getProperty("faults.only", "");
    private static final int LANES = Integer.getInteger("faults.lanes", LONG ? 1 : SIDE_BY_SIDE);
    private static final Report REPORT = new Report(SEED, LONG);
    private static final long BEGUN = System.nanoTime();
    private static final ExecutorService LANE =
            Executors.newFixedThreadPool(LANES, trials -> new Thread(trials, "fault-lane"));

    /** In the order in which they are begun: the longest trials first, so that none is left to run alone at the end. */
    private static List<FaultFamily> families() {
        return List.of(
                new Kills(),
                new Network(),
                new Databases(),
                new Apart(),
                new Guarantees(),
                new Stops(),
                new Shapes(),
                new Damage(),
                new Clocks(),
                new FullDisks(),
                new DiskErrors(),
                new PowerCuts(),
                new Fuzz());
    }

    @TestFactory
    List<DynamicContainer> nothingIsLostOrDoubledUnderAnyFault() {
        System.out.println("fault suite, " + (LONG ? "long" : "short") + " form, seed " + SEED);
        return families().stream()
                .filter(family -> chosen(family.name(), -1))
                .map(family -> DynamicContainer.dynamicContainer(family.name(), begun(family)))
                .toList(); // which begins all of them
    }

    @Test
    void everyFamilyThatWasAskedForIsKnown() {
        List<String> names = families().stream().map(FaultFamily::name).toList();
        for (String wanted : ONLY.isEmpty() ? new String[0] : ONLY.split(",")) {
            String name = wanted.split(":", 2)[0];
            assertFalse(!names.contains(name), () -> "no family '" + name + "' among " + names);
        }
        assertEquals(names.size(), names.stream().distinct().count(), "names are unique");
    }

    @AfterAll
    static void tellTheTotals() throws IOException {
        LANE.shutdownNow();
        String table = REPORT.table();
        System.out.println(table);
        Path folder = Files.createDirectories(Path.of("target", "faults"));
        Files.writeString(folder.resolve("report.txt"), table);
    }

    private static List<DynamicTest> begun(FaultFamily family) {
        Tally tally = REPORT.family(family.name());
        Optional<String> reason = family.unavailable();
        if (reason.isPresent()) {
            REPORT.notRun(family.name(), reason.get());
            System.out.println(family.name() + ": not run: " + reason.get());
            return List.of();
        }
        List<DynamicTest> tests = new ArrayList<>();
        int count = Integer.getInteger("faults.trials", family.trials(LONG));
        for (int number = 0; number < Math.max(count, lastWanted(family.name()) + 1); number++) {
            int trial = number;
            if (chosen(family.name(), trial)) {
                Future<?> begun = LANE.submit(() -> run(family, trial, tally));
                tests.add(DynamicTest.dynamicTest(family.name() + ":" + trial, () -> await(begun)));
            }
        }
        return tests;
    }

    private static void await(Future<?> trial) throws InterruptedException {
        try {
            trial.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        }
    }

    private static Void run(FaultFamily family, int number, Tally tally) throws IOException {
        long seed = new SplittableRandom(SEED ^ ((long) family.name().hashCode() << 32) ^ number).nextLong();
        Path folder = Files.createTempDirectory("millrace-fault-");
        long start = System.nanoTime();
        try {
            family.run(new Trial(number, seed, new SplittableRandom(seed), folder, LONG, tally));
            REPORT.passed(family.name(), System.nanoTime() - start);
        } catch (Exception | Error e) {
            String repeat = "repeat with: mvn -Pfaults test -Dfaults.seed=" + SEED + " -Dfaults.only=" + family.name()
                    + ":" + number + (LONG ? " -Dfaults.long" : "");
            REPORT.failed(family.name(), number, e, System.nanoTime() - start);
            throw new AssertionError(family.name() + ":" + number + " failed; " + repeat, e);
        } finally {
            if (System.getProperty("faults.keep") == null) {
                delete(folder);
            } else {
                System.out.println(family.name() + ":" + number + " is kept in " + folder);
            }
        }
        System.out.printf(
                "%s:%d passed in %d ms, after %d s%n",
                family.name(),
                number,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
                TimeUnit.NANOSECONDS.toSeconds(start - BEGUN));
        return null;
    }

    private static boolean chosen(String family, int trial) {
        if (ONLY.isEmpty()) {
            return true;
        }
        return Stream.of(ONLY.split(","))
                .anyMatch(wanted -> wanted.equals(family)
                        || wanted.startsWith(family + ":") && (trial < 0 || wanted.equals(family + ":" + trial)));
    }

    private static int lastWanted(String family) {
        return Stream.of(ONLY.split(","))
                .filter(wanted -> wanted.startsWith(family + ":"))
                .mapToInt(wanted -> Integer.parseInt(wanted.substring(family.length() + 1)))
                .max()
                .orElse(-1);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
