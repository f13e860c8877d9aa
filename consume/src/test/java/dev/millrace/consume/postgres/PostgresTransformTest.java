package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TransformTrial;
import dev.millrace.consume.transform.steps.StepPhase;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps applied to each event and loaded come to what they make of the rows the source ends with. */
class PostgresTransformTest {
    private static final int TRIALS = 6;

    @TempDir
    Path folder;

    @Test
    void eventsTransformedOneByOneEndInTheTransformedTable() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        for (int i = 0; i < TRIALS; i++) {
            TransformTrial trial = new TransformTrial(new SplittableRandom(seed + i));
            String what = "seed " + (seed + i) + ": " + trial;
            List<String> events = load(trial, i + "-events", (it, pipe) -> it.history(pipe, 150), what);
            assertEquals(load(trial, i + "-outcome", TransformTrial::outcome, what), events, what);
        }
    }

    private List<String> load(TransformTrial trial, String name, BiConsumer<TransformTrial, Pipe> feed, String what)
            throws Exception {
        Pipe pipe = new Pipe(Files.createDirectory(folder.resolve(name)));
        pipe.transform = trial.transform();
        feed.accept(trial, pipe);
        try (PostgresFixture fixture = new PostgresFixture();
                Destination destination = fixture.open("orders")) {
            pipe.drain(pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults()));
            return rows(trial, fixture);
        } catch (RuntimeException failed) {
            throw new IllegalStateException(what, failed);
        }
    }

    private static List<String> rows(TransformTrial trial, PostgresFixture fixture) {
        List<String> rows = new ArrayList<>();
        for (Schema schema : new StepPhase("trial", trial.transform().get(0).steps())
                .compile(trial.source())
                .map(program -> program.outputs())
                .orElse(List.of(trial.source()))) {
            String columns = schema.columns().stream()
                    .map(Column::name)
                    .map(name -> "\"" + name + "\"")
                    .collect(Collectors.joining(", "));
            fixture.rows("SELECT row(" + columns + ")::text COLLATE \"C\" FROM shop.\""
                            + schema.table().name() + "\" ORDER BY 1")
                    .forEach(row -> rows.add(schema.table().name() + ": " + row));
        }
        return rows;
    }
}
