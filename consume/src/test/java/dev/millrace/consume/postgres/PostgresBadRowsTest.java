package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
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

    /** What refuses rows without naming them, or in a state that is no row's. */
    private enum Rule {
        FOREIGN_KEY("ALTER TABLE public.t ADD FOREIGN KEY (note) REFERENCES public.notes"),
        FOREIGN_KEY_AT_THE_COMMIT(
                "ALTER TABLE public.t ADD FOREIGN KEY (note) REFERENCES public.notes INITIALLY DEFERRED"),
        UNIQUE_AT_THE_COMMIT("INSERT INTO public.t (id, note) VALUES (-1, 'refused');"
                + " ALTER TABLE public.t ADD UNIQUE (note) INITIALLY DEFERRED"),
        EXCLUDED_AT_THE_COMMIT("INSERT INTO public.t (id, note) VALUES (-1, 'refused');"
                + " ALTER TABLE public.t ADD EXCLUDE USING btree (note WITH =) INITIALLY DEFERRED"),
        TRIGGER_AFTER(trigger("TRIGGER rule AFTER INSERT OR UPDATE", "")),
        TRIGGER_BEFORE_OF_ANOTHER_STATE(trigger("TRIGGER rule BEFORE INSERT OR UPDATE", "45001")),
        TRIGGER_AFTER_OF_ANOTHER_STATE(trigger("TRIGGER rule AFTER INSERT OR UPDATE", "UE123")),
        TRIGGER_OF_AN_INTERNAL_STATE(trigger("TRIGGER rule BEFORE INSERT OR UPDATE", "XX000")),
        TRIGGER_AT_THE_COMMIT(trigger("CONSTRAINT TRIGGER rule AFTER INSERT OR UPDATE", "U0001")
                .replace("FOR EACH", "INITIALLY DEFERRED FOR EACH"));

        private final String sql;

        Rule(String sql) {
            this.sql = sql;
        }

        private static String trigger(String kind, String state) {
            return "CREATE FUNCTION public.rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.note = 'refused' THEN"
                    + " RAISE EXCEPTION 'not this note'" + (state.isEmpty() ? "" : " USING ERRCODE = '" + state + "'")
                    + "; END IF; RETURN NEW; END $$; CREATE " + kind
                    + " ON public.t FOR EACH ROW EXECUTE FUNCTION public.rule()";
        }
    }

    private static Stream<Arguments> rulesInModes() {
        Set<Rule> inEach = EnumSet.of(Rule.FOREIGN_KEY, Rule.UNIQUE_AT_THE_COMMIT, Rule.TRIGGER_AFTER);
        return Arrays.stream(Rule.values()).flatMap(rule -> Arrays.stream(LoadMode.values())
                .filter(mode -> mode == LoadMode.MERGE || inEach.contains(rule))
                .map(mode -> Arguments.of(rule, mode)));
    }

    @ParameterizedTest
    @MethodSource("rulesInModes")
    void whateverRefusesRowsTheyAreFoundInAFewLoads(Rule rule, LoadMode mode) throws Exception {
        BadRowsTrial.noted(rule.toString(), mode, folder, 4.5, trial -> {
            try (PostgresFixture fixture = new PostgresFixture()) {
                return trial.run(() -> fixture.open("orders"), fixture::execute, trial.notes() + rule.sql);
            }
        });
    }

    @Test
    void whatRefusesEveryRowInUnknownWordsStopsThePipelineAndParksNone() throws Exception {
        try (Scene scene = Scene.in(folder)) {
            PostgresFixture fixture = scene.fixture;
            TableFeed people = scene.table("people");
            people.row(Operation.INSERT, 1, null);
            scene.run();
            fixture.execute(
                    "CREATE FUNCTION public.rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                            + " RAISE EXCEPTION 'closed' USING ERRCODE = '45000'; END $$;"
                            + " CREATE TRIGGER rule BEFORE INSERT ON public.people FOR EACH ROW EXECUTE FUNCTION public.rule()");
            for (int id = 2; id < 1_200; id++) {
                people.row(Operation.INSERT, id, id);
            }
            MillraceException stopped = assertThrows(MillraceException.class, scene::run);
            assertEquals("EVERY_ROW_REFUSED", stopped.code(), stopped.toString());
            assertTrue(stopped.why().contains("closed"), stopped.why());
            assertEquals(0, scene.queue.counts().totals().parked());
            fixture.execute("DROP TRIGGER rule ON public.people");
            scene.run();
            assertEquals(List.of("1199"), fixture.rows("SELECT count(*) FROM public.people"));
        }
    }

    @Test
    void aReplayThatIsRefusedInUnknownWordsLeavesItsEventsParked() throws Exception {
        try (Scene scene = Scene.in(folder)) {
            TableFeed people = scene.table("people");
            people.row(Operation.INSERT, 1, null);
            scene.run();
            scene.fixture.execute(
                    "CREATE FUNCTION public.rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                            + " IF NEW.id > 10 THEN RAISE EXCEPTION 'closed' USING ERRCODE = '45000'; END IF; RETURN NEW; END $$;"
                            + " CREATE TRIGGER rule BEFORE INSERT ON public.people FOR EACH ROW EXECUTE FUNCTION public.rule()");
            for (int id = 2; id <= 1_210; id++) {
                people.row(Operation.INSERT, id, id);
            }
            scene.run();
            assertEquals(1_200, scene.queue.counts().events());
            assertEquals(
                    "RULE_REFUSED",
                    scene.queue.list(FailedFilter.ALL, null, 1).get(0).failure().code());
            scene.queue.replay(FailedFilter.ALL);
            try (Destination destination = scene.fixture.open("orders")) {
                scene.parking.run(
                        destination,
                        scene.queue,
                        () -> scene.queue
                                        .list(FailedFilter.ALL, null, 1)
                                        .get(0)
                                        .course()
                                        .attempts()
                                > 1);
            }
            assertEquals(1_200, scene.queue.counts().events());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRowThatTakesWhatAnotherOneLeavesIsLoadedBehindIt(boolean inOrder) throws Exception {
        try (Scene scene = Scene.in(folder)) {
            PostgresFixture fixture = scene.fixture;
            TableFeed people = scene.table("people");
            people.row(Operation.INSERT, 1, 1).row(Operation.INSERT, 2, 2).row(Operation.INSERT, 3, 3);
            scene.run();
            fixture.execute("ALTER TABLE public.people ADD UNIQUE (other)");
            if (!inOrder) {
                people.row(Operation.UPDATE, 1, 10);
            }
            people.row(Operation.UPDATE, 2, 20).row(Operation.UPDATE, 1, 2).row(Operation.UPDATE, 3, 30);
            for (int id = 1_000; id < 1_600; id++) {
                people.row(Operation.INSERT, id, id); // so many that they are written in the order of their keys
            }
            scene.run();
            assertEquals(
                    inOrder ? 0 : 1,
                    scene.queue.counts().events() - scene.queue.counts().behind());
            scene.parking.clock().forward(Duration.ofHours(1).toMillis());
            try (Destination destination = fixture.open("orders")) {
                scene.parking.run(
                        destination, scene.queue, () -> scene.queue.counts().events() == 0);
            }
            assertEquals(
                    List.of("1|2", "2|20", "3|30"),
                    fixture.rows("SELECT id, other FROM public.people WHERE id < 10 ORDER BY id"));
            assertEquals(List.of("603"), fixture.rows("SELECT count(*) FROM public.people"));
        }
    }

    @Test
    void rowsThatAreRefusedOnlyAtTheCommitAreHeldBackAndTheOthersLoaded() throws Exception {
        try (Scene scene = Scene.in(folder)) {
            PostgresFixture fixture = scene.fixture;
            TableFeed parents = scene.table("parents");
            TableFeed children = scene.table("children");
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
                    parked.stream()
                            .allMatch(
                                    event -> event.failure().why().withValues().contains("no sevens here")),
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
