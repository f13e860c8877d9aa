package dev.millrace.consume.postgres;

import static dev.millrace.consume.destination.TestTable.field;
import static dev.millrace.consume.destination.TestTable.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TestLoad;
import dev.millrace.consume.destination.TestTable;
import dev.millrace.consume.destination.UnknownOutcomeException;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session that is cut, at whatever moment, leaves rows and position together, and the next one goes on. */
class PostgresSessionsTest {
    private static final TestTable FILMS = TestTable.of(
            "films",
            key("id", DataType.of(Type.LONG), 1),
            field("title", DataType.of(Type.STRING)),
            field("day", DataType.of(Type.DATE)));

    private PostgresFixture fixture;

    @BeforeEach
    void open() {
        fixture = new PostgresFixture();
        try (Destination destination = fixture.open("p")) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                transaction.create(FILMS.target());
                transaction.commit(1);
            }
        }
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void whatWasRefusedIsTriedInASessionThatKnowsWhatIsSetByThen() {
        String database = fixture.database().database();
        List<TestLoad> loads = List.of(
                TestLoad.into(FILMS).upsert(2L, "merged", null),
                TestLoad.into(FILMS).asHistorical().upsert(3L, "copied", null));
        for (TestLoad load : loads) {
            try (Destination destination = fixture.open("p")) {
                destination.claim();
                fixture.execute("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
                try (LoadTransaction transaction = destination.begin()) {
                    assertEquals(
                            "DESTINATION_READ_ONLY",
                            assertThrows(MillraceException.class, () -> transaction.load(load))
                                    .code());
                }
                fixture.execute("BEGIN READ WRITE; ALTER DATABASE " + database
                        + " RESET default_transaction_read_only; COMMIT");
                try (LoadTransaction transaction = destination.begin()) {
                    transaction.load(load);
                    transaction.commit(2 + loads.indexOf(load));
                }
            }
        }
        assertEquals(List.of("2", "3"), fixture.rows("SELECT id FROM sales.films ORDER BY id"));
    }

    @Test
    void aLoadHasRoomToSortAWindowInAndNeverLessThanIsSetForIt() {
        fixture.execute(
                "CREATE TABLE public.room (bytes text);"
                        + " CREATE FUNCTION public.note_room() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$BEGIN INSERT INTO public.room VALUES (current_setting('work_mem')); RETURN NEW; END$$;"
                        + " CREATE TRIGGER note_room BEFORE INSERT ON sales.films FOR EACH ROW EXECUTE FUNCTION public.note_room()");
        List<String> asSet = List.of("1MB", "200MB");
        for (String room : asSet) {
            fixture.execute("ALTER DATABASE " + fixture.database().database() + " SET work_mem = '" + room + "'");
            try (Destination destination = fixture.open("p")) {
                destination.claim();
                try (LoadTransaction transaction = destination.begin()) {
                    transaction.load(TestLoad.into(FILMS).upsert(5L + asSet.indexOf(room), "x", null));
                    transaction.commit(2 + asSet.indexOf(room));
                }
            }
        }
        assertEquals(List.of("200MB", "64MB"), fixture.rows("SELECT bytes FROM public.room ORDER BY bytes"));
    }

    @Test
    void aSessionThatIsCutBeforeTheCommitCommittedNothing() {
        try (Destination destination = fixture.open("p")) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                transaction.load(TestLoad.into(FILMS).upsert(1L, "x", null));
                terminateLoads();
                MillraceException failure = assertThrows(MillraceException.class, () -> transaction.commit(2));
                assertEquals(Category.EXTERNAL, failure.category());
                assertTrue(!(failure instanceof UnknownOutcomeException), "COMMIT was not sent");
            }
            assertEquals(Optional.of(1L), destination.committedIndex());
            try (LoadTransaction transaction = destination.begin()) {
                transaction.load(TestLoad.into(FILMS).upsert(2L, "after", null));
                transaction.commit(2);
            }
            assertEquals(Optional.of(2L), destination.committedIndex());
        }
        assertEquals(List.of("2"), fixture.rows("SELECT id FROM sales.films"));
    }

    @Test
    void anIdleSessionThatWasCutIsReplaced() {
        try (Destination destination = fixture.open("p")) {
            destination.claim();
            for (long index = 2; index < 4; index++) {
                destination.describe(FILMS.target().name());
                try (LoadTransaction transaction = destination.begin()) {
                    transaction.load(TestLoad.into(FILMS).upsert(index, "x", null));
                    transaction.commit(index);
                }
                terminateLoads();
            }
        }
        assertEquals(List.of("2", "3"), fixture.rows("SELECT id FROM sales.films ORDER BY id"));
    }

    private void terminateLoads() {
        fixture.rows(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'millrace-p' AND datname = current_database()");
    }

    /** A deferred trigger holds COMMIT up at a lock of ours while the session is cut. */
    @Test
    void aSessionThatIsCutDuringCommitHasAnUnknownOutcomeThatThePositionSettles() throws Exception {
        fixture.execute(
                "CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(7);"
                        + " RETURN NULL; END$$; CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON public.__millrace_positions DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION public.hold()");
        try (Connection holder = fixture.database().connect();
                Statement hold = holder.createStatement();
                Destination destination = fixture.open("p")) {
            destination.claim();
            hold.execute("SELECT pg_advisory_lock(7)");
            LoadTransaction transaction = destination.begin();
            transaction.load(TestLoad.into(FILMS).upsert(1L, "x", null));
            CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> transaction.commit(2));
            awaitBlocked(holder);
            terminateLoads();
            ExecutionException failure =
                    assertThrows(ExecutionException.class, () -> commit.get(120, TimeUnit.SECONDS));
            assertEquals(UnknownOutcomeException.class, failure.getCause().getClass());
            transaction.close();
            assertEquals(Optional.of(1L), destination.committedIndex());
            hold.execute("SELECT pg_advisory_unlock(7)");
            try (LoadTransaction again = destination.begin()) {
                again.load(TestLoad.into(FILMS).upsert(1L, "x", null));
                again.commit(2);
            }
        }
        assertEquals(List.of("1"), fixture.rows("SELECT id FROM sales.films"));
    }

    /** As when the network broke during COMMIT: the session over there may still commit. */
    @Test
    void thePositionIsReadOnlyOnceATransactionThatMovedItHasEnded() throws Exception {
        try (Connection other = fixture.database().connect();
                Statement statement = other.createStatement();
                Connection watcher = fixture.database().connect();
                Destination destination = fixture.open("p")) {
            destination.claim();
            other.setAutoCommit(false);
            statement.execute("UPDATE public.__millrace_positions SET log_index = 2 WHERE pipeline = 'p'");
            CompletableFuture<Optional<Long>> index = CompletableFuture.supplyAsync(destination::committedIndex);
            awaitBlocked(watcher);
            other.commit();
            assertEquals(Optional.of(2L), index.get(120, TimeUnit.SECONDS));
        }
    }

    private static void awaitBlocked(Connection connection) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        try (Statement statement = connection.createStatement()) {
            while (true) {
                try (var row = statement.executeQuery("SELECT count(*) FROM pg_locks WHERE NOT granted")) {
                    row.next();
                    if (row.getInt(1) > 0) {
                        return;
                    }
                }
                assertTrue(System.nanoTime() < deadline, "nobody ever waited");
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aServerThatStopsAndStartsIsFoundAgain() throws Exception {
        try (TestPostgres server = TestPostgres.start(Map.of("wal_level", "replica"))) {
            TestDatabase database = server.createDatabase();
            try (Destination destination =
                    new PostgresDestinationConnector().open("p", PostgresFixture.settings(database, Map.of()))) {
                destination.claim();
                try (LoadTransaction transaction = destination.begin()) {
                    transaction.create(FILMS.target());
                    transaction.load(TestLoad.into(FILMS).upsert(1L, "x", null));
                    transaction.commit(1);
                }
                server.kill();
                MillraceException failure = assertThrows(MillraceException.class, destination::begin);
                assertEquals(Category.EXTERNAL, failure.category());
                assertThrows(MillraceException.class, destination::committedIndex);
                server.start();
                assertEquals(Optional.of(1L), destination.committedIndex());
                try (LoadTransaction transaction = destination.begin()) {
                    transaction.load(TestLoad.into(FILMS).upsert(2L, "y", null));
                    transaction.commit(2);
                }
            }
            assertEquals(List.of("1", "2"), database.rows("SELECT id FROM sales.films ORDER BY id"));
        }
    }
}
