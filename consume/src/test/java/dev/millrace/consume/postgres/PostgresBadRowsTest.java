package dev.millrace.consume.postgres;

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
import org.junit.jupiter.params.provider.ValueSource;

/** The rows that PostgreSQL refuses are found among many, whenever it refuses them. */
final class PostgresBadRowsTest {
    private static final Column ID = new Column("id", DataType.of(Type.LONG), false, 1, "int8", 1);
    private static final Column OTHER = new Column("other", DataType.of(Type.LONG), true, 0, "int8", 2);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(LoadMode.class)
    void justTheRowsThatAreRefusedAreHeldBack(LoadMode mode) throws Exception {
        BadRowsTrial.everyWay("PostgreSQL", mode, folder, 4.2, trial -> {
            try (PostgresFixture fixture = new PostgresFixture()) {
                return trial.run(
                        () -> fixture.open("orders"),
                        fixture::execute,
                        "ALTER TABLE public.t ALTER COLUMN note SET NOT NULL");
            }
        });
    }

    @Test
    void rowsThatAreRefusedOnlyAtTheCommitAreHeldBackAndTheOthersLoaded() throws Exception {
        try (Scene scene = Scene.in(folder)) {
            PostgresFixture fixture = scene.fixture;
            TableFeed parents = scene.table("parents");
            TableFeed children = scene.table("children").after(1_000);
            parents.row(Operation.INSERT, 1, null);
            children.row(Operation.INSERT, 1, 1);
            scene.run();
            fixture.execute("ALTER TABLE public.children ADD FOREIGN KEY (other) REFERENCES public.parents"
                    + " DEFERRABLE INITIALLY DEFERRED");
            fixture.execute("ALTER TABLE public.parents ADD UNIQUE (other) DEFERRABLE INITIALLY DEFERRED");
            for (int id = 2; id < 60; id++) {
                children.row(Operation.INSERT, id, id % 10 == 7 ? 1_000 + id : id); // before its parent
                parents.row(Operation.INSERT, id, id == 40 ? 39 : id);
            }
            parents.row(Operation.DELETE, 1, null); // which a child refers to
            scene.run();
            List<FailedEvent> parked = scene.queue.list(FailedFilter.ALL, null, 100);
            assertTrue(
                    parked.stream().allMatch(event -> event.failure().code().matches("DATA_REFUSED|REFERENCE_REFUSED")),
                    parked.toString());
            assertEquals(9, parked.size(), parked.toString());
            assertEquals(
                    List.of("40"),
                    fixture.rows("SELECT i FROM generate_series(1, 59) i EXCEPT SELECT id FROM public.parents"));
            assertEquals(
                    List.of("7", "17", "27", "37", "40", "47", "57"),
                    fixture.rows(
                            "SELECT i FROM generate_series(1, 59) i EXCEPT SELECT id FROM public.children ORDER BY 1"));
        }
    }

    @Test
    void aRowThatRefersToOneBehindItIsNotHeldBack() throws Exception {
        try (Scene scene = Scene.in(folder)) {
            PostgresFixture fixture = scene.fixture;
            TableFeed people = scene.table("people");
            people.row(Operation.INSERT, 1, null);
            scene.run();
            fixture.execute("ALTER TABLE public.people ADD FOREIGN KEY (other) REFERENCES public.people");
            for (int id = 2; id < 100; id++) {
                people.row(Operation.INSERT, id, id == 50 ? 5_000 : id == 99 ? 1 : id + 1); // each refers to the next
            }
            scene.run();
            assertEquals(
                    List.of("50 rows from 51"),
                    fixture.rows(
                            "SELECT count(*) || ' rows from ' || min(id) FILTER (WHERE id > 1) FROM public.people"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRIGGER rule BEFORE INSERT OR UPDATE ON public.people",
                "TRIGGER rule AFTER INSERT OR UPDATE ON public.people",
                "CONSTRAINT TRIGGER rule AFTER INSERT OR UPDATE ON public.people DEFERRABLE INITIALLY DEFERRED"
            })
    void whatATriggerForbidsIsHeldBackAndTheOthersLoaded(String trigger) throws Exception {
        try (Scene scene = Scene.in(folder)) {
            PostgresFixture fixture = scene.fixture;
            TableFeed people = scene.table("people");
            people.row(Operation.INSERT, 1, null);
            scene.run();
            fixture.execute("CREATE FUNCTION public.rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " IF NEW.other = 7 THEN RAISE EXCEPTION 'no sevens here'; END IF; RETURN NEW; END $$");
            fixture.execute("CREATE " + trigger + " FOR EACH ROW EXECUTE FUNCTION public.rule()");
            for (int id = 2; id < 100; id++) {
                people.row(Operation.INSERT, id, id % 10);
            }
            scene.run();
            List<FailedEvent> parked = scene.queue.list(FailedFilter.ALL, null, 100);
            assertTrue(
                    parked.stream().allMatch(event -> event.failure().why().contains("no sevens here")),
                    parked.toString());
            assertEquals(10, parked.size(), parked.toString());
            assertEquals(
                    List.of("89 rows, 0 sevens"),
                    fixture.rows("SELECT count(*) || ' rows, ' || count(*) FILTER (WHERE other = 7) || ' sevens'"
                            + " FROM public.people"));
        }
    }

    /** A log, a database, and consumers between them that hold back what is refused. */
    private record Scene(PostgresFixture fixture, Pipe pipe, ParkingPipe parking, FailedQueue queue)
            implements AutoCloseable {
        static Scene in(Path folder) {
            Pipe pipe = new Pipe(folder);
            ParkingPipe parking = new ParkingPipe(
                            pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults())
                    .policy(new FailedPolicy(
                            FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5)));
            return new Scene(new PostgresFixture(), pipe, parking, parking.queue());
        }

        TableFeed table(String name) {
            return new TableFeed(pipe, name).schema(1, ID, OTHER);
        }

        void run() throws InterruptedException {
            try (Destination destination = fixture.open("orders")) {
                parking.run(destination, queue, () -> true);
            }
        }

        @Override
        public void close() {
            fixture.close();
        }
    }
}
