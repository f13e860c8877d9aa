package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Mappings of a real pipeline over the real command line and its control interface: what changes at either end, and what a user answers. */
class MappingCommandTest {
    private static final String FILMS = "SELECT id, title, year FROM public.film ORDER BY id";
    private static final String ACTORS = "SELECT id, name FROM public.actor ORDER BY id";

    @TempDir
    Path folder;

    private RunningPipeline shop;

    @BeforeEach
    void makeTables() throws Exception {
        shop = new RunningPipeline(folder);
        shop.source.execute("CREATE TABLE film (id int PRIMARY KEY, title text, year smallint);"
                + " CREATE TABLE actor (id int PRIMARY KEY, name text);"
                + " INSERT INTO film SELECT i, 'film ' || i, 1900 + i FROM generate_series(1, 100) i;"
                + " INSERT INTO actor SELECT i, 'actor ' || i FROM generate_series(1, 100) i");
    }

    @AfterEach
    void stop() throws Exception {
        shop.close();
    }

    private void startAndLoad(String mapping) throws Exception {
        shop.start("failed: {stopAtRate: never}\nmapping: " + mapping);
        shop.awaitEqual(FILMS, FILMS);
        shop.awaitEqual(ACTORS, ACTORS);
        shop.catchUp();
    }

    @Test
    void aDroppedTableWaitsForAChoiceWhileTheOthersGoOnAndIsMadeAgainWithAllItsRows() throws Exception {
        startAndLoad("{auto: true}");
        assertEquals("auto-mapped", status("public.film"));
        assertTrue(shop.cli.talk("mapping", "list", "--waiting").contains("shop: nothing waits for you"));
        shop.target.execute("DROP TABLE public.film");
        shop.source.execute(
                "UPDATE film SET title = 'changed' WHERE id <= 10; INSERT INTO film VALUES (101, 'new', 2000)");
        shop.source.execute("UPDATE actor SET name = 'changed' WHERE id <= 10");
        shop.awaitEqual(ACTORS, ACTORS);
        shop.await("it waits", () -> status("public.film").equals("waiting"));
        JsonNode film = shown("film").path("mapping");
        assertEquals("TABLE_MISSING", film.path("code").asString());
        assertTrue(film.path("remedy").asString().contains("--recreate"), film::toString);
        String list = shop.cli.data("mapping", "list", "--waiting");
        assertTrue(list.contains("public.film") && list.contains("TABLE_MISSING"), list);
        assertFalse(list.contains("public.actor"), list);
        assertTrue(shop.cli.data("status").contains("(1 waiting)"), shop.cli::out);
        assertTrue(shop.cli.talk("mapping", "set", "public.film", "--recreate").contains("public.film: loaded again"));
        shop.awaitEqual(FILMS, FILMS);
        shop.source.execute("DELETE FROM film WHERE id = 5; UPDATE film SET year = 1 WHERE id = 6");
        shop.awaitEqual(FILMS, live(FILMS));
        shop.await("nothing waits", () -> status("public.film").equals("auto-mapped"));
        shop.await(
                "nothing is parked",
                () -> shop.cli.json("failed", "list").get(0).path("events").isEmpty());
    }

    @Test
    void aNewColumnUnderBlockIsLeftOutUntilItIsApprovedAndThenLacksNoValue() throws Exception {
        startAndLoad("{policy: block}");
        shop.source.execute("ALTER TABLE film ADD length int; UPDATE film SET length = id WHERE id <= 50");
        shop.awaitEqual(FILMS, FILMS);
        shop.await(
                "it is proposed",
                () -> !shown("public.film").path("mapping").path("proposals").isEmpty());
        assertEquals(
                List.of("0"),
                shop.target.rows("SELECT count(*) FROM information_schema.columns WHERE table_name = 'film'"
                        + " AND column_name = 'length'"));
        String text = shop.cli.data("mapping", "show", "public.film");
        assertTrue(text.contains("proposed    new column 'length'") && text.contains("left-out"), text);
        assertTrue(shop.cli.data("mapping", "list").contains("new column 'length'"), shop.cli::out);
        assertTrue(
                shop.cli.talk("mapping", "approve", "film", "actor").contains("public.actor: nothing to be approved"));
        String whole = "SELECT id, title, year, length FROM public.film ORDER BY id";
        shop.awaitEqual(whole, whole);
        shop.source.execute("UPDATE film SET length = -id");
        shop.awaitEqual(whole, whole);
        shop.await(
                "nothing is proposed",
                () -> shown("public.film").path("mapping").path("proposals").isEmpty());
    }

    @Test
    void rowsThatNeedAWiderTypeAreParkedUntilItIsApproved() throws Exception {
        startAndLoad("{objects: {public.film: {policy: new-columns}}}");
        shop.source.execute("ALTER TABLE film ALTER year TYPE int, ADD note text");
        shop.source.execute(
                "UPDATE film SET year = 100000, note = 'later' WHERE id = 7; DELETE FROM film WHERE id = 8");
        shop.source.execute("INSERT INTO actor VALUES (101, 'new')");
        shop.awaitEqual(ACTORS, ACTORS);
        shop.await("it waits", () -> status("public.film").equals("waiting"));
        assertEquals("MAPPING_WAITS", shown("film").path("mapping").path("code").asString());
        assertTrue(shop.cli.talk("mapping", "reject", "public.film").contains("public.film: rejected: column 'year'"));
        JsonNode rejected = shown("public.film").path("mapping");
        assertEquals(1, rejected.path("rejected").size(), rejected::toString);
        assertFalse(shop.cli.json("failed", "list").get(0).path("events").isEmpty());
        assertEquals(List.of("1907"), shop.target.rows("SELECT year FROM public.film WHERE id = 7"));
        assertTrue(shop.cli.talk("mapping", "approve", "public.film").contains("approved: column 'year' becomes"));
        String whole = "SELECT id, title, year, note FROM public.film ORDER BY id";
        shop.awaitEqual(whole, live(whole));
        shop.await("nothing waits", () -> status("public.film").equals("auto-mapped"));
        shop.await(
                "nothing is parked",
                () -> shop.cli.json("failed", "list").get(0).path("events").isEmpty());
    }

    @Test
    void newObjectsWaitWhereNothingIsMappedByItself() throws Exception {
        shop.start(
                "mapping: {auto: false, objects: {public.actor: {table: crm.actors, columns: {name: {name: called}}}}}");
        shop.awaitEqual("SELECT id, name FROM actor ORDER BY id", "SELECT id, called FROM crm.actors ORDER BY id");
        shop.catchUp(); // what a window has come to is noted behind its commit
        assertEquals(2, shop.cli.json("mapping", "list").size());
        assertEquals("waiting", status("public.film"));
        assertEquals("mapped", status("public.actor"));
        assertTrue(shop.cli.data("mapping", "show", "actor").contains("renamed"), shop.cli::out);
        assertTrue(shop.cli
                .refused(ExitCode.USER, "mapping", "set", "film", "--recreate")
                .contains("OBJECT_NOT_APPROVED"));
        shop.cli.data("mapping", "approve", "--all");
        shop.awaitEqual(FILMS, FILMS);
        assertTrue(shop.cli.talk("mapping", "approve", "--all").contains("nothing waits to be approved"));
    }

    @Test
    void anObjectIsSkippedTakenUpAgainAndMovedAlsoWhileNothingRuns() throws Exception {
        startAndLoad("{auto: true}");
        assertTrue(shop.cli.talk("mapping", "set", "public.film", "--skip").contains("not loaded any more"));
        shop.source.execute("UPDATE film SET title = 'unseen'; UPDATE actor SET name = 'seen'");
        shop.awaitEqual(ACTORS, ACTORS);
        assertEquals(List.of("0"), shop.target.rows("SELECT count(*) FROM public.film WHERE title = 'unseen'"));
        shop.stop();
        assertEquals("skipped", status("public.film"));
        assertTrue(shop.cli
                .refused(ExitCode.USER, "mapping", "set", "film", "--recreate")
                .contains("--unskip"));
        assertTrue(shop.cli
                .talk(
                        "mapping",
                        "set",
                        "public.film",
                        "--unskip",
                        "-p",
                        shop.file().toString())
                .contains("from the next start on"));
        shop.cli.data("mapping", "set", "actor", "--to", "crm.people");
        shop.start("mapping: {auto: true}");
        shop.awaitEqual(FILMS, FILMS);
        shop.awaitEqual(ACTORS, ACTORS.replace("public.actor", "crm.people"));
        shop.source.execute("DELETE FROM actor WHERE id > 50; UPDATE film SET year = 7");
        shop.awaitEqual(FILMS, FILMS);
        shop.awaitEqual(ACTORS, live(ACTORS).replace("public.actor", "crm.people"));
        assertEquals(List.of("100"), shop.target.rows("SELECT count(*) FROM public.actor"));
    }

    @Test
    void slipsAreToldWithWhatWasMeant() throws Exception {
        startAndLoad("{objects: {public.actor: {policy: block}}}");
        assertTrue(shop.cli
                .refused(ExitCode.USER, "mapping", "show", "public.flim")
                .contains("Did you mean 'public.film'?"));
        assertTrue(shop.cli.refused(ExitCode.USER, "mapping").contains("COMMAND_MISSING"));
        assertTrue(shop.cli.refused(ExitCode.USER, "mapping", "approve").contains("--all"));
        assertTrue(shop.cli
                .refused(ExitCode.USER, "mapping", "approve", "film", "--all")
                .contains("--all"));
        assertTrue(shop.cli.refused(ExitCode.USER, "mapping", "set", "film").contains("--recreate"));
        shop.cli.refused(ExitCode.USER, "mapping", "set", "film", "--skip", "--recreate");
        assertTrue(shop.cli
                .refused(ExitCode.USER, "mapping", "set", "film", "--unskip")
                .contains("reload"));
        assertTrue(shop.cli
                .refused(ExitCode.USER, "mapping", "set", "film", "--to", "public.actor")
                .contains("TARGET_TAKEN"));
        for (String name : List.of(".x", "x.", "a.__millrace_b", "x".repeat(64))) {
            assertTrue(
                    shop.cli
                            .refused(ExitCode.USER, "mapping", "set", "film", "--to", name)
                            .contains("TARGET_NAME_INVALID"),
                    name);
        }
        assertTrue(
                shop.cli.refused(ExitCode.USER, "mapping", "list", "-p", "shoe").contains("PIPELINE_NOT_FOUND"));
        JsonNode film = shop.cli.json("mapping", "show", "film").get(0);
        assertEquals(List.of("integer", "string", "short"), film.path("columns").findValuesAsString("sourceType"));
        assertEquals("auto-mapped", status("public.film"));
    }

    /** Without the rows that are deleted at the source, which the destination marks. */
    private static String live(String query) {
        return query.replace(" ORDER", " WHERE NOT __millrace_deleted ORDER");
    }

    private String status(String object) {
        return shown(object).path("mapping").path("status").asString();
    }

    private JsonNode shown(String object) {
        return shop.cli.json("mapping", "show", object).get(0);
    }
}
