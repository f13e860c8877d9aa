package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
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
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of which one refers to the other at the destination, in windows where the rows that refer come first. */
class ForeignKeysTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final Column OTHER = new Column("other", DataType.of(Type.INTEGER), true, 0, "int4", 2);
    private static final FailedPolicy PARK =
            new FailedPolicy(FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5));

    @TempDir
    Path folder;

    private PostgresFixture fixture;
    private Pipe pipe;
    private ParkingPipe parking;
    private FailedQueue queue;
    private TableFeed parents;
    private TableFeed children;
    private TableFeed grandchildren;

    @BeforeEach
    void open() {
        fixture = new PostgresFixture();
        pipe = new Pipe(folder);
        // small windows: only tables that one before has prepared are loaded apart
        parking = parking(new ConsumeOptions(40, 1 << 20, 0, 1));
        queue = parking.queue();
        grandchildren = new TableFeed(pipe, "grandchildren").schema(1, ID, OTHER);
        children = new TableFeed(pipe, "children").schema(1, ID, OTHER);
        parents = new TableFeed(pipe, "parents").schema(1, ID, OTHER);
    }

    private ParkingPipe parking(ConsumeOptions options) {
        return new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), options).policy(PARK);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** The three tables, a row in each, and what they refer to each other by. */
    private void make(boolean fast) throws Exception {
        parents.row(Operation.INSERT, 1, null);
        children.row(Operation.INSERT, 1, 1);
        grandchildren.row(Operation.INSERT, 1, 1);
        run(fast, 0);
        fixture.execute("ALTER TABLE public.children ADD FOREIGN KEY (other) REFERENCES public.parents;"
                + " ALTER TABLE public.grandchildren ADD FOREIGN KEY (other) REFERENCES public.children");
    }

    private void run(boolean fast, int parked) throws Exception {
        Map<String, Object> settings = Map.of(
                "consistency", fast ? "fast" : "transactional", "maxRunners", 3L, "runnerIdle", Duration.ofSeconds(10));
        try (Destination destination = fixture.open("orders", settings)) {
            parking.run(destination, queue, () -> queue.counts().events() <= parked);
        }
    }

    private List<String> ids(String table) {
        return fixture.rows("SELECT id FROM public." + table + " ORDER BY id");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsThatReferComeBehindWhatTheyReferTo(boolean fast) throws Exception {
        make(fast);
        grandchildren.row(Operation.UPDATE, 1, null);
        children.row(Operation.UPDATE, 1, null);
        for (int id = 2; id < 200; id++) {
            parents.row(Operation.INSERT, id, null);
            children.row(Operation.INSERT, id, id);
            grandchildren.row(Operation.INSERT, id, id);
        }
        run(fast, 0);
        assertEquals(199, ids("parents").size());
        assertEquals(199, ids("children").size());
        assertEquals(199, ids("grandchildren").size());
        parents.row(Operation.UPDATE, 5, 5);
        for (int id = 2; id < 100; id++) {
            grandchildren.row(Operation.DELETE, id, TableFeed.UNCHANGED);
            children.row(Operation.DELETE, id, TableFeed.UNCHANGED);
            parents.row(Operation.DELETE, id, TableFeed.UNCHANGED);
        }
        run(fast, 0);
        assertEquals(101, ids("parents").size());
        assertEquals(101, ids("children").size());
        assertEquals(101, ids("grandchildren").size());
        assertEquals(0, queue.counts().totals().parked(), "nothing was held back on the way");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatNoOrderOfTablesLetsPassIsTriedAgainVerySoon(boolean fast) throws Exception {
        make(fast);
        grandchildren.row(Operation.DELETE, 1, TableFeed.UNCHANGED);
        children.row(Operation.DELETE, 1, TableFeed.UNCHANGED);
        parents.row(Operation.DELETE, 1, TableFeed.UNCHANGED).row(Operation.INSERT, 2, null);
        children.row(Operation.INSERT, 2, 2);
        run(fast, 2);
        parking.clock().forward(Duration.ofSeconds(2).toMillis());
        run(fast, 0);
        assertEquals(List.of("2"), ids("parents"));
        assertEquals(List.of("2"), ids("children"));
    }

    /** Parents and children that refer to each other. */
    private void makeCycle(boolean fast, String when) throws Exception {
        parents.row(Operation.INSERT, 1, null);
        children.row(Operation.INSERT, 1, 1);
        run(fast, 0);
        fixture.execute("ALTER TABLE public.children ADD FOREIGN KEY (other) REFERENCES public.parents" + when
                + "; ALTER TABLE public.parents ADD FOREIGN KEY (other) REFERENCES public.children" + when);
    }

    /** Until nothing is parked any more, as time goes by. */
    private void requireNoneLeft(boolean fast, String each) throws Exception {
        for (int tries = 0; tries < 10 && queue.counts().events() > 0; tries++) {
            parking.clock().forward(Duration.ofHours(2).toMillis());
            run(fast, Integer.MAX_VALUE);
        }
        parking.clock().forward(Duration.ofHours(2).toMillis());
        run(fast, 0);
        assertEquals(List.of(each), fixture.rows("SELECT count(*) || ' ' || sum(other) FROM public.parents"));
        assertEquals(List.of(each), fixture.rows("SELECT count(*) || ' ' || sum(other) FROM public.children"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tablesThatReferToEachOtherAreWholeInTheEnd(boolean fast) throws Exception {
        makeCycle(fast, "");
        parents.row(Operation.UPDATE, 1, 1);
        for (int id = 2; id <= 100; id++) { // as a source that checks at once lets them come
            parents.row(Operation.INSERT, id, null);
            children.row(Operation.INSERT, id, id);
            parents.row(Operation.UPDATE, id, id);
        }
        run(fast, Integer.MAX_VALUE);
        requireNoneLeft(fast, "100 5050");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsThatReferToEachOtherFromTheirBeginningNeedConstraintsThatWait(boolean fast) throws Exception {
        if (!fast) { // all in one window
            parking = parking(ConsumeOptions.defaults());
            queue = parking.queue();
        }
        makeCycle(fast, " DEFERRABLE INITIALLY DEFERRED");
        parents.row(Operation.UPDATE, 1, 1);
        for (int id = 2; id <= 100; id++) {
            parents.row(Operation.INSERT, id, id);
            children.row(Operation.INSERT, id, id);
        }
        run(fast, Integer.MAX_VALUE);
        if (!fast) {
            assertEquals(0, queue.counts().totals().parked(), "nothing was held back on the way");
        }
        requireNoneLeft(fast, "100 5050");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneWithoutItsParentWaitsForItAndNoOtherWaitsForThat(boolean fast) throws Exception {
        make(fast);
        children.row(Operation.INSERT, 7, 7).row(Operation.INSERT, 8, 8);
        run(fast, 2);
        assertEquals(
                List.of("REFERENCE_REFUSED", "REFERENCE_REFUSED"),
                queue.list(FailedFilter.ALL, null, 10).stream()
                        .map(event -> event.failure().code())
                        .toList());
        parents.row(Operation.INSERT, 8, null);
        parking.clock().forward(Duration.ofSeconds(5).toMillis());
        run(fast, 2);
        parking.clock().forward(Duration.ofSeconds(10).toMillis());
        run(fast, 1);
        assertEquals(List.of("1", "8"), ids("children"), "the first of them still lacks its parent");
        parents.row(Operation.INSERT, 7, null);
        run(fast, 1);
        parking.clock().forward(Duration.ofSeconds(60).toMillis());
        run(fast, 0);
        assertEquals(List.of("1", "7", "8"), ids("children"));
    }
}
