package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table changes so that its steps don't fit it any more: its events wait, others' go on, and all are there once the steps are mended. */
final class UnfitTableTest {
    private static final Column ID = StepBench.key("id", Type.INTEGER);
    private static final Column NOTE = StepBench.column("note", Type.STRING);
    private static final Column REMARK = StepBench.column("remark", Type.STRING);
    private static final FailedPolicy PARK =
            new FailedPolicy(FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5));
    private static final String REMARKS = "SELECT id, remark FROM public.t ORDER BY id";

    @TempDir
    Path folder;

    private Pipe pipe;
    private TableFeed table;
    private TableFeed other;

    private void open() {
        pipe = new Pipe(folder);
        table = new TableFeed(pipe, "t").schema(1, ID, NOTE);
        other = new TableFeed(pipe, "u").schema(1, ID, NOTE);
    }

    private FailedQueue apply(int windowRows, String column, boolean replay) throws Exception {
        List<TransformDefinition> transform = StepBench.load(
                        folder, "transform: [{objects: [t], steps: [{upper: [" + column + "]}]}]")
                .transform();
        ParkingPipe parking = new ParkingPipe(
                        pipe.topic,
                        pipe.state,
                        OnDelete.HARD,
                        Optional.empty(),
                        new ConsumeOptions(windowRows, 1 << 20, 0, 2))
                .policy(PARK)
                .transform(transform);
        FailedQueue queue = parking.queue();
        if (replay) {
            queue.replay(FailedFilter.ALL);
        }
        try (Destination destination = pipe.destination()) {
            parking.run(destination, queue, () -> !replay || queue.counts().events() == 0);
        }
        return queue;
    }

    @Test
    void itsEventsAreFailedOnesThatTellWhatIsWrongWithTheSteps() throws Exception {
        open();
        table.row(Operation.INSERT, 1, "a");
        table.schema(2, ID, REMARK).row(Operation.INSERT, 2, "b").row(Operation.UPDATE, 1, "c");
        other.row(Operation.INSERT, 1, "d");
        FailedQueue queue = apply(100, "note", false);
        assertEquals(List.of("1|A"), pipe.query("SELECT id, note FROM public.t"));
        assertEquals(List.of("1|d"), pipe.query("SELECT id, note FROM public.u"));
        List<FailedEvent> parked = queue.list(FailedFilter.ALL, null, 10);
        assertEquals(
                List.of("TRANSFORM_INVALID", "TRANSFORM_INVALID"),
                parked.stream().map(event -> event.failure().code()).toList());
        String why = parked.get(0).failure().why().withValues();
        assertTrue(why.contains("there is no column 'note' here") && why.contains("remark"), why);
        apply(100, "remark", true);
        assertEquals(List.of("1|C", "2|B"), pipe.query(REMARKS));
    }

    @RepeatedTest(6)
    void nothingOfItIsLostOrOvertakenWhateverHappensToIt(RepetitionInfo trial) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime()) + trial.getCurrentRepetition() - 1;
        SplittableRandom random = new SplittableRandom(seed);
        open();
        Map<Integer, String> before = change(random, 20);
        int windowRows = 1 + random.nextInt(30);
        if (random.nextBoolean()) {
            apply(windowRows, "note", false);
        }
        table.schema(2, ID, REMARK);
        Map<Integer, String> after = new TreeMap<>(before);
        for (int round = random.nextInt(3); round >= 0; round--) {
            change(random, 15, after);
            table.row(Operation.INSERT, 10 + round, "last");
            after.put(10 + round, "LAST");
            apply(windowRows, "note", false);
        }
        apply(windowRows, "remark", true);
        after.replaceAll((id, value) -> value.equals(before.get(id)) ? "null" : value);
        assertEquals(lines(after), pipe.query(REMARKS), "seed " + seed);
        assertEquals(
                pipe.query("SELECT id FROM public.t ORDER BY id").size(),
                pipe.query("SELECT DISTINCT id FROM public.t").size(),
                "seed " + seed);
    }

    private Map<Integer, String> change(SplittableRandom random, int most) {
        Map<Integer, String> rows = new TreeMap<>();
        change(random, most, rows);
        return rows;
    }

    /** Also does it to the rows as they are to be; each value is another. */
    private void change(SplittableRandom random, int most, Map<Integer, String> rows) {
        for (int change = random.nextInt(most); change > 0; change--) {
            int id = random.nextInt(6);
            String value = "v" + random.nextInt(1_000_000);
            int kind = random.nextInt(20);
            if (kind == 0) {
                table.control(Operation.TRUNCATE);
                rows.clear();
            } else if (kind == 1) {
                table.control(Operation.LOAD_STARTED);
                rows.replaceAll((known, old) -> value + known);
                rows.forEach((known, now) -> table.row(Operation.READ, known, now));
                table.control(Operation.LOAD_COMPLETED);
                rows.replaceAll((known, now) -> now.toUpperCase(Locale.ROOT));
            } else if (kind < 5 && rows.remove(id) != null) {
                table.row(Operation.DELETE, id, TableFeed.UNCHANGED);
            } else {
                table.row(rows.containsKey(id) ? Operation.UPDATE : Operation.INSERT, id, value);
                rows.put(id, value.toUpperCase(Locale.ROOT));
            }
            if (random.nextInt(3) == 0) {
                other.row(Operation.INSERT, change, value);
            }
        }
    }

    private static List<String> lines(Map<Integer, String> rows) {
        return rows.entrySet().stream()
                .map(row -> row.getKey() + "|" + row.getValue())
                .collect(Collectors.toList());
    }
}
