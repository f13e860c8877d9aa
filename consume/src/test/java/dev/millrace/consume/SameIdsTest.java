package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** Rows of several tables' historical loads have the same ids: what is wrong with one says nothing of the others. */
final class SameIdsTest {
    private static final Column ID = StepBench.key("id", Type.INTEGER);
    private static final Column NOTE = StepBench.column("note", Type.STRING);
    private static final List<String> TABLES = List.of("t", "u", "v");
    /** Rows of t are u's at the destination, and u's are t's; what begins with 'c' can't be cast. */
    private static final String NAMES_TAKE_TURNS = """
            transform:
              - objects: [t]
                steps: [{table: w}]
              - objects: [u]
                steps: [{table: t}]
              - objects: [w]
                steps: [{table: u}]
              - objects: [t, u, v]
                steps:
                  - set: {number: {value: "note[0] == 'c' ? 'none' : '1'", type: string}}
                  - cast: {number: integer}
            """;

    @TempDir
    Path folder;

    @RepeatedTest(4)
    void onlyTheRowsThatAreRefusedAreHeldBack(RepetitionInfo trial) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime()) + trial.getCurrentRepetition() - 1;
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        List<TransformDefinition> transform = random.nextInt(4) == 0
                ? List.of()
                : StepBench.load(folder, NAMES_TAKE_TURNS).transform();
        ParkingPipe parking = new ParkingPipe(
                        pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults())
                .transform(transform);
        List<TableFeed> feeds = TABLES.stream()
                .map(table -> new TableFeed(pipe, table).schema(1, ID, NOTE))
                .toList();
        Set<String> bad = new TreeSet<>();
        long place = 0;
        List<TableFeed> turns = new ArrayList<>();
        for (int row = 0; row < 60; row++) {
            turns.add(feeds.get(random.nextInt(feeds.size())));
        }
        for (TableFeed feed : turns) {
            place++;
            int fault = random.nextInt(8);
            boolean noCast = transform.isEmpty() && fault == 2;
            if (fault < 3 && !noCast) {
                bad.add(place + "-0");
            }
            feed.row(
                    Operation.READ,
                    fault == 0 ? null : (int) place, // no key; else a destination, or a step, refuses it
                    fault == 1 ? "x" : fault == 2 ? "c" : "good");
        }
        FailedQueue queue = parking.queue();
        try (Destination destination = new Refusing(
                pipe.destination(),
                cells -> !cells.isNull(1)
                        && !cells.isUnchanged(1)
                        && cells.stringAt(1).equals("x"),
                random.nextBoolean(),
                table -> false)) {
            parking.run(destination, queue, () -> true);
        }
        Set<String> parked = queue.list(FailedFilter.ALL, null, 1_000).stream()
                .map(event -> event.place().toString())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(bad, parked, "seed " + seed);
    }
}
