package dev.millrace.consume.transform.steps;

import com.sun.management.OperatingSystemMXBean;
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
import java.lang.management.ManagementFactory;
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

    private static final OperatingSystemMXBean MACHINE =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** Of one load: how long it took, and what all threads of the process had of the processors meanwhile. */
    private record Cost(double seconds, double processorSeconds) {}

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
        List<String> names = List.copyOf(trials.keySet());
        double[][] load = new double[names.size()][ROUNDS];
        double[][] made = new double[names.size()][ROUNDS];
        double[][] alone = new double[names.size()][ROUNDS];
        double[][] processor = new double[names.size()][ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            for (int turn = 0; turn < names.size(); turn++) {
                int trial = Math.floorMod(
                        turn + round, names.size()); // nobody comes first, or behind the same one, each time
                List<TransformDefinition> transform = trials.get(names.get(trial));
                Cost loaded = load(pipe(transform, round + "-" + trial));
                Cost without = load(made(transform, round + "-" + trial));
                double walked = walk(transform, round + "-" + trial + "w");
                if (round >= 0) {
                    load[trial][round] = loaded.seconds();
                    made[trial][round] = without.seconds();
                    alone[trial][round] = walked;
                    processor[trial][round] = loaded.processorSeconds();
                }
            }
        }
        for (int trial = 0; trial < names.size(); trial++) {
            double seconds = median(load[trial]);
            System.out.printf(
                    "%-50s %,9.0f rows/s, %5.1f %% less throughput, %5.1f %% less than loading the same result;"
                            + " %4.2f µs of processor time a row, the steps alone add %,6.0f ns%n",
                    names.get(trial),
                    ROWS / seconds,
                    100 * (1 - median(load[0]) / seconds),
                    100 * (1 - median(made[trial]) / seconds),
                    median(processor[trial]) / ROWS * 1e6,
                    (median(alone[trial]) - median(alone[0])) / ROWS * 1e9);
        }
    }

    private List<TransformDefinition> steps(String steps) throws Exception {
        // in a file of its own, as it is read again where the steps are deployed
        return StepBench.load(Files.createTempDirectory(folder, "steps"), "transform:\n  - steps:\n" + steps.indent(6))
                .transform();
    }

    /** With closing: what waits in DuckDB's write-ahead log is written into the tables then, and how much that is differs from load to load. */
    private Cost load(Pipe pipe) throws Exception {
        System.gc(); // what other loads have left is not this one's
        long processor = MACHINE.getProcessCpuTime();
        long start;
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            start = System.nanoTime();
            pipe.drain(consumer);
        }
        return new Cost((System.nanoTime() - start) / 1e9, (MACHINE.getProcessCpuTime() - processor) / 1e9);
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
