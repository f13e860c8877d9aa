package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.SettingsParser;
import dev.millrace.ingest.postgres.PostgresConnector;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tables of a real PostgreSQL are made, dropped and renamed while others write into them and into those that were there. What the log says
 * at the end is what the tables hold.
 */
class NewTablesUnderWritesTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long PATIENCE_MILLIS = 300_000;
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 64 << 10, 500, 20, 20, 100, 50, 500, 100);

    /** What new tables are judged by. */
    private static final String PUBLISHABLE = "%pg_has_role(relowner%";

    private static final String LOCKS = "%pg_locks%";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MemoryTopic topic = new MemoryTopic(true);
    private final MemoryState state = new MemoryState();
    private final SplittableRandom random = new SplittableRandom(SEED);

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertTrue(threads.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** An engine that is run again after what may pass, as an installation does it. */
    private final class Running implements AutoCloseable {
        final Source source;
        final IngestEngine engine;
        private final Future<?> run;
        private volatile boolean stopped;

        Running(TestDatabase database, String user, String... objects) {
            PostgresConnector connector = new PostgresConnector();
            source = connector.open(
                    "joins",
                    SettingsParser.parse(
                            connector.settings(),
                            Map.of(
                                    "host", database.host(),
                                    "port", Integer.toString(database.port()),
                                    "database", database.database(),
                                    "user", user,
                                    "password", database.password(),
                                    "sslMode", "disable",
                                    "discoverEvery", "100ms")));
            engine = new IngestEngine("joins", source, List.of(objects), topic, state, OPTIONS, threads);
            run = threads.submit(this::run);
        }

        private Void run() throws InterruptedException {
            while (!stopped) {
                try {
                    engine.run();
                } catch (MillraceException e) {
                    if (e.category() != Category.EXTERNAL && e.category() != Category.USER) {
                        throw e;
                    }
                }
            }
            return null;
        }

        void until(Callable<Boolean> so) throws Exception {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (!so.call()) {
                if (run.isDone()) {
                    run.get();
                }
                assertTrue(System.nanoTime() < end, () -> "seed " + SEED + ": " + engine.status());
                topic.awaitAppended(topic.appendedIndex() + 1, 20);
            }
        }

        boolean loaded(String table) {
            return engine.status().tables().stream()
                    .anyMatch(load -> load.table().equals(new TableName("public", table))
                            && load.state() == LoadStatus.State.LOADED);
        }

        void awaitCaughtUp() throws Exception {
            byte[] position = ((StreamingSource) source).currentPosition();
            until(() -> engine.awaitCaughtUp(position, 1_000));
        }

        @Override
        public void close() {
            stopped = true;
            engine.stop();
            try {
                run.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("seed " + SEED, e);
            }
            source.close();
        }
    }

    /** Commits small transactions into one table, until told to stop. */
    private Future<?> writer(TestDatabase database, String table, SplittableRandom chances, AtomicBoolean stop) {
        return threads.submit(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stop.get()) {
                    for (int change = chances.nextInt(3); change >= 0; change--) {
                        statement.execute(change(table, chances));
                    }
                    connection.commit();
                }
            }
            return null;
        });
    }

    private static String change(String table, SplittableRandom chances) {
        int id = chances.nextInt(5_000);
        return switch (chances.nextInt(table.startsWith("log") ? 1 : 4)) {
            case 1 -> "UPDATE " + table + " SET v = v || '" + id % 10 + "' WHERE id BETWEEN " + id + " AND " + (id + 3);
            case 2 -> "DELETE FROM " + table + " WHERE id = " + id;
            case 3 -> "UPDATE " + table + " SET id = (SELECT max(id) + 1 FROM " + table + ") WHERE id = " + id;
            default ->
                table.startsWith("log")
                        ? "INSERT INTO " + table + " VALUES (" + id + ", 'new')"
                        : "INSERT INTO " + table + " VALUES (" + id
                                + ", 'new') ON CONFLICT (id) DO UPDATE SET v = 'again'";
        };
    }

    private static String create(String table, int rows) {
        return "CREATE TABLE %s (id int%s, v text); INSERT INTO %s SELECT n, 'before' FROM generate_series(1, %d) n;"
                .formatted(table, table.startsWith("log") ? "" : " PRIMARY KEY", table, rows);
    }

    /** The tables that the log has otherwise than the source. */
    private List<String> different(TestDatabase database, List<String> tables) throws SQLException {
        TableReplica replica = TableReplica.of(topic.batches());
        List<String> different = new ArrayList<>();
        for (String table : tables) {
            List<String> expected =
                    database.rows("SELECT * FROM " + table).stream().sorted().toList();
            if (!expected.equals(replica.rows(new TableName("public", table)))) {
                different.add(table);
            }
        }
        return different;
    }

    @Test
    void tablesCreatedUnderLoadJoinAndNothingIsLostOrDoubled() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(create("film", 4_000) + create("log", 2_000));
            AtomicBoolean stop = new AtomicBoolean();
            List<Future<?>> writers = new ArrayList<>();
            writers.add(writer(database, "film", random.split(), stop));
            writers.add(writer(database, "log", random.split(), stop));
            List<String> tables = new ArrayList<>(List.of("film", "log"));
            try (Running running = new Running(database, database.user(), "public.*", "!public.left_*")) {
                running.until(() -> running.loaded("film") && running.loaded("log"));
                database.execute(create("left_out", 10));
                for (String table : List.of("actor", "log_late")) {
                    database.execute(create(table, 3_000));
                    tables.add(table);
                    writers.add(writer(database, table, random.split(), stop));
                    running.until(() -> running.loaded(table));
                }
                stop.set(true);
                for (Future<?> writer : writers) {
                    writer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                }
                running.awaitCaughtUp();
                assertFalse(running.loaded("left_out"));
            }
            assertEquals(List.of(), different(database, tables), () -> "seed " + SEED);
        }
    }

    @Test
    void tablesThatComeGoAndAreRenamedUnderLoadHoldWhatTheyHoldAtTheSource() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(create("film", 1_000) + create("log", 500));
            AtomicBoolean stop = new AtomicBoolean();
            List<Future<?>> writers = List.of(
                    writer(database, "film", random.split(), stop), writer(database, "log", random.split(), stop));
            List<String> tables = new ArrayList<>();
            try (Running running = new Running(database, database.user(), "public.*")) {
                for (int step = 0; step < 30; step++) {
                    change(database, tables, step);
                    if (random.nextInt(4) == 0) {
                        int joined = running.engine.status().tables().size();
                        running.engine.awaitCaughtUp(
                                ((StreamingSource) running.source).currentPosition(), 200 + joined);
                    }
                }
                stop.set(true);
                for (Future<?> writer : writers) {
                    writer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                }
                tables.addAll(List.of("film", "log"));
                running.until(() -> tables.stream().allMatch(running::loaded));
                running.awaitCaughtUp();
                // a table in another's place is noticed a little later, and then loaded again
                running.until(() -> different(database, tables).isEmpty());
            }
        }
    }

    /** Makes, fills, empties, renames, drops or replaces a table. */
    private void change(TestDatabase database, List<String> tables, int step) throws SQLException {
        int choice = tables.isEmpty() ? 0 : random.nextInt(8);
        String some = tables.isEmpty() ? "" : tables.get(random.nextInt(tables.size()));
        String other = (random.nextInt(3) == 0 ? "log_" : "t_") + step;
        switch (choice) {
            case 0, 1, 2 -> {
                database.execute(create(other, random.nextInt(300)));
                tables.add(other);
            }
            case 3 -> {
                tables.remove(some);
                database.execute("DROP TABLE " + some);
            }
            case 4 -> {
                String renamed = (some.startsWith("log_") ? "log_r" : "t_r") + step;
                database.execute("ALTER TABLE " + some + " RENAME TO " + renamed);
                tables.set(tables.indexOf(some), renamed);
            }
            case 5 -> // the usual way to put another table in a table's place
                database.execute(create(some + "_new", 50) + "ALTER TABLE " + some + " RENAME TO " + some + "_old;"
                        + "ALTER TABLE " + some + "_new RENAME TO " + some + "; DROP TABLE " + some + "_old");
            case 6 -> database.execute("TRUNCATE " + some);
            default -> database.execute(change(some, random));
        }
    }

    /** Two roles of the test's own: one that Millrace logs in as, and another that owns tables. */
    private record Roles(TestDatabase database, String user, String owner) implements AutoCloseable {
        static Roles make(TestDatabase database) throws SQLException {
            String unique = Long.toUnsignedString(System.nanoTime(), 36);
            Roles roles = new Roles(database, "joins_" + unique, "owns_" + unique);
            database.execute(("CREATE ROLE %1$s LOGIN REPLICATION; CREATE ROLE %2$s;"
                            + " GRANT CREATE ON DATABASE \"%3$s\" TO %1$s; GRANT USAGE ON SCHEMA public TO %1$s;"
                            + create("film", 100) + "ALTER TABLE film OWNER TO %1$s")
                    .formatted(roles.user, roles.owner, database.database()));
            return roles;
        }

        @Override
        public void close() throws SQLException {
            database.execute("DROP OWNED BY %1$s, %2$s CASCADE; DROP ROLE %1$s, %2$s".formatted(user, owner));
        }
    }

    @Test
    void aTableThatMayNotBeReadIsLeftOutFromTheStartAndJoinsOnceItMay() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Roles roles = Roles.make(database)) {
            database.execute(create("late", 10));
            try (Running running = new Running(database, roles.user, "public.*")) {
                running.until(() -> running.loaded("film"));
                LeftOut left = running.engine.status().leftOut().get(0);
                assertEquals(new TableName("public", "late"), left.table());
                assertTrue(left.why().contains("GRANT SELECT ON"), left.why());
                database.execute("ALTER TABLE late OWNER TO " + roles.user);
                running.until(() -> running.loaded("late"));
                database.execute("INSERT INTO film VALUES (9999, 'later'); INSERT INTO late VALUES (11, 'too')");
                running.awaitCaughtUp();
                assertEquals(List.of(), running.engine.status().leftOut());
                assertEquals(List.of(), different(database, List.of("film", "late")));
            }
        }
    }

    @Test
    void aTableThatMayNotBePublishedEndsNoSessionAndJoinsOnceItMay() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Roles roles = Roles.make(database);
                Running running = new Running(database, roles.user, "public.*")) {
            running.until(() -> running.loaded("film"));
            String reader = reader(database);
            database.execute(create("late", 10) + "ALTER TABLE late OWNER TO " + roles.owner);
            for (int looks = 0; looks < 2; looks++) {
                running.until(() -> watched(database, PUBLISHABLE));
                running.until(() -> !watched(database, PUBLISHABLE));
            }
            database.execute("INSERT INTO film VALUES (9999, 'meanwhile'); INSERT INTO late VALUES (11, 'too')");
            running.awaitCaughtUp();
            assertEquals(reader, reader(database), "no session has ended");
            database.execute("GRANT " + roles.owner + " TO " + roles.user);
            running.until(() -> running.loaded("late"));
            running.awaitCaughtUp();
            assertNotEquals(reader, reader(database), "the table has come with a session");
            assertEquals(List.of(), different(database, List.of("film", "late")));
        }
    }

    /** A first load in one long transaction, which the next session would have to wait for, and all other tables with it. */
    @Test
    void aTableThatALongTransactionWritesToJoinsWhenThatHasEnded() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                Roles roles = Roles.make(database);
                Running running = new Running(database, roles.user, "public.*")) {
            running.until(() -> running.loaded("film"));
            String reader = reader(database);
            database.execute(create("late", 10) + "ALTER TABLE late OWNER TO " + roles.owner);
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("INSERT INTO late SELECT n, 'long' FROM generate_series(1000, 1100) n");
                database.execute("GRANT " + roles.owner + " TO " + roles.user); // it is nothing but busy now
                running.until(() -> watched(database, LOCKS));
                running.until(() -> !watched(database, LOCKS));
                database.execute("INSERT INTO film VALUES (9999, 'meanwhile')");
                running.awaitCaughtUp();
                assertEquals(reader, reader(database), "no session has ended");
                connection.commit();
            }
            running.until(() -> running.loaded("late"));
            running.awaitCaughtUp();
            assertEquals(List.of(), different(database, List.of("film", "late")));
        }
    }

    /** The process that reads the slot. */
    private static String reader(TestDatabase database) throws SQLException {
        return database.rows("SELECT active_pid FROM pg_replication_slots WHERE database = current_database()")
                .toString();
    }

    /** Whether the last that a session of ours has asked is such a question. */
    private static boolean watched(TestDatabase database, String question) throws SQLException {
        return database.rows("SELECT 1 FROM pg_stat_activity WHERE application_name = 'millrace-joins' AND datname ="
                        + " current_database() AND query LIKE '" + question + "'")
                .contains("1");
    }
}
