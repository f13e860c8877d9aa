package dev.millrace.consume.postgres;

import static dev.millrace.consume.destination.TestTable.field;
import static dev.millrace.consume.destination.TestTable.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TestLoad;
import dev.millrace.consume.destination.TestTable;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong is named, put into its class, and leaves nothing half done. */
class PostgresFailuresTest {
    private static final DataType LONG = DataType.of(Type.LONG);
    private static final DataType TEXT = DataType.of(Type.STRING);
    private static final TestTable FILMS =
            TestTable.of("films", key("id", LONG, 1), field("title", TEXT), field("day", DataType.of(Type.DATE)));

    private PostgresFixture fixture;

    @BeforeEach
    void open() {
        fixture = new PostgresFixture();
        window(fixture.open("p"), 1, transaction -> transaction.create(FILMS.target()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private interface Work {
        void in(LoadTransaction transaction);
    }

    private static void window(Destination opened, long logIndex, Work work) {
        try (Destination destination = opened) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                work.in(transaction);
                transaction.commit(logIndex);
            }
        }
    }

    private <T extends Exception> T fails(Class<T> type, Work work) {
        return assertThrows(type, () -> window(fixture.open("p"), 2, work));
    }

    @Test
    void aRefusedValueNamesTableColumnAndEvent() {
        for (boolean historical : new boolean[] {true, false}) {
            DataException failure = fails(DataException.class, transaction -> {
                TestLoad load = TestLoad.into(FILMS).upsert(1L, "fine", null).upsert(2L, "NUL \0 here", null);
                transaction.load(historical ? load.asHistorical() : load);
            });
            assertEquals("sales.films", failure.table());
            assertEquals("title", failure.column());
            assertTrue(failure.why().contains("NUL") && failure.why().contains("0/1:1"), failure.why());
        }
        assertEquals(List.of("0"), fixture.rows("SELECT count(*) FROM sales.films"));
    }

    @Test
    void whatTheServerRefusesNamesTableColumnAndEvent() {
        for (boolean historical : new boolean[] {true, false}) {
            DataException failure = fails(DataException.class, transaction -> {
                TestLoad load = TestLoad.into(FILMS)
                        .upsert(1L, "fine", null)
                        .delete(9L)
                        .upsert(2L, "late", LocalDate.of(5_880_000, 1, 1));
                transaction.load(
                        historical
                                ? TestLoad.into(FILMS)
                                        .asHistorical()
                                        .upsert(1L, "a", null)
                                        .upsert(3L, "b", null)
                                        .upsert(2L, "late", LocalDate.of(5_880_000, 1, 1))
                                : load);
            });
            assertEquals("day", failure.column());
            assertTrue(failure.why().contains("out of range") && failure.why().contains("0/1:2"), failure.why());
        }
    }

    @Test
    void aConstraintOfTheirsIsADataError() {
        fixture.execute("ALTER TABLE sales.films ALTER COLUMN title SET NOT NULL");
        DataException failure = fails(
                DataException.class,
                transaction -> transaction.load(TestLoad.into(FILMS).upsert(1L, null, null)));
        assertEquals("title", failure.column());
        fixture.execute("CREATE UNIQUE INDEX ON sales.films (title)");
        fails(
                DataException.class,
                transaction -> transaction.load(
                        TestLoad.into(FILMS).upsert(1L, "x", null).upsert(2L, "x", null)));
    }

    @Test
    void digitsThatWouldBeRoundedAwayAreRefused() {
        TestTable prices = TestTable.of(
                "prices",
                key("id", LONG, 1),
                field("price", DataType.decimal(0, 0)),
                field("at", DataType.of(Type.TIME)));
        TestTable narrow = TestTable.of(
                "prices",
                key("id", LONG, 1),
                field("price", DataType.decimal(6, 2)),
                field("at", DataType.time(Type.TIME, 3)));
        TestTable into = prices.into(narrow.target());
        window(fixture.open("p"), 2, transaction -> {
            transaction.create(narrow.target());
            transaction.load(TestLoad.into(into).upsert(1L, new BigDecimal("1.2300"), 1_000_000L));
        });
        DataException price = fails(
                DataException.class,
                transaction -> transaction.load(TestLoad.into(into).upsert(2L, new BigDecimal("1.239"), 0L)));
        assertEquals("price", price.column());
        DataException time = fails(
                DataException.class,
                transaction -> transaction.load(TestLoad.into(into).upsert(2L, null, 1_000L)));
        assertEquals("at", time.column());
        DataException beyond = fails(
                DataException.class,
                transaction -> transaction.load(TestLoad.into(into).upsert(2L, null, 86_401_000_000_000L)));
        assertTrue(beyond.why().contains("24:00"), beyond.why());
    }

    @Test
    void aDroppedTableIsTheUsersToMend() {
        fixture.execute("DROP TABLE sales.films");
        MillraceException failure = fails(
                MillraceException.class,
                transaction -> transaction.load(TestLoad.into(FILMS).upsert(1L, "x", null)));
        assertEquals("TABLE_CHANGED_OUTSIDE", failure.code());
        assertEquals(Category.USER, failure.category());
    }

    @Test
    void aTableWithoutItsKeySaysSo() {
        fixture.execute("ALTER TABLE sales.films DROP CONSTRAINT films_pkey");
        MillraceException failure = fails(
                MillraceException.class,
                transaction -> transaction.load(TestLoad.into(FILMS).upsert(1L, "x", null)));
        assertEquals("KEY_MISSING", failure.code());
    }

    @Test
    void aViewInTheWayOfAChangeSaysSo() {
        fixture.execute("CREATE VIEW sales.v AS SELECT day FROM sales.films");
        TestTable wider = TestTable.of("films", key("id", LONG, 1), field("title", TEXT), field("day", TEXT));
        MillraceException failure = fails(
                MillraceException.class, transaction -> transaction.widenColumn(FILMS.target(), wider.column("day")));
        assertEquals("CHANGE_REFUSED", failure.code());
        assertTrue(failure.why().contains("view"), failure.why());
    }

    @Test
    void aLockThatIsHeldIsWaitedForWithinBounds() throws Exception {
        try (Connection other = fixture.database().connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE sales.films IN ACCESS EXCLUSIVE MODE");
            MillraceException failure = assertThrows(
                    MillraceException.class,
                    () -> window(
                            fixture.open("p", Map.of("lockTimeout", Duration.ofMillis(200))),
                            2,
                            transaction -> transaction.load(TestLoad.into(FILMS).upsert(1L, "x", null))));
            assertEquals("LOCK_NOT_AVAILABLE", failure.code());
            assertEquals(Category.EXTERNAL, failure.category());
        }
    }

    @Test
    void missingPrivilegesAreNamedWithTheStatementThatGrantsThem() {
        String role = "weak_" + fixture.database().database();
        fixture.execute("CREATE ROLE " + role + " LOGIN; REVOKE ALL ON DATABASE "
                + fixture.database().database() + " FROM public;" + " GRANT CONNECT ON DATABASE "
                + fixture.database().database() + " TO " + role);
        try (Destination destination = fixture.open("q", Map.of("user", role))) {
            MillraceException failure = assertThrows(MillraceException.class, destination::claim);
            assertEquals("PRIVILEGE_MISSING", failure.code());
            assertEquals(Category.USER, failure.category());
            List<Finding> findings = destination.check();
            assertEquals(Finding.Status.OK, finding(findings, "log in").status());
            assertEquals(
                    "GRANT TEMPORARY ON DATABASE \"" + fixture.database().database() + "\" TO \"" + role + "\";",
                    finding(findings, "temporary tables").remedy());
            assertEquals(
                    "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"" + role + "\";",
                    finding(findings, "schema").remedy());
            assertEquals(Finding.Status.FAILED, finding(findings, "position").status());
            for (Finding finding : findings) {
                if (finding.status() == Finding.Status.FAILED) {
                    fixture.execute(finding.remedy());
                }
            }
            assertEquals(
                    Finding.Status.WARNING,
                    finding(destination.check(), "schema").status());
            fixture.execute(finding(destination.check(), "schema").remedy());
            assertEquals(
                    Finding.Status.OK, finding(destination.check(), "schema").status());
            destination.claim();
        } finally {
            fixture.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
        }
    }

    @Test
    void aReadOnlyServerSaysSo() {
        fixture.execute("ALTER DATABASE " + fixture.database().database() + " SET default_transaction_read_only = on");
        try (Destination destination = fixture.open("p")) {
            MillraceException failure = assertThrows(MillraceException.class, destination::claim);
            assertEquals("DESTINATION_READ_ONLY", failure.code());
            assertEquals(Category.USER, failure.category());
            Finding writable = finding(destination.check(), "writable");
            assertEquals(Finding.Status.FAILED, writable.status());
            assertEquals(
                    Finding.Status.SKIPPED,
                    finding(destination.check(), "schema").status());
        }
    }

    @Test
    void aCheckStopsAtWhatFails() {
        try (Destination destination = fixture.open("p")) {
            assertTrue(
                    destination.check().stream()
                            .allMatch(finding -> finding.status() == Finding.Status.OK
                                    || finding.code().equals("TLS_OFF")),
                    destination.check().toString());
        }
        assertEquals("HOST_UNKNOWN", failed(Map.of("host", "nowhere.invalid")).code());
        assertEquals("connect", failed(Map.of("port", 1L)).probe());
        assertEquals("DATABASE_NOT_FOUND", failed(Map.of("database", "nowhere")).code());
        assertEquals(
                "LOGIN_FAILED",
                failed(Map.of("user", "nobody", "password", new Secret("wrong")))
                        .code());
        assertEquals("TLS", failed(Map.of("sslMode", "require")).probe());
    }

    private Finding failed(Map<String, Object> settings) {
        try (Destination destination = fixture.open("p", settings)) {
            List<Finding> findings = destination.check();
            assertEquals(9, findings.size(), findings.toString());
            List<Finding> failed = findings.stream()
                    .filter(finding -> finding.status() == Finding.Status.FAILED)
                    .toList();
            assertEquals(1, failed.size(), findings.toString());
            return failed.get(0);
        }
    }

    private static Finding finding(List<Finding> findings, String probe) {
        return findings.stream()
                .filter(finding -> finding.probe().equals(probe))
                .findFirst()
                .orElseThrow();
    }
}
