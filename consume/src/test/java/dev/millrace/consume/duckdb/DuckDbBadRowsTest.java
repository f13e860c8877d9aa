package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedEvent;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.BadRowsTrial;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows that DuckDB refuses are found among many. */
final class DuckDbBadRowsTest {
    private static final Column ID = new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1);
    private static final Column OTHER = new Column("other", DataType.of(Type.LONG), true, 0, "int8", 2);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(LoadMode.class)
    void justTheRowsThatAreRefusedAreHeldBack(LoadMode mode) throws Exception {
        BadRowsTrial.everyWay(
                "DuckDB",
                mode,
                folder,
                3.3,
                trial -> trial.run(
                        trial.pipe()::destination,
                        trial.pipe()::execute,
                        "ALTER TABLE public.t ALTER note SET NOT NULL"));
    }

    /** What somebody makes of the table {@code public.t}. */
    private enum Rule {
        UNIQUE("INSERT INTO public.t (id, note) VALUES (-1, 'refused')", "UNIQUE (note)"),
        CHECK("", "CHECK (note <> 'refused')"),
        FOREIGN_KEY("", "FOREIGN KEY (note) REFERENCES public.notes (note)");

        private final String first;
        private final String constraint;

        Rule(String first, String constraint) {
            this.first = first;
            this.constraint = constraint;
        }
    }

    private static Stream<Arguments> rulesInEachMode() {
        return Arrays.stream(Rule.values())
                .flatMap(rule -> Arrays.stream(LoadMode.values()).map(mode -> Arguments.of(rule, mode)));
    }

    @ParameterizedTest
    @MethodSource("rulesInEachMode")
    void whateverConstraintRefusesRowsTheyAreFoundInAFewLoads(Rule rule, LoadMode mode) throws Exception {
        BadRowsTrial.noted("DuckDB, " + rule, mode, folder, 3.3, trial -> {
            Pipe pipe = trial.pipe();
            return trial.run(
                    pipe::destination,
                    sql -> {
                        pipe.execute(sql);
                        constrain(pipe, "t", rule.constraint);
                    },
                    trial.notes() + rule.first);
        });
    }

    @ParameterizedTest
    @EnumSource(LoadMode.class)
    void rowsThatLackParentsOfTheirOwnWindowAreFoundInAFewLoads(LoadMode mode) throws Exception {
        BadRowsTrial.notedThere("DuckDB, parents beside them", mode, folder, 7.5, trial -> {
            Pipe pipe = trial.pipe();
            return trial.run(
                    pipe::destination,
                    sql -> {
                        constrain(pipe, "notes", "UNIQUE (note)");
                        constrain(pipe, "t", "FOREIGN KEY (note) REFERENCES public.notes (note)");
                    },
                    "");
        });
    }

    @Test
    void rowsOfWhichOneHasTheValueOfAnotherAreNotRefusedForRowsThatLeave() throws Exception {
        Pipe pipe = new Pipe(folder);
        ParkingPipe parking = parking(pipe);
        FailedQueue queue = parking.queue();
        TableFeed people = new TableFeed(pipe, "people").schema(1, ID, OTHER);
        for (int id = 1; id < 40; id++) {
            people.row(Operation.INSERT, id, id);
        }
        run(pipe, parking, queue);
        constrain(pipe, "people", "UNIQUE (other)");
        people.row(Operation.UPDATE, 1, 1).row(Operation.UPDATE, 2, 200).row(Operation.DELETE, 3, null);
        people.row(Operation.INSERT, 100, 39).row(Operation.INSERT, 101, 101).row(Operation.INSERT, 102, 101);
        people.row(Operation.INSERT, 103, null).row(Operation.INSERT, 104, null);
        run(pipe, parking, queue);
        assertEquals(
                List.of("DATA_REFUSED", "DATA_REFUSED"),
                queue.list(FailedFilter.ALL, null, 100).stream()
                        .map(event -> event.failure().code())
                        .toList());
        assertEquals(
                List.of("1|1", "2|200", "101|101", "103|null", "104|null"),
                pipe.query("SELECT id, other FROM public.people WHERE id < 4 OR id > 99 ORDER BY id"));
    }

    @Test
    void rowsThatReferToRowsOfTheirOwnWindowAreLoadedBehindThem() throws Exception {
        Pipe pipe = new Pipe(folder);
        ParkingPipe parking = parking(pipe);
        FailedQueue queue = parking.queue();
        TableFeed children =
                new TableFeed(pipe, "children").schema(1, ID, OTHER).after(1_000);
        TableFeed parents = new TableFeed(pipe, "parents").schema(1, ID, OTHER);
        children.row(Operation.INSERT, 1, 1);
        parents.row(Operation.INSERT, 1, null);
        run(pipe, parking, queue);
        constrain(pipe, "parents", "UNIQUE (id)");
        constrain(pipe, "children", "FOREIGN KEY (other) REFERENCES public.parents (id)");
        for (int id = 2; id < 100; id++) {
            children.row(Operation.INSERT, id, id);
            parents.row(Operation.INSERT, id, null);
        }
        run(pipe, parking, queue);
        assertEquals(List.of("99|99"), pipe.query("SELECT count(*), max(other) FROM public.children"));
        assertEquals(0, queue.counts().totals().parked(), "nothing was held back on the way");
        for (int id = 100; id < 130; id++) {
            children.row(Operation.INSERT, id, id % 10 == 7 ? 5_000 : id);
            parents.row(Operation.INSERT, id, null);
        }
        run(pipe, parking, queue);
        assertEquals(3, queue.counts().events());
        assertEquals(List.of("126|129"), pipe.query("SELECT count(*), max(other) FROM public.children"));
    }

    /** Makes the table again with a constraint, which DuckDB can't add to one that is there. */
    private static void constrain(Pipe pipe, String table, String constraint) throws Exception {
        String made = pipe.query("SELECT sql FROM duckdb_tables() WHERE table_name = '" + table + "'")
                .get(0);
        pipe.execute("CREATE TABLE kept AS FROM public." + table + "; DROP TABLE public." + table + "; "
                + made.substring(0, made.lastIndexOf(')')) + ", " + constraint + "); INSERT INTO public." + table
                + " FROM kept; DROP TABLE kept");
    }

    private static ParkingPipe parking(Pipe pipe) {
        return new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults())
                .policy(new FailedPolicy(
                        FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5)));
    }

    @Test
    void allRowsThatBreakACheckAreNamedAtOnceAndNoneWhoseCellsAreNotKnown() throws Exception {
        Pipe pipe = new Pipe(folder);
        ParkingPipe parking = parking(pipe);
        FailedQueue queue = parking.queue();
        TableFeed people = new TableFeed(pipe, "people").schema(1, ID, OTHER);
        people.row(Operation.INSERT, 1, 1);
        run(pipe, parking, queue);
        constrain(pipe, "people", "CHECK (other <> 7), CHECK (other IS NOT NULL)");
        people.row(Operation.UPDATE, 1, TableFeed.UNCHANGED);
        for (int id = 2; id < 100; id++) {
            people.row(Operation.INSERT, id, id == 50 ? null : id % 10);
        }
        run(pipe, parking, queue);
        List<FailedEvent> parked = queue.list(FailedFilter.ALL, null, 100);
        assertTrue(
                parked.stream()
                        .allMatch(event -> event.failure().why().withValues().startsWith("CHECK constraint failed")),
                parked.toString());
        assertEquals(11, parked.size(), parked.toString());
        assertEquals(
                List.of("88|1"),
                pipe.query("SELECT count(*), count(*) FILTER (WHERE id = 1 AND other = 1) FROM public.people"));
    }

    private static void run(Pipe pipe, ParkingPipe parking, FailedQueue queue) throws InterruptedException {
        try (Destination destination = pipe.destination()) {
            parking.run(destination, queue, () -> true);
        }
    }
}
