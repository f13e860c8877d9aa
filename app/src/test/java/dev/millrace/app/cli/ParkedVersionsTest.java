package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.pipeline.Wishes;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads of an object whose versions are kept, while some of its events are parked. */
class ParkedVersionsTest {
    private static final String VERSIONS = "SELECT title FROM public.film ORDER BY title";

    @TempDir
    Path folder;

    private RunningPipeline shop;

    @BeforeEach
    void parkAVersion() throws Exception {
        shop = new RunningPipeline(folder);
        shop.source.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat');"
                + "CREATE TABLE actor (id int PRIMARY KEY); INSERT INTO actor VALUES (1)");
        shop.start("load: {objects: {public.film: {mode: history}}}\nfailed: {stopAtRate: never}");
        shop.awaitEqual("SELECT title FROM film", VERSIONS);
        shop.awaitEqual("SELECT id FROM actor", "SELECT id FROM public.actor");
        shop.target.execute("ALTER TABLE public.film ADD CONSTRAINT short CHECK (length(title) < 10)");
        shop.source.execute("UPDATE film SET title = 'Koyaanisqatsi'");
        shop.catchUp();
        shop.source.execute("UPDATE film SET title = 'Ran'");
        shop.catchUp();
        assertEquals(2, parked());
    }

    @AfterEach
    void stop() throws Exception {
        shop.close();
    }

    private int parked() {
        return shop.cli.json("failed", "list").get(0).path("events").size();
    }

    @Test
    void aReloadThatWouldLoseThemIsRefusedAndTheyAreReplayedFirst() throws Exception {
        for (List<String> reload : List.of(List.of("reload", "public.film"), List.of("reload", "--all"))) {
            String refused = shop.cli.refused(ExitCode.USER, reload.toArray(String[]::new));
            assertTrue(refused.contains("PARKED_VERSIONS"), refused);
            assertTrue(refused.contains("public.film: 2") && refused.contains("millrace failed replay"), refused);
        }
        shop.cli.talk("reload", "public.actor");
        shop.target.execute("ALTER TABLE public.film DROP CONSTRAINT short");
        shop.cli.talk("failed", "replay", "--object", "public.film");
        shop.await(
                "all versions are there",
                () -> shop.target.rows(VERSIONS).equals(List.of("Heat", "Koyaanisqatsi", "Ran")));
        shop.await("nothing is parked", () -> parked() == 0);
        shop.cli.talk("reload", "public.film");
    }

    @Test
    void aReloadWhileNothingRunsIsJudgedTheSame() throws Exception {
        shop.stop();
        for (List<String> reload : List.of(List.of("reload", "public.film"), List.of("reload", "--all"))) {
            String refused = shop.cli.refused(ExitCode.USER, reload.toArray(String[]::new));
            assertTrue(refused.contains("PARKED_VERSIONS") && refused.contains("public.film: 2"), refused);
        }
        for (String object : List.of("public.flim", "film")) {
            String refused = shop.cli.refused(ExitCode.USER, "reload", object, "--anyway");
            assertTrue(refused.contains("OBJECT_NOT_FOUND"), refused);
            assertTrue(refused.contains("Did you mean 'public.film'?"), refused);
        }
        try (StateStore state = RocksStateStore.open(folder.resolve("data").resolve("state"))) {
            new Wishes(state, "shop").add("public.flim"); // as an earlier version took it
        }
        shop.cli.talk("reload", "public.film", "--anyway");
        shop.start("load: {objects: {public.film: {mode: history}}}\nfailed: {stopAtRate: never}");
        shop.await("nothing is parked", () -> parked() == 0);
        shop.await("the newest is there", () -> shop.target.rows(VERSIONS).equals(List.of("Heat", "Ran")));
        String status = shop.cli.data("status");
        assertTrue(status.contains("running") && status.contains("'public.flim' is not loaded again"), status);
        assertTrue(shop.cli.data("status", "--json").contains("Did you mean 'public.film'?"), shop.cli::out);
        shop.cli.talk("reload", "public.actor");
        shop.await("it is told no more", () -> !shop.cli.data("status").contains("flim"));
    }

    @Test
    void aReloadAnywayDoesWithoutThem() throws Exception {
        shop.cli.talk("reload", "public.film", "--anyway");
        shop.await("nothing is parked", () -> parked() == 0);
        shop.await("the newest is there", () -> shop.target.rows(VERSIONS).equals(List.of("Heat", "Ran")));
        String obsolete = shop.cli.data("failed", "list", "--given-up");
        assertTrue(obsolete.contains("obsolete"), obsolete);
    }
}
