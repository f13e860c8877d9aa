package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.Flaky;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random changes, refusals and failures; after the cause is mended and all is replayed, the destination is as if nothing had failed. */
final class ParkingPropertyTest {
    private static final String LIVE =
            "SELECT area, id, note, \"large\" FROM shop.item WHERE NOT __millrace_deleted ORDER BY area || '|' || id";
    private static final FailedPolicy PARK =
            new FailedPolicy(FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5));
    /** {@code -Dparking.rounds=n} makes more. */
    private static final int ROUNDS = Integer.getInteger("parking.rounds", 10);

    @TempDir
    Path folder;

    @Test
    void deletedRowsAreGone() throws Exception {
        nothingIsLostOrOvertaken(OnDelete.HARD, Optional.empty());
    }

    @Test
    void deletedRowsAreMarked() throws Exception {
        nothingIsLostOrOvertaken(OnDelete.SOFT, Optional.empty());
    }

    @Test
    void windowsAreRepeated() throws Exception {
        nothingIsLostOrOvertaken(OnDelete.HARD, Optional.of(Guarantee.AT_LEAST_ONCE));
    }

    private void nothingIsLostOrOvertaken(OnDelete onDelete, Optional<Guarantee> guarantee) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        SourceModel source = new SourceModel(random.split());
        BatchWriter writer = new BatchWriter();
        long parked = 0;
        for (int round = 0; round < ROUNDS; round++) {
            append(pipe, source, writer, random);
            int modulus = 2 + random.nextInt(6);
            int windowRows = 1 + random.nextInt(40);
            parked += run(pipe, onDelete, guarantee, windowRows, random, modulus, seed);
        }
        parked += run(pipe, onDelete, guarantee, 30, random, 0, seed);
        assertEquals(source.rows(), pipe.query(LIVE), "seed " + seed);
        assertTrue(parked > 10, parked + " parked, seed " + seed);
    }

    private static void append(Pipe pipe, SourceModel source, BatchWriter writer, SplittableRandom random) {
        int batches = 1 + random.nextInt(6);
        for (int i = 0; i < batches; i++) {
            int events = random.nextInt(20);
            for (int j = 0; j < events; j++) {
                source.change(writer);
            }
            pipe.topic.append(writer.finish(1, false, random.nextInt(4) > 0, OffsetDelta.NONE));
        }
        writer.finish(1, false, true, OffsetDelta.NONE);
    }

    /** Until all is applied, by as many processes as it takes; {@code modulus} 0: nothing is refused and everything replayed. */
    private static long run(
            Pipe pipe,
            OnDelete onDelete,
            Optional<Guarantee> guarantee,
            int windowRows,
            SplittableRandom random,
            int modulus,
            long seed)
            throws Exception {
        ConsumeOptions options = new ConsumeOptions(windowRows, 1 << 20, 0, 1 + random.nextInt(3));
        boolean named = random.nextBoolean();
        boolean replay = modulus == 0 || random.nextInt(3) == 0;
        while (true) {
            ParkingPipe parking = new ParkingPipe(pipe.topic, pipe.state, onDelete, guarantee, options).policy(PARK);
            FailedQueue queue = parking.queue();
            if (replay) {
                queue.replay(FailedFilter.ALL);
            }
            BooleanSupplier done = () -> modulus > 0 || queue.counts().events() == 0;
            try (Destination destination = new Flaky(
                    new Refusing(pipe.destination(), cells -> isRefused(cells, modulus), named, table -> false),
                    random.split(),
                    40,
                    1_000)) {
                parking.run(destination, queue, done);
                return queue.counts().events();
            } catch (MillraceException e) {
                assertEquals(Category.EXTERNAL, e.category(), e + " seed " + seed);
            }
        }
    }

    /** By what is in the note, which no event leaves unchanged. */
    private static boolean isRefused(Cells cells, int modulus) {
        return modulus > 0 && !cells.isNull(0) && cells.stringAt(0).hashCode() % modulus == 0;
    }
}
