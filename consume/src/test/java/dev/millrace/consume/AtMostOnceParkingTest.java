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
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.Positions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows that are lost with failed events in them: each event is loaded once or counted as lost, and none is both. */
final class AtMostOnceParkingTest {
    private static final FailedPolicy PARK =
            new FailedPolicy(FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5));
    private static final Schema SCHEMA = new Schema(
            new TableName("shop", "bag"), 1, List.of(new Column("n", DataType.of(Type.INTEGER), true, 0, "int4", 1)));

    /** One call of so many fails. */
    private static final int OFTEN = 30;

    private static final int NEVER = Integer.MAX_VALUE;

    @TempDir
    Path folder;

    @Test
    void eachEventIsLoadedOnceOrCountedAsLost() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        int sent = append(pipe, random, 0);
        run(pipe, random, 0, NEVER, seed); // so that there is a table to be asked, should all that follows be lost
        for (int round = 0; round < 25; round++) {
            sent = append(pipe, random, sent);
            run(pipe, random, 2 + random.nextInt(4), OFTEN, seed);
        }
        run(pipe, random, 0, OFTEN, seed);
        long lost = new Positions(pipe.state).losses("orders").events();
        assertEquals(
                List.of(sent - lost + "|" + (sent - lost)),
                pipe.query("SELECT count(*), count(DISTINCT n) FROM shop.bag"),
                lost + " lost of " + sent + ", seed " + seed);
        assertTrue(lost > 0, "nothing was ever lost, seed " + seed);
    }

    private static int append(Pipe pipe, SplittableRandom random, int sent) {
        BatchWriter writer = new BatchWriter();
        int next = sent;
        for (int batches = random.nextInt(6); batches >= 0; batches--) {
            for (int events = random.nextInt(12); events >= 0; events--) {
                int schema = writer.schema(SCHEMA);
                writer.beginTransaction(next, 1_700_000_000_000_000L + next, "0/" + next, 1);
                writer.beginRow(Operation.INSERT, schema);
                writer.putLong(next++);
                writer.endRow();
            }
            pipe.append(writer);
        }
        return next;
    }

    private static void run(Pipe pipe, SplittableRandom random, int modulus, int failures, long seed) throws Exception {
        ConsumeOptions options = new ConsumeOptions(1 + random.nextInt(40), 1 << 20, 0, 1 + random.nextInt(3));
        while (true) {
            ParkingPipe parking = new ParkingPipe(
                            pipe.topic, pipe.state, OnDelete.HARD, Optional.of(Guarantee.AT_MOST_ONCE), options)
                    .policy(PARK);
            FailedQueue queue = parking.queue();
            if (modulus == 0) {
                queue.replay(FailedFilter.ALL);
            }
            BooleanSupplier done = () -> modulus > 0 || queue.counts().events() == 0;
            Destination refusing = new Refusing(
                    pipe.destination(),
                    cells -> modulus > 0 && cells.longAt(0) % modulus == 0,
                    random.nextBoolean(),
                    table -> false);
            try (Destination destination = new Flaky(refusing, random.split(), failures)) {
                parking.run(destination, queue, done);
                return;
            } catch (MillraceException e) {
                assertEquals(Category.EXTERNAL, e.category(), e + " seed " + seed);
            }
        }
    }
}
