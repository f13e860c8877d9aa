package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Failed events of a real pipeline over the real command line: three films too long for a constraint, one of them changed again. */
class FailedCommandTest {
    private static final String FILMS = "SELECT id, title FROM public.film ORDER BY id";

    @TempDir
    Path folder;

    private RunningPipeline shop;

    @BeforeEach
    void parkFourEvents() throws Exception {
        shop = new RunningPipeline(folder);
        shop.source.execute("CREATE TABLE film (id int PRIMARY KEY, title text); INSERT INTO film VALUES (1, 'Heat')");
        shop.start("failed: {stopAtRate: never}");
        shop.awaitEqual(FILMS, FILMS);
        shop.target.execute("ALTER TABLE public.film ADD CONSTRAINT short CHECK (length(title) < 10)");
        shop.source.execute("INSERT INTO film VALUES (2, 'Koyaanisqatsi'), (3, 'Ran'), (4, 'Apocalypse Now')");
        shop.source.execute("INSERT INTO film VALUES (5, 'Barry Lyndon')");
        shop.catchUp(); // in one window the insert and the update would be one good row
        shop.source.execute("UPDATE film SET title = 'Qatsi' WHERE id = 2");
        shop.catchUp();
    }

    @AfterEach
    void stop() throws Exception {
        shop.close();
    }

    @Test
    void theyAreListedByReasonAndOneByOneInTheirOrder() {
        List<JsonNode> listed = shop.cli.json("failed", "list");
        JsonNode document = listed.get(0);
        assertEquals(4, document.path("events").size(), document::toString);
        assertEquals(
                List.of("insert", "insert", "insert", "update"),
                document.path("events").findValuesAsString("operation"));
        String groups = shop.cli.data("failed", "list", "-p", "shop");
        assertTrue(groups.contains("public.film") && groups.contains("load"), groups);
        assertEquals(groups, shop.cli.data("failed", "list", "--object", "public.film"));
        assertEquals("shop: no failed events of that kind\n", shop.cli.talk("failed", "list", "--reason", "OTHER"));
        String events = shop.cli.data(
                "failed", "list", "--events", "--pipeline", shop.file().toString(), "--limit", "3");
        assertEquals(4, events.lines().count(), events);
        List<String> ids = document.path("events").findValuesAsString("id");
        assertEquals(2, shop.cli.data("failed", "list", ids.get(1)).lines().count());
        String rest = shop.cli.data("failed", "list", "--after", ids.get(2));
        assertTrue(rest.contains(ids.get(3)) && !rest.contains(ids.get(2)), rest);
        assertEquals("", shop.cli.talk("failed", "list", "--events", "--object", "public.film", "--phase", "load"));
        assertEquals(
                1,
                shop.cli
                        .data("failed", "list", "--events", "--object", "x.y")
                        .lines()
                        .count());
        assertTrue(shop.cli
                .refused(ExitCode.USER, "failed", "list", "--phase", "lod")
                .contains("NO_SUCH_PHASE"));
        assertTrue(
                shop.cli.refused(ExitCode.USER, "failed", "list", "-p", "shoe").contains("PIPELINE_NOT_FOUND"));
        assertTrue(shop.cli.refused(ExitCode.USER, "failed").contains("COMMAND_MISSING"));
        assertTrue(shop.cli.data("status").contains("4"), shop.cli::out);
        JsonNode first = document.path("events").path(0);
        assertTrue(first.path("remedy").asString().contains("run 'millrace failed replay'"), first::toString);
        String told = shop.cli.data("failed", "show", ids.get(1));
        assertTrue(told.contains(first.path("remedy").asString()), told);
        List<String> many = new ArrayList<>(List.of("failed", "skip"));
        IntStream.range(0, 2_000).forEach(row -> many.add("123456789-" + row));
        assertTrue(
                shop.cli.talk(many.toArray(String[]::new)).contains("shop: 0 failed events"),
                "more than one request carries");
    }

    @Test
    void valuesAreToldOnlyWhereTheyAreAskedForInClear() {
        String id = ids().get(0);
        String masked = shop.cli.data("failed", "show", id);
        assertTrue(masked.contains("***") && masked.contains("title"), masked);
        assertFalse(masked.contains("Koyaanisqatsi"), masked);
        String clear = shop.cli.data("failed", "show", "--clear", id);
        assertTrue(clear.contains("Koyaanisqatsi") && clear.contains("insert"), clear);
        assertEquals(
                "Koyaanisqatsi",
                shop.cli
                        .json("failed", "show", "--clear", id)
                        .get(0)
                        .path("values")
                        .path("title")
                        .asString());
        assertTrue(shop.cli.refused(ExitCode.USER, "failed", "show", "0-0").contains("FAILED_EVENT_NOT_FOUND"));
        assertTrue(shop.cli.refused(ExitCode.USER, "failed", "show", "first").contains("FAILED_EVENT_ID"));
    }

    @Test
    void anExportIsALineAnEventInAFileForItsOwnerAlone() throws Exception {
        Path file = folder.resolve("failed.ndjson");
        shop.cli.data("failed", "export", "--clear", "-o", file.toString());
        List<String> lines = Files.readAllLines(file);
        assertEquals(4, lines.size());
        JsonNode last = JsonMapper.shared().readTree(lines.get(3));
        assertEquals("Qatsi", last.path("values").path("title").asString());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(shop.cli
                .refused(ExitCode.EXTERNAL, "failed", "export", "-o", file.toString())
                .contains("EXPORT_FAILED"));
        assertEquals(lines, Files.readAllLines(file), "an export has changed a file that was there");
        String masked = shop.cli.data("failed", "export", "--object", "public.film");
        assertEquals(4, masked.lines().count());
        assertFalse(masked.contains("Qatsi") || masked.contains("Lyndon"), masked);
    }

    @Test
    void theDestinationsWordsAreToldWithoutValuesButWithClear() throws Exception {
        shop.target.execute("ALTER TABLE public.film ADD CONSTRAINT one UNIQUE (title);"
                + " CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN RAISE EXCEPTION ''no %'', NEW.title; END';"
                + " CREATE TRIGGER refuse BEFORE INSERT ON public.film FOR EACH ROW WHEN (NEW.title = 'Rashomon')"
                + " EXECUTE FUNCTION public.refuse()");
        shop.source.execute("INSERT INTO film VALUES (6, 'Heat'), (7, 'Rashomon')");
        shop.catchUp();
        List<String> ids = ids();
        List<String> told = new ArrayList<>(List.of(
                shop.cli.data("failed", "list"),
                shop.cli.data("failed", "list", "--events"),
                shop.cli.data("failed", "list", "--json"),
                shop.cli.data("failed", "export", "--all"),
                shop.cli.data("status", "--json")));
        StringBuilder clear = new StringBuilder();
        for (String id : ids) {
            told.add(shop.cli.data("failed", "show", id));
            clear.append(shop.cli.data("failed", "show", "--clear", id));
        }
        told.forEach(text -> assertFalse(text.contains("Heat") || text.contains("Rashomon"), text));
        assertTrue(told.get(2).contains("Key (title)=(***) already exists"), told.get(2));
        assertTrue(clear.indexOf("Key (title)=(Heat)") > 0 && clear.indexOf("no Rashomon") > 0, clear::toString);
    }

    @Test
    void whatIsSkippedIsGivenUpAndTheRestArrivesInOrderOnceItsCauseIsGone() throws Exception {
        List<String> ids = ids();
        assertTrue(shop.cli.refused(ExitCode.USER, "failed", "skip").contains("NOTHING_CHOSEN"));
        assertTrue(shop.cli.refused(ExitCode.USER, "failed", "replay").contains("NOTHING_CHOSEN"));
        assertTrue(shop.cli.talk("failed", "skip", ids.get(1)).contains("shop: 1 failed events are given up"));
        assertEquals(List.of(ids.get(0), ids.get(2), ids.get(3)), ids());
        assertTrue(shop.cli.data("failed", "list", "--given-up").contains("skipped"), shop.cli::out);
        shop.target.execute("ALTER TABLE public.film DROP CONSTRAINT short");
        JsonNode replayed = shop.cli.json("failed", "replay", "--all").get(0);
        assertTrue(replayed.path("events").asLong() > 0, replayed::toString);
        String loaded = "SELECT id, title FROM film WHERE id <> 4 ORDER BY id";
        shop.awaitEqual(loaded, FILMS);
        shop.await("nothing is parked", () -> ids().isEmpty());
        assertTrue(shop.cli.talk("failed", "list").contains("shop: no failed events"), shop.cli::err);
    }

    @Test
    void oneThatHasToWaitIsReplayedBehindWhatItWaitsFor() throws Exception {
        List<String> ids = ids();
        String shown = shop.cli.data("failed", "show", ids.get(3));
        assertTrue(shown.contains("For " + ids.get(0) + ", an earlier event of its key"), shown);
        String listed = shop.cli.data("failed", "list", "--events");
        assertTrue(listed.lines().skip(4).allMatch(line -> line.contains(ids.get(0))), listed);
        assertTrue(shop.cli.talk("failed", "replay", "0-0").contains("none of these is parked"), shop.cli::err);
        shop.target.execute("ALTER TABLE public.film DROP CONSTRAINT short");
        String told = shop.cli.talk("failed", "replay", ids.get(3));
        assertTrue(told.contains("shop: 1 failed events are tried again, behind 1 earlier ones"), told);
        shop.awaitEqual(FILMS, FILMS);
    }

    @Test
    void withoutAProcessTheFolderAnswersAndWhatIsAskedForCountsFromTheNextStart() throws Exception {
        List<String> ids = ids();
        String running = shop.cli.data("failed", "show", "--clear", ids.get(1));
        shop.stop();
        assertEquals(ids, ids());
        assertEquals(running, shop.cli.data("failed", "show", "--clear", ids.get(1)));
        assertEquals(4, shop.cli.data("failed", "export", "--all").lines().count());
        assertTrue(shop.cli.refused(ExitCode.USER, "failed", "skip").contains("NOTHING_CHOSEN"));
        assertTrue(shop.cli.refused(ExitCode.USER, "failed", "show", "0-0").contains("FAILED_EVENT_NOT_FOUND"));
        assertTrue(shop.cli.talk("failed", "skip", ids.get(1)).contains("shop: 1 failed events are given up"));
        shop.target.execute("ALTER TABLE public.film DROP CONSTRAINT short");
        String told = shop.cli.talk("failed", "replay", ids.get(3));
        assertTrue(told.contains("1 failed events are tried again from the next start on, behind 1 earlier"), told);
        shop.start("failed: {stopAtRate: never}");
        shop.awaitEqual("SELECT id, title FROM film WHERE id <> 4 ORDER BY id", FILMS);
    }

    @Test
    void withoutAProcessTheKeyMayBeChanged() throws Exception {
        shop.stop();
        Path keys = folder.resolve("data").resolve("keys");
        byte[] before = Files.readAllBytes(keys);
        assertTrue(shop.cli.talk("failed", "rotate-key").contains("from the next start on"));
        assertNotEquals(before.length, Files.readAllBytes(keys).length);
        String clear = shop.cli.data("failed", "show", "--clear", ids().get(1));
        assertTrue(clear.contains("Apocalypse Now"), clear);
        Path none = folder.resolve("none");
        assertTrue(shop.cli
                .refused(ExitCode.EXTERNAL, "failed", "list", "--data", none.toString())
                .contains("NOT_RUNNING"));
    }

    private List<String> ids() {
        return shop.cli.json("failed", "list").get(0).path("events").findValuesAsString("id");
    }
}
