package dev.millrace.consume.transform.steps;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TenColumns;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Transformer;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.log.LogReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What steps cost: a table of ten columns is loaded into DuckDB without steps and with them, and what they make of it without them, in turns; and
 * the steps alone, on the thread that gathers.
 */
@Tag("bench")
class StepCostTest {
    private static final int ROWS = Integer.getInteger("bench.rows", 200_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 3);

    @TempDir
    Path folder;

    @Test
    void loadsWithAndWithoutSteps() throws Exception {
        Map<String, List<TransformDefinition>> trials = new LinkedHashMap<>();
        trials.put("no steps", List.of());
        trials.put("rename, exclude", steps("- rename: {a: amount, b: buyer}\n- exclude: [g]"));
        trials.put(
                "usual: rename, exclude, trim, cast, round, mask",
                steps("- rename: {a: amount}\n- exclude: [g]\n- trim: [b]\n- cast: {amount: long}\n- round: {d: 1}\n"
                        + "- mask: {c: {keepLast: 4}}"));
        trials.put("hash", steps("- mask: {b: {sha256: \"${env:SALT}\"}}"));
        trials.put("filter by an expression", steps("- filter: a >= 0"));
        trials.put("set by an expression", steps("- set: {z: \"b + ' ' + a\"}"));
        double[][] load = new double[trials.size()][ROUNDS];
        double[][] made = new double[trials.size()][ROUNDS];
        double[][] alone = new double[trials.size()][ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            int trial = 0;
            for (Map.Entry<String, List<TransformDefinition>> each : trials.entrySet()) {
                double loaded = load(pipe(each.getValue(), round + "-" + trial));
                double without = load(made(each.getValue(), round + "-" + trial));
                double walked = walk(each.getValue(), round + "-" + trial + "w");
                if (round >= 0) {
                    load[trial][round] = loaded;
                    made[trial][round] = without;
                    alone[trial][round] = walked;
                }
                trial++;
            }
        }
        int trial = 0;
        for (String name : trials.keySet()) {
            double seconds = median(load[trial]);
            double added = (median(alone[trial]) - median(alone[0])) / ROWS * 1e9;
            System.out.printf(
                    "%-50s %,9.0f rows/s, %+5.1f %% time, %+5.1f %% to what loading the same result takes;"
                            + " the steps alone add %,6.0f ns a row%n",
                    name,
                    ROWS / seconds,
                    100 * (seconds / median(load[0]) - 1),
                    100 * (seconds / median(made[trial]) - 1),
                    added);
            trial++;
        }
    }

    private List<TransformDefinition> steps(String steps) throws Exception {
        // in a file of its own, as it is read again where the steps are deployed
        return StepBench.load(Files.createTempDirectory(folder, "steps"), "transform:\n  - steps:\n" + steps.indent(6))
                .transform();
    }

    /** With closing: what waits in DuckDB's write-ahead log is written into the tables then, and how much that is differs from load to load. */
    private double load(Pipe pipe) throws Exception {
        long start;
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            start = System.nanoTime();
            pipe.drain(consumer);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** A pipe without steps, with what steps make of the table in its log. */
    private Pipe made(List<TransformDefinition> transform, String name) throws Exception {
        Pipe pipe = pipe(transform, name + "s");
        Pipe result = new Pipe(Files.createDirectory(folder.resolve(name + "m")));
        Transformer transformer =
                Phases.of(StepBench.load(folder, "").withTransform(transform)).open(FailedEvents.STOP);
        BatchWriter writer = new BatchWriter();
        try (LogReader log = pipe.topic.reader(0)) {
            for (long index = 0; index < pipe.topic.appendedIndex(); index++) {
                BatchReader reader = transformer.open(log.next(1_000));
                writer.beginTransaction(0, 1_700_000_000_000_000L, "0/1", index << 20);
                while (reader.next()) {
                    writer.beginRow(Operation.READ, writer.schema(reader.schema()));
                    for (int column = 0; column < reader.schema().columns().size(); column++) {
                        writer.putCopy(reader.values(), column);
                    }
                    writer.endRow();
                }
                result.topic.append(writer.finish(1_700_000_000_000L, true, true, OffsetDelta.NONE));
            }
        }
        return result;
    }

    /** Opens and walks every batch, which is what the thread that gathers does besides gathering. */
    private double walk(List<TransformDefinition> transform, String name) throws Exception {
        Pipe pipe = pipe(transform, name);
        PipelineDefinition definition = StepBench.load(folder, "").withTransform(transform);
        Transformer transformer = Phases.of(definition).open(FailedEvents.STOP);
        long sum = 0;
        long start = System.nanoTime();
        try (LogReader log = pipe.topic.reader(0)) {
            for (long index = 0; index < pipe.topic.appendedIndex(); index++) {
                BatchReader reader = transformer.open(log.next(1_000));
                while (reader.next()) {
                    sum += reader.values().longAt(0);
                }
            }
        }
        if (sum == 0) {
            throw new IllegalStateException("nothing was read");
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private Pipe pipe(List<TransformDefinition> transform, String name) throws Exception {
        Pipe pipe = new Pipe(Files.createDirectory(folder.resolve(name)));
        pipe.transform = transform;
        TenColumns.fill(pipe, ROWS, Operation.READ);
        return pipe;
    }
}
