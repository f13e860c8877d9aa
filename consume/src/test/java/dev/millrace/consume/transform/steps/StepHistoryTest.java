package dev.millrace.consume.transform.steps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TransformTrial;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps applied to each event and loaded come to what they make of the rows the source ends with. */
class StepHistoryTest {
    /** {@code -Dsteps.trials=n} makes more. */
    private static final int TRIALS = Integer.getInteger("steps.trials", 8);

    @TempDir
    Path folder;

    @Test
    void eventsTransformedOneByOneEndInTheTransformedTable() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        for (int i = 0; i < TRIALS; i++) {
            TransformTrial trial = new TransformTrial(new SplittableRandom(seed + i));
            String what = "seed " + (seed + i) + ": " + trial;
            Pipe events = pipe(trial, "events" + i);
            trial.history(events, 150);
            Pipe outcome = pipe(trial, "outcome" + i);
            trial.outcome(outcome);
            try {
                events.drain(OnDelete.HARD);
                outcome.drain(OnDelete.HARD);
            } catch (RuntimeException failed) {
                throw new IllegalStateException(what, failed);
            }
            assertEquals(rows(trial, outcome), rows(trial, events), what);
        }
    }

    private Pipe pipe(TransformTrial trial, String name) throws Exception {
        Pipe pipe = new Pipe(Files.createDirectory(folder.resolve(name)));
        pipe.transform = trial.transform();
        return pipe;
    }

    private static List<String> rows(TransformTrial trial, Pipe pipe) throws Exception {
        List<String> rows = new ArrayList<>();
        for (Schema schema : new StepPhase("trial", trial.transform().get(0).steps())
                .compile(trial.source())
                .map(program -> program.outputs())
                .orElse(List.of(trial.source()))) {
            String columns = schema.columns().stream()
                    .map(Column::name)
                    .map(name -> '"' + name + '"')
                    .collect(Collectors.joining(", "));
            pipe.query("SELECT " + columns + " FROM shop.\"" + schema.table().name() + "\" ORDER BY ALL")
                    .forEach(row -> rows.add(schema.table().name() + ": " + row));
        }
        return rows;
    }
}
