package dev.millrace.storage.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchFuzz;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.log.ExcerptFuzz;
import dev.millrace.storage.log.LogFileFuzz;
import dev.millrace.storage.state.StateFuzz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short turn of every decoder of stored bytes; the fault suite has the long one. */
class DamagedBytesTest {
    @TempDir
    private Path folder;

    @Test
    void everyStoredByteThatIsDamagedIsReadOrRefusedAndNothingElse() throws InterruptedException {
        long seed = Long.getLong("seed", System.nanoTime());
        List<StoredBatch> batches = BatchFuzz.samples(seed);
        List<Schema> schemas = new ArrayList<>();
        for (StoredBatch batch : batches) {
            BatchReader reader = new BatchReader();
            reader.open(batch);
            schemas.add(reader.schemaAt(0));
        }
        run(new BatchFuzz(batches), seed, 20_000);
        run(new ExcerptFuzz(batches), seed, 10_000);
        run(new LogFileFuzz(folder), seed, 500);
        run(new StateFuzz(schemas), seed, 10_000);
    }

    private static void run(FuzzTarget target, long seed, long inputs) throws InterruptedException {
        Fuzzer.Outcome outcome = Fuzzer.run(target, seed, inputs);
        assertTrue(outcome.refused() > inputs / 5, () -> target.name() + " refused only " + outcome);
    }

    @Test
    void aDecoderThatThrowsOrTakesTooMuchIsToldWithItsInput() {
        for (byte[][] input : new byte[][][] {{{1}}, {{2}}}) {
            FuzzTarget broken = broken(input);
            AssertionError told = assertThrows(AssertionError.class, () -> Fuzzer.run(broken, 5, 10));
            assertTrue(told.getMessage().startsWith("broken, input 0 of seed 5"), told.getMessage());
            assertArrayEquals(input, broken.input(new SplittableRandom(5)));
        }
    }

    private static FuzzTarget broken(byte[][] input) {
        return new FuzzTarget() {
            private byte[] taken;

            @Override
            public String name() {
                return "broken";
            }

            @Override
            public byte[][] input(SplittableRandom random) {
                return input;
            }

            @Override
            public void decode(byte[][] bytes) {
                if (bytes[0][0] == 1) {
                    throw new IndexOutOfBoundsException("leaked");
                }
                taken = new byte[64 << 20];
            }

            @Override
            public boolean expects(MillraceException refusal) {
                return taken != null;
            }
        };
    }
}
