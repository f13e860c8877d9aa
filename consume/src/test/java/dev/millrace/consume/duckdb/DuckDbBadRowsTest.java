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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    @Test
    void allRowsThatBreakACheckAreNamedAtOnceAndNoneWhoseCellsAreNotKnown() throws Exception {
        Pipe pipe = new Pipe(folder);
        ParkingPipe parking = new ParkingPipe(
                        pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults())
                .policy(new FailedPolicy(
                        FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5)));
        FailedQueue queue = parking.queue();
        TableFeed people = new TableFeed(pipe, "people").schema(1, ID, OTHER);
        people.row(Operation.INSERT, 1, 1);
        run(pipe, parking, queue);
        String made = pipe.query("SELECT sql FROM duckdb_tables() WHERE table_name = 'people'")
                .get(0);
        pipe.execute("CREATE TABLE kept AS FROM public.people; DROP TABLE public.people; "
                + made.substring(0, made.lastIndexOf(')')) + ", CHECK (other <> 7), CHECK (other IS NOT NULL));"
                + " INSERT INTO public.people FROM kept; DROP TABLE kept");
        people.row(Operation.UPDATE, 1, TableFeed.UNCHANGED);
        for (int id = 2; id < 100; id++) {
            people.row(Operation.INSERT, id, id == 50 ? null : id % 10);
        }
        run(pipe, parking, queue);
        List<FailedEvent> parked = queue.list(FailedFilter.ALL, null, 100);
        assertTrue(
                parked.stream().allMatch(event -> event.failure().why().startsWith("CHECK constraint failed")),
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
