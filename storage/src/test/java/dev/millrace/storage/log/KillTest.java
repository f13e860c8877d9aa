package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed while it appends; every batch that it was told to be durable is there afterwards, and nothing else than it wrote. */
class KillTest {
    static final TopicName TOPIC = new TopicName("default", "killed", TopicName.Mode.REALTIME);

    @TempDir
    private Path folder;

    @Test
    void everyAcknowledgedBatchOutlivesAKillAtAnyMoment() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        long before = 0;
        for (int round = 0; round < 4; round++) {
            long acknowledged = runAndKill(random.nextLong(), 5 + random.nextInt(40), List.of());
            assertTrue(acknowledged > before, "nothing acknowledged, seed " + seed);
            before = AppenderProcess.assertAllThere(folder, acknowledged, "seed " + seed);
        }
    }

    @Test
    void everyAcknowledgedBatchOutlivesADeathAtEachDurabilityStep() throws Exception {
        long acknowledged = runAndKill(1, 3, List.of());
        for (String point : List.of("AFTER_APPEND:9", "BEFORE_SYNC:4", "AFTER_SYNC:4", "AT_ROLL:1")) {
            acknowledged =
                    Math.max(acknowledged, runAndKill(2, Integer.MAX_VALUE, List.of("-Dmillrace.fault=" + point)));
            acknowledged = AppenderProcess.assertAllThere(folder, acknowledged, point);
        }
    }

    /** The last batch acknowledged before the process ended: by us after some lines, or by itself at its fault point. */
    private long runAndKill(long seed, int lines, List<String> settings) throws IOException, InterruptedException {
        AppenderProcess child = AppenderProcess.start(folder, seed, settings);
        // By its handle: Process.destroyForcibly would close the stream that still holds acknowledgements.
        long acknowledged = child.readAcknowledged(
                lines, true, () -> assertTrue(child.process().toHandle().destroyForcibly()));
        assertEquals(137, child.process().exitValue(), "the child was to be killed");
        return acknowledged;
    }
}
