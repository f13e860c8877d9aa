package dev.millrace.app.fault;

import dev.millrace.ingest.engine.ProgressFuzz;
import dev.millrace.ingest.postgres.Captures;
import dev.millrace.storage.batch.BatchFuzz;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.log.ExcerptFuzz;
import dev.millrace.storage.log.LogFileFuzz;
import dev.millrace.storage.state.StateFuzz;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Fuzzer;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Damaged bytes into everything that decodes bytes of others: what a real server sent, captured at the trial's start, and what we stored of
 * it. Each input is read or refused with the decoder's own code, within 2 s of the processor and a small multiple of its size in memory.
 */
final class Fuzz implements FaultFamily {
    private static final long SHORT_INPUTS = 300_000;
    private static final long LONG_INPUTS = 500_000;

    /** Of a thousand inputs; relations ask the server each time, and log files are files. */
    private static final Map<String, Integer> SHARES = Map.of(
            "pgoutput", 340,
            "binary COPY", 220,
            "batch codec", 250,
            "log excerpts", 120,
            "state values", 30,
            "load progress", 19,
            "source offsets", 19,
            "log files", 2);

    private static final long RELATIONS = 100;

    @Override
    public String name() {
        return "fuzz";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 20 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Captures captures = Captures.of(database)) {
            List<StoredBatch> batches = new ArrayList<>(captures.batches());
            batches.addAll(BatchFuzz.samples(trial.seed()));
            List<FuzzTarget> targets = new ArrayList<>(captures.targets());
            targets.addAll(List.of(
                    new BatchFuzz(batches),
                    new ExcerptFuzz(batches),
                    new LogFileFuzz(trial.folder()),
                    new StateFuzz(captures.schemas()),
                    new ProgressFuzz()));
            for (FuzzTarget target : targets) {
                Integer share = SHARES.get(target.name());
                long all = trial.longForm() ? LONG_INPUTS : SHORT_INPUTS;
                fuzz(trial, target, share == null ? RELATIONS : all * share / 1_000);
            }
        }
    }

    private static void fuzz(Trial trial, FuzzTarget target, long inputs) throws InterruptedException {
        long start = System.nanoTime();
        Fuzzer.Outcome outcome = Fuzzer.run(target, trial.seed(), inputs);
        trial.tally().add("inputs", outcome.inputs());
        trial.tally().add("refused", outcome.refused());
        trial.tally().max("KB taken by one input", outcome.mostAllocated() >> 10);
        System.out.printf(
                "fuzz: %s: %,d inputs, %,d refused, %,d a second, at most %,d KB for one%n",
                target.name(),
                inputs,
                outcome.refused(),
                inputs * 1_000_000_000 / Math.max(1, System.nanoTime() - start),
                outcome.mostAllocated() >> 10);
    }
}
