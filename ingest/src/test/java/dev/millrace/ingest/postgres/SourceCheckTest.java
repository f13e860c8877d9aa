package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.Finding.Status;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SourceCheckTest {
    private static Map<String, Finding> byProbe(List<Finding> findings) {
        return findings.stream().collect(Collectors.toMap(Finding::probe, Function.identity()));
    }

    @Test
    void aGoodSourcePassesEveryProbe() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            List<Finding> findings =
                    new PostgresSource(Reading.connections(database).settings()).check(List.of("public.*"));
            assertEquals(
                    List.of(
                            "resolve",
                            "connect",
                            "TLS",
                            "log in",
                            "version",
                            "tables",
                            "privileges",
                            "replication",
                            "wal_level",
                            "free slots",
                            "free senders",
                            "publication"),
                    findings.stream().map(Finding::probe).toList());
            for (Finding finding : findings) {
                Status expected = finding.probe().equals("TLS") ? Status.WARNING : Status.OK;
                assertEquals(expected, finding.status(), finding.toString());
            }
            assertEquals(List.of(), database.rows("SELECT pubname FROM pg_publication"), "a check changes nothing");
        }
    }

    @Test
    void thePoorUsersFindingsCarryTheStatementsThatRepairThem() throws Exception {
        String user = "poor" + System.nanoTime();
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY); CREATE SCHEMA s; CREATE TABLE s.\"U u\" (id int PRIMARY KEY); CREATE ROLE "
                            + user + " LOGIN");
            PostgresSource poor =
                    new PostgresSource(Reading.connections(database, user).settings());
            Map<String, Finding> before = byProbe(poor.check(List.of("public.t", "s.*")));
            assertEquals("PRIVILEGE_MISSING", before.get("privileges").code());
            assertEquals("REPLICATION_MISSING", before.get("replication").code());
            assertEquals(
                    "PUBLICATION_PRIVILEGE_MISSING", before.get("publication").code());
            MillraceException refused =
                    assertThrows(MillraceException.class, () -> poor.prepare(List.of(new TableName("public", "t"))));
            assertEquals("PRIVILEGE_MISSING", refused.code(), refused.getMessage());

            database.execute(before.get("privileges").remedy());
            database.execute(before.get("replication").remedy());
            MillraceException unpublished =
                    assertThrows(MillraceException.class, () -> poor.prepare(List.of(new TableName("public", "t"))));
            assertEquals("PUBLICATION_PRIVILEGE_MISSING", unpublished.code(), unpublished.getMessage());
            assertTrue(unpublished.remedy().contains("CREATE PUBLICATION"), unpublished.remedy());
            database.execute(before.get("publication").remedy().replace("As a superuser: ", ""));
            for (Finding finding : poor.check(List.of("public.t", "s.*"))) {
                assertTrue(finding.status() == Status.OK || finding.probe().equals("TLS"), finding.toString());
            }
            poor.prepare(List.of(new TableName("public", "t"), new TableName("s", "U u")));
            database.execute(
                    "SELECT pg_drop_replication_slot('millrace_test'); DROP OWNED BY " + user + "; DROP ROLE " + user);
        }
    }

    @Test
    void whatComesAfterAFailureIsSkippedAndSaysWhy() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            List<Finding> findings =
                    new PostgresSource(Reading.connections(database, "nobody").settings()).check(List.of("t"));
            assertEquals("LOGIN_FAILED", byProbe(findings).get("log in").code());
            assertEquals(Status.SKIPPED, byProbe(findings).get("publication").status());
            assertEquals(12, findings.size(), findings.toString());
        }
    }

    @Test
    void tablesWithoutAKeyAndMissingOnesAreTold() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE films (id int PRIMARY KEY); CREATE TABLE log (v text)");
            PostgresSource source =
                    new PostgresSource(Reading.connections(database).settings());
            Finding tables = byProbe(source.check(List.of("public.*"))).get("tables");
            assertEquals("TABLE_WITHOUT_KEY", tables.code());
            assertTrue(tables.remedy().contains("ALTER TABLE public.log REPLICA IDENTITY FULL"), tables.remedy());
            Finding missing = byProbe(source.check(List.of("public.film"))).get("tables");
            assertEquals("OBJECT_NOT_FOUND", missing.code());
            assertEquals("Did you mean public.films?", missing.remedy());
        }
    }

    @Test
    void patternsChooseAndExclude() {
        List<TableName> present = List.of(
                new TableName("public", "film"),
                new TableName("public", "film_actor"),
                new TableName("public", "a.b"),
                new TableName("shop", "film"),
                new TableName("shop", "x*y"));
        assertEquals("[public.film, shop.film]", choose(present, "film", "shop.film"));
        assertEquals("[public.a.b, public.film_actor]", choose(present, "public.*", "!public.film"));
        assertEquals("[public.film, shop.film]", choose(present, "*.fi*m"));
        assertEquals("[public.a.b]", choose(present, "public.\"a.b\""));
        assertEquals("[shop.x*y]", choose(present, "shop.\"x*y\""));
        assertEquals(
                "OBJECT_NOT_FOUND",
                assertThrows(MillraceException.class, () -> choose(present, "*.*", "!*.*"))
                        .code());
        assertEquals(
                "OBJECT_NOT_FOUND",
                assertThrows(MillraceException.class, () -> choose(present, "shop.none"))
                        .code());
        for (String malformed : List.of("a.b.c", "", "a.", "\"open", "\"a\"b", "!")) {
            assertEquals(
                    "OBJECT_NAME_MALFORMED",
                    assertThrows(MillraceException.class, () -> choose(present, malformed), malformed)
                            .code());
        }
    }

    private static String choose(List<TableName> present, String... patterns) {
        return new ObjectPatterns(List.of(patterns)).choose(present).toString();
    }

    @Test
    void discoveredObjectsHaveTheColumnsTheirEventsHave() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED, n numeric(8,2))");
            try (Following following = Following.of(database, "t")) {
                database.execute("INSERT INTO t VALUES (1, 'x', DEFAULT, 1)");
                assertEquals(List.of("INSERT t(1, x, 1.00)"), following.drain());
                SourceObject object = following.source.select(List.of("t")).get(0);
                assertEquals(following.schemas.get(object.table()).columns(), object.columns());
                assertEquals(List.of(List.of("1", "x", "1.00")), following.source.preview(object.table(), 5));
            }
        }
    }
}
