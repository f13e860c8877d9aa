package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.setting.Secret;
import dev.millrace.storage.mask.Mask;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks and filters before the log: what arrives is masked, and the clear value is in no file, whatever happens. */
class BeforeLogTest {
    private static final String KEY = "a key of this test, long enough";
    private static final String CLEAR = "zqxhidden";
    private static final String OPEN = "vrbopenly";
    private static final String RULE = "filter: \"country in ('DE', AT) and age >= 18\", mask: {ssn: {keepFormat: \""
            + KEY + "\"}, email: {hmac: \"" + KEY + "\"}, phone: {keepLast: 4}, born: {redact: gone}}";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatArrivesIsMaskedAndFilteredAndTheClearValueIsInNoFile(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, duckdb ? null : target, "public.person", RULE)) {
            make(source);
            installation.start();
            installation.catchUp();
            assertNothingClear();
            change(source);
            installation.catchUp();
            assertNothingClear();
            assertTrue(holds(folder.resolve("data").resolve("log"), OPEN), "what isn't masked is found by this search");
            installation.stop();
            assertNothingClear();
            compare(installation, source);
        }
    }

    @Test
    void theClearValueIsInNoFileAfterAKillAtAnyStep() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, null, "public.person", RULE)) {
            make(source);
            Files.writeString(folder.resolve("millrace.yaml"), "web: {enabled: false}\n");
            for (String fault : List.of("MID_CHUNK:1", "AFTER_APPEND:1", "BEFORE_OFFSET:1", "MID_LOAD:1")) {
                source.execute("UPDATE person SET email = 'zqxhidden.%s@example.org'".formatted(fault.length()));
                try (MillraceProcess process =
                        MillraceProcess.start(folder, fault, "run", "--data", "data", "pipeline.yaml")) {
                    assertEquals(137, process.await(240), process::text);
                }
                assertNothingClear();
            }
            change(source);
            installation.start();
            installation.catchUp();
            installation.stop();
            assertNothingClear();
            compare(installation, source);
        }
    }

    @Test
    void aChangedRuleLoadsTheTableAgain() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase()) {
            make(source);
            try (Installation first =
                    installation(source, target, "public.*", "mask: {ssn: {hmac: \"" + KEY + "\"}}")) {
                first.start();
                first.catchUp();
                first.stop();
            }
            try (Installation second = installation(source, target, "public.*", RULE)) {
                second.start();
                second.catchUp();
                compare(second, source);
            }
        }
    }

    /** Whether another table keeps a rule makes no difference. */
    @ParameterizedTest
    @ValueSource(strings = {"logical", "logical, beforeLog: {public.other: {mask: {name: {keepLast: 1}}}}"})
    void aRemovedRuleLoadsTheTableAgainToo(String without) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase()) {
            make(source);
            source.execute("CREATE TABLE other (id int PRIMARY KEY, name text); INSERT INTO other VALUES (1, 'abc')");
            String both =
                    "logical, beforeLog: {public.person: {" + RULE + "}, public.other: {mask: {name: {keepLast: 1}}}}";
            String query = "SELECT ssn, email, phone, CAST(born AS text), age, open FROM public.person";
            try (Installation first = new Installation(folder, source, target, both, "onDelete: hard")) {
                first.start();
                first.catchUp();
                assertFalse(first.atDestination(query).equals(source.rows(query)));
                first.stop();
            }
            source.execute("UPDATE person SET email = 'b@example.org' WHERE open LIKE '%3'");
            try (Installation second = new Installation(folder, source, target, without, "onDelete: hard")) {
                second.start();
                second.catchUp();
                assertEquals(
                        source.rows(query).stream().sorted().toList(),
                        second.atDestination(query).stream().sorted().toList());
                assertEquals(
                        List.of(without.equals("logical") ? "abc" : "**c"),
                        second.atDestination("SELECT name FROM public.other"));
            }
        }
    }

    @Test
    void aRuleThatFitsNothingIsRefusedBeforeAnythingIsRead() throws Exception {
        assertRefused("BEFORE_LOG_OBJECT", "public.persons", RULE);
        assertRefused("BEFORE_LOG_COLUMN", "public.person", "mask: {mail: {keepLast: 4}}");
        assertRefused("BEFORE_LOG_KEY", "public.person", "mask: {ssn: {keepLast: 4}}");
        assertRefused("BEFORE_LOG_TYPE", "public.person", "filter: age = old");
        assertRefused("BEFORE_LOG_TYPE", "public.person", "mask: {payload: {keepLast: 4}}");
        assertRefused("BEFORE_LOG_COLUMN", "public.person", "filter: weight > 7");
    }

    /** The mask of its old name is then another column's, also for a process that is started behind it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMaskedColumnThatIsRenamedAndReplacedStopsThePipeline(boolean meanwhile) throws Exception {
        String rule = "mask: {email: {hmac: \"" + KEY + "\"}}";
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, null, "public.person", rule)) {
            source.execute("CREATE TABLE person (id int PRIMARY KEY, email text)");
            source.execute("INSERT INTO person VALUES (1, 'zqxhidden')");
            PipelineRuntime pipeline = installation.start();
            installation.catchUp();
            if (!meanwhile) {
                installation.stop();
            }
            source.execute("ALTER TABLE person RENAME email TO old; ALTER TABLE person ADD email text;"
                    + " UPDATE person SET email = old");
            if (!meanwhile) {
                pipeline = installation.start();
            }
            assertEquals("BEFORE_LOG_RENAMED", failure(pipeline));
            installation.stop();
            assertNothingClear();
        }
    }

    private static String failure(PipelineRuntime pipeline) {
        long end = System.nanoTime() + 240_000_000_000L;
        while (pipeline.failure().isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
        return ((MillraceException) pipeline.failure().orElseThrow()).code();
    }

    private void assertRefused(String code, String object, String rule) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, null, object, rule)) {
            make(source);
            PipelineRuntime pipeline = installation.start();
            assertEquals(code, failure(pipeline));
            installation.stop();
            assertFalse(holds(folder, OPEN), "a row was read");
        }
    }

    private Installation installation(TestDatabase source, TestDatabase target, String object, String rule)
            throws IOException {
        return new Installation(
                folder, source, target, "logical, beforeLog: {\"" + object + "\": {" + rule + "}}", "onDelete: hard");
    }

    private static void make(TestDatabase source) throws SQLException {
        source.execute("CREATE TABLE person (ssn text PRIMARY KEY, email text, phone varchar(40), born date, age int,"
                + " country char(3), open text, payload jsonb)");
        source.execute(
                "INSERT INTO person SELECT 'zqxhidden-' || i, 'zqxhidden' || i || '@example.org', '030 zqxhidden '"
                        + " || 1000 + i, '1990-01-01', i % 90, CASE i % 3 WHEN 0 THEN 'FR' WHEN 1 THEN 'DE' ELSE 'AT' END,"
                        + " 'vrbopenly' || i, '{}' FROM generate_series(1, 3000) i");
    }

    private static void change(TestDatabase source) throws SQLException {
        source.execute(
                "INSERT INTO person SELECT 'zqxhidden-new-' || i, NULL, NULL, NULL, 40, 'DE', 'vrbopenly new ' || i"
                        + " FROM generate_series(1, 50) i");
        source.execute("UPDATE person SET email = 'zqxhidden.changed@example.org' WHERE open LIKE '%7'");
        source.execute("UPDATE person SET country = 'FR' WHERE open LIKE '%1'");
        source.execute("UPDATE person SET country = 'DE', age = 50 WHERE open LIKE '%2'");
        source.execute("UPDATE person SET ssn = 'zqxhidden-moved' || open WHERE open LIKE '%3'");
        source.execute("DELETE FROM person WHERE open LIKE '%4'");
        source.execute("ALTER TABLE person ADD COLUMN note text; UPDATE person SET note = open WHERE open LIKE '%5'");
    }

    private static void compare(Installation installation, TestDatabase source) throws SQLException {
        Mask ssn = Mask.of(new Masking.KeepFormat(new Secret(KEY)));
        Mask email = Mask.of(new Masking.Hmac(new Secret(KEY)));
        Mask phone = Mask.of(new Masking.KeepLast(4));
        List<String> expected = new ArrayList<>();
        String passing = " FROM person WHERE country IN ('DE', 'AT') AND age >= 18 ORDER BY open";
        List<String> ssns = source.rows("SELECT ssn" + passing);
        List<String> emails = source.rows("SELECT coalesce(email, '')" + passing);
        List<String> phones = source.rows("SELECT coalesce(phone, '')" + passing);
        List<String> rest = source.rows("SELECT age, open, CASE WHEN born IS NULL THEN '' ELSE 'gone' END" + passing);
        for (int i = 0; i < ssns.size(); i++) {
            expected.add(String.join(
                    "|",
                    ssn.mask(ssns.get(i)),
                    emails.get(i).isEmpty() ? "" : email.mask(emails.get(i)),
                    phones.get(i).isEmpty() ? "" : phone.mask(phones.get(i)),
                    rest.get(i)));
        }
        assertFalse(expected.isEmpty());
        String query = "SELECT ssn, coalesce(email, ''), coalesce(phone, ''), age, open, coalesce(born, '')"
                + " FROM public.person";
        assertEquals(
                expected.stream().sorted().toList(),
                installation.atDestination(query).stream().sorted().toList());
    }

    private void assertNothingClear() throws IOException {
        assertFalse(holds(folder, CLEAR), "a clear value is in a file");
    }

    /** Whether any file below holds the text; those that vanish meanwhile don't. */
    private static boolean holds(Path folder, String text) throws IOException {
        boolean[] found = {false};
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    found[0] |= new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
                } catch (NoSuchFileException e) {
                    return FileVisitResult.CONTINUE; // its content went with it
                }
                return found[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                if (e == null || e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return found[0];
    }
}
