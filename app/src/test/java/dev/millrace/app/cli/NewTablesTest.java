package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tables that are created while a pipeline runs arrive at its destination, and what it has already goes on arriving. */
class NewTablesTest {
    private static final long SECONDS = 240;
    private static final String LATE = "SELECT id, title FROM public.late WHERE NOT __millrace_deleted";
    private static final String FILMS = "SELECT id, title FROM public.film ORDER BY id";
    private static final String ACTORS = "SELECT id, name FROM public.actor ORDER BY id";
    private static final String VISITS = "SELECT who, count(*) FROM public.visit GROUP BY who ORDER BY who";

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private RunningPipeline shop;

    @BeforeEach
    void makeTables() throws Exception {
        shop = new RunningPipeline(folder);
        shop.source.execute("CREATE TABLE film (id int PRIMARY KEY, title text);"
                + " INSERT INTO film SELECT i, 'film ' || i FROM generate_series(1, 1000) i");
    }

    @AfterEach
    void stop() throws Exception {
        threads.shutdownNow();
        assertTrue(threads.awaitTermination(SECONDS, TimeUnit.SECONDS));
        shop.close();
    }

    /** Commits until told to stop. */
    private Future<?> writer(String sql, AtomicBoolean stop) {
        return threads.submit(() -> {
            try (Connection connection = shop.source.connect();
                    Statement statement = connection.createStatement()) {
                for (int i = 0; !stop.get(); i++) {
                    statement.execute(sql.replace("?", Integer.toString(i)));
                }
            }
            return null;
        });
    }

    @Test
    void aTableThatDoesNotFitAtTheStartIsToldAndJoinsOnceItDoes() throws Exception {
        shop.source.execute("CREATE TABLE late (id int PRIMARY KEY, name text); INSERT INTO late VALUES (1, 'a')");
        shop.start("objects: [\"public.*\"]\ntransform:\n  - objects: [late]\n"
                + "    steps: [{set: {id: {value: id + name, type: string}}}]");
        shop.awaitEqual(FILMS, FILMS);
        String status = shop.cli.data("status");
        assertTrue(status.contains("running") && status.contains("public.late is left out: "), status);
        String waiting = shop.cli.data("mapping", "list", "--waiting");
        assertTrue(waiting.contains("public.late") && !waiting.contains("public.film"), waiting);
        String shown = shop.cli.data("mapping", "show", "late");
        assertTrue(shown.contains("waiting") && shown.contains("REPLICA IDENTITY FULL"), shown);
        assertTrue(shown.contains("joins by itself"), shown);
        String refused = shop.cli.refused(ExitCode.USER, "mapping", "set", "public.late", "--skip");
        assertTrue(refused.contains("OBJECT_LEFT_OUT") && refused.contains("REPLICA IDENTITY FULL"), refused);
        JsonNode objects =
                shop.cli.json("status").get(0).path("pipelines").path(0).path("objects");
        assertEquals("LEFT_OUT", objects.path(1).path("phase").asString(), objects::toString);
        assertTrue(objects.path(1).path("reason").asString().contains("REPLICA IDENTITY FULL"), objects::toString);
        shop.source.execute("ALTER TABLE late REPLICA IDENTITY FULL");
        shop.awaitEqual("SELECT '1a', 'a'", "SELECT id, name FROM public.late");
        shop.await("nothing is left out", () -> !shop.cli.data("status").contains("left out"));
        shop.source.execute("UPDATE film SET title = 'changed' WHERE id = 7; UPDATE late SET name = 'b'");
        shop.awaitEqual("SELECT '1b', 'b'", "SELECT id, name FROM public.late WHERE NOT __millrace_deleted");
        shop.awaitEqual(FILMS, FILMS);
    }

    @Test
    void aTableThatStepsDoNotFitIsLeftOutAndOneThatCeasesToFitHasItsEventsKeptAside() throws Exception {
        String start = "objects: [\"public.*\"]\nfailed: {stopAtRate: never}\ntransform:\n";
        shop.start(start + "  - objects: [film, late]\n    steps: [{upper: [title]}]");
        shop.awaitEqual("SELECT id, upper(title) FROM film ORDER BY id", FILMS);
        shop.source.execute("CREATE TABLE late (id int PRIMARY KEY, name text); INSERT INTO late VALUES (1, 'a')");
        shop.await("it is left out", () -> shop.cli.data("status").contains("public.late is left out: "));
        assertTrue(shop.cli.data("mapping", "show", "late").contains("there is no column 'title' here"), shop.cli::out);
        shop.source.execute("ALTER TABLE late RENAME name TO title");
        shop.awaitEqual("SELECT 1, 'A'", LATE);
        shop.source.execute("ALTER TABLE film RENAME title TO name; UPDATE film SET name = 'changed' WHERE id = 7;"
                + " UPDATE late SET title = 'b'");
        shop.awaitEqual("SELECT 1, 'B'", LATE);
        shop.catchUp();
        assertTrue(shop.cli.data("failed", "list").contains("TRANSFORM_INVALID"), shop.cli::out);
        shop.stop();
        shop.start(start + "  - objects: [film]\n    steps: [{upper: [name]}]\n"
                + "  - objects: [late]\n    steps: [{upper: [title]}]");
        shop.cli.talk("failed", "replay", "--all");
        shop.awaitEqual("SELECT 7, 'CHANGED'", "SELECT id, name FROM public.film WHERE id = 7");
        shop.await(
                "nothing is kept aside", () -> shop.cli.talk("failed", "list").contains("no failed events"));
    }

    @Test
    void tablesCreatedUnderLoadArriveWithAllTheirRowsAndOnce() throws Exception {
        shop.start("objects: [\"public.*\", \"!public.hidden_*\"]\nonDelete: hard");
        shop.awaitEqual(FILMS, FILMS);
        AtomicBoolean stop = new AtomicBoolean();
        Future<?> films = writer("UPDATE film SET title = 'title ?' WHERE id = 1 + ? % 1000", stop);
        shop.source.execute("CREATE TABLE hidden_actor (id int PRIMARY KEY);"
                + " CREATE TABLE actor (id int PRIMARY KEY, name text);"
                + " INSERT INTO actor SELECT i, 'actor ' || i FROM generate_series(1, 500) i;"
                + " CREATE TABLE visit (who text); INSERT INTO visit SELECT 'before' FROM generate_series(1, 100)");
        Future<?> actors = writer(
                "INSERT INTO actor VALUES (1000 + ?, 'new'); DELETE FROM actor WHERE id = 900 + ?;"
                        + " INSERT INTO visit VALUES ('visitor ' || ? % 10)",
                stop);
        String arrived = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'film'"
                + " AND tablename NOT LIKE '%millrace%' ORDER BY 1";
        shop.await("they arrive", () -> shop.target.rows(arrived).equals(List.of("actor", "visit")));
        stop.set(true);
        films.get(SECONDS, TimeUnit.SECONDS);
        actors.get(SECONDS, TimeUnit.SECONDS);
        shop.awaitEqual(ACTORS, ACTORS);
        shop.awaitEqual(VISITS, VISITS);
        shop.awaitEqual(FILMS, FILMS);
        assertEquals(List.of("actor", "visit"), shop.target.rows(arrived));
        assertTrue(shop.cli.data("mapping", "list").contains("public.actor"), shop.cli::out);
    }
}
