package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.ingest.engine.ProgressFuzz;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.Fuzzer;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import org.junit.jupiter.api.Test;

/** A short turn of every decoder of what a server sends and of what is stored of it; the fault suite has the long one. */
class DamagedMessagesTest {
    @Test
    void everyDamagedMessageIsReadOrRefusedAndNothingElse() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Captures captures = Captures.of(database)) {
            for (FuzzTarget target : captures.targets()) {
                run(target, seed, target instanceof RelationFuzz ? 150 : 20_000);
            }
            run(new ProgressFuzz(), seed, 10_000);
            assertEquals(
                    29,
                    captures.batches().stream()
                            .map(StoredBatch::header)
                            .mapToInt(header -> header.eventCount())
                            .sum());
        }
    }

    private static void run(FuzzTarget target, long seed, long inputs) throws InterruptedException {
        Fuzzer.Outcome outcome = Fuzzer.run(target, seed, inputs);
        assertTrue(outcome.refused() > inputs / 5, () -> target.name() + " refused only " + outcome);
    }
}
