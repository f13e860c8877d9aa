package dev.millrace.consume.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Random changes into a table, in random windows, through failures: it holds what the oracle says. */
public final class ModeTrial {
    /** Asks the destination, NULL as ∅. */
    @FunctionalInterface
    public interface Query {
        List<String> rows(String sql) throws Exception;
    }

    private final Pipe pipe;
    private final Supplier<Destination> destinations;
    private final Query query;
    /** SQL for the microseconds since 1970 of an instant; %s stands for it. */
    private final String micros;

    public ModeTrial(Pipe pipe, Supplier<Destination> destinations, Query query, String micros) {
        this.pipe = pipe;
        this.destinations = destinations;
        this.query = query;
        this.micros = micros;
    }

    public void run(LoadMode mode, OnDelete onDelete, int rounds) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        SourceModel source = new SourceModel(random);
        ChangeOracle oracle = new ChangeOracle(onDelete == OnDelete.IGNORE);
        LoadRules rules = new LoadRules(mode, onDelete, List.of());
        BatchWriter writer = new BatchWriter();
        source.begun(writer);
        int failures = 0;
        for (int round = 0; round < rounds; round++) {
            for (int batches = random.nextInt(6); batches >= 0; batches--) {
                for (int events = random.nextInt(20); events >= 0; events--) {
                    source.change(writer);
                }
                EncodedBatch batch = writer.finish(1, false, random.nextInt(4) > 0, OffsetDelta.NONE);
                oracle.apply(batch.stored(pipe.topic.appendedIndex() + 1));
                pipe.topic.append(batch);
            }
            pipe.topic.append(writer.finish(1, false, true, OffsetDelta.NONE));
            ConsumeOptions options = new ConsumeOptions(1 + random.nextInt(60), 1 << 20, 0, 1 + random.nextInt(3));
            boolean done = false;
            while (!done) {
                try (Destination destination = new Flaky(destinations.get(), random.split(), 12)) {
                    pipe.drain(pipe.consumer(destination, rules, options, Optional.empty()));
                    done = true;
                } catch (MillraceException e) {
                    assertEquals(Category.EXTERNAL, e.category(), "seed " + seed + " " + e);
                    failures++;
                }
            }
            compare(mode, oracle, "seed " + seed + " round " + round);
        }
        assertTrue(failures > 0, "nothing ever failed, seed " + seed);
    }

    private void compare(LoadMode mode, ChangeOracle oracle, String when) throws Exception {
        String values = "SELECT note, id, \"large\", area, ";
        if (mode == LoadMode.APPEND) {
            assertEquals(
                    oracle.appended(),
                    query.rows(values + "__millrace_operation, __millrace_sequence FROM shop.\"Item\""
                            + " ORDER BY __millrace_sequence"),
                    when);
            return;
        }
        if (mode == LoadMode.MERGE) {
            assertEquals(
                    oracle.merged().stream().sorted().toList(),
                    query
                            .rows("SELECT note, id, \"large\", area FROM shop.\"Item\" WHERE NOT __millrace_deleted")
                            .stream()
                            .sorted()
                            .toList(),
                    when);
            return;
        }
        String from = micros.formatted("__millrace_valid_from");
        String to = micros.formatted("__millrace_valid_to");
        assertEquals(
                oracle.versions().stream().sorted().toList(),
                query
                        .rows(values + from + ", " + to
                                + ", __millrace_sequence FROM shop.\"Item\" WHERE __millrace_current"
                                + " = (__millrace_valid_to IS NULL)")
                        .stream()
                        .sorted()
                        .toList(),
                when);
    }
}
