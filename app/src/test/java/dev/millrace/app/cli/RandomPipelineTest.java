package dev.millrace.app.cli;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole pipelines at random: a file, rows and columns that change, also while it runs, changes of the file, loads that are repeated, failed events that are
 * given up or replayed; the destination holds what a plain model says. {@code -Dseed=n} repeats one, {@code -Dpipeline.trials=n} makes more.
 */
class RandomPipelineTest {
    private static final int TRIALS = Integer.getInteger("pipeline.trials", 2);

    @TempDir
    Path folder;

    @Test
    void theDestinationHoldsWhatAModelSays() throws Exception {
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + TRIALS; seed++) {
            try (TestDatabase source = TestPostgres.shared().createDatabase();
                    TestDatabase target = TestPostgres.shared().createDatabase()) {
                Path own = Files.createDirectories(folder.resolve("trial-" + seed));
                PipelineTrial trial = new PipelineTrial(seed, own, source, target);
                try {
                    trial.run();
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("seed " + seed + ": " + e + "\n" + trial, e);
                }
            }
        }
    }
}
