package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import dev.millrace.config.setting.Settings;
import dev.millrace.ingest.source.Source;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each thing that goes wrong is its own error, and the source is left as it was. */
class SourceErrorsTest {
    private static final List<TableName> T = List.of(new TableName("public", "t"));

    private static Source source(TestDatabase database, Map<String, Object> overrides) {
        Map<String, Object> values = new HashMap<>(Map.of(
                "host", database.host(),
                "port", (long) database.port(),
                "database", database.database(),
                "user", database.user(),
                "sslMode", "prefer",
                "mode", "logical",
                "connectTimeout", Duration.ofSeconds(5),
                "queryTimeout", Duration.ofSeconds(20),
                "lockTimeout", Duration.ofSeconds(2),
                "catchUpFrom", 64L << 20));
        values.put("peerTimeout", Duration.ofSeconds(20));
        values.putAll(overrides);
        return new PostgresConnector().open("test", new Settings(values));
    }

    private static MillraceException failure(
            String code, Category category, org.junit.jupiter.api.function.Executable action) {
        MillraceException failure = assertThrows(MillraceException.class, action);
        assertEquals(code, failure.code(), failure.getMessage());
        assertEquals(category, failure.category(), failure.getMessage());
        assertFalse(failure.remedy().isEmpty(), failure.getMessage());
        return failure;
    }

    @Test
    void eachFailureToConnectHasItsOwnCode() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            failure("HOST_UNKNOWN", Category.EXTERNAL, () -> source(database, Map.of("host", "no.such.host.invalid"))
                    .discover());
            int closed;
            try (ServerSocket socket = new ServerSocket(0)) {
                closed = socket.getLocalPort();
            }
            failure("CONNECTION_REFUSED", Category.EXTERNAL, () -> source(database, Map.of("port", (long) closed))
                    .discover());
            failure("DATABASE_NOT_FOUND", Category.USER, () -> source(database, Map.of("database", "nowhere"))
                    .discover());
            MillraceException login = failure("LOGIN_FAILED", Category.USER, () -> source(
                            database, Map.of("user", "nobody", "password", new Secret("s3cret")))
                    .discover());
            assertFalse(login.getMessage().contains("s3cret"));
            failure("TLS_FAILED", Category.USER, () -> source(database, Map.of("sslMode", "require"))
                    .discover());
        }
    }

    @Test
    void aServerThatNeverAnswersTimesOut() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Source source = source(
                    database,
                    Map.of(
                            "host",
                            "127.0.0.1",
                            "port",
                            (long) silent.getLocalPort(),
                            "sslMode",
                            "disable",
                            "connectTimeout",
                            Duration.ofSeconds(1)));
            failure("CONNECTION_TIMED_OUT", Category.EXTERNAL, source::discover);
        }
    }

    @Test
    void aSlotThatIsMissingOrTakenOrAheadOrForeignIsNeverMadeAnew() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Following following = Following.of(database, "t");
            PostgresSource second =
                    new PostgresSource(Reading.connections(database).settings());
            byte[] offset = following.offset;
            failure("SLOT_TAKEN", Category.EXTERNAL, () -> second.openStream(T, offset, following)
                    .close());
            failure("SLOT_TAKEN", Category.EXTERNAL, second::removeTraces);
            following.close();
            assertEquals(
                    List.of(),
                    database.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"));
            assertEquals(List.of(), database.rows("SELECT pubname FROM pg_publication"));
            failure("SLOT_MISSING", Category.USER, () -> second.openStream(T, offset, following)
                    .close());
            assertEquals(
                    List.of(),
                    database.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"));

            byte[] early = second.prepare(T);
            byte[] again = second.prepare(T);
            assertEquals(
                    StreamOffset.decode(early).end(),
                    StreamOffset.decode(again).end(),
                    "before the first acknowledgement it may be prepared again");
            database.execute("SET synchronous_commit = on; INSERT INTO t VALUES (1)");
            database.execute("SELECT pg_replication_slot_advance('millrace_test', pg_current_wal_lsn())");
            failure("SLOT_AHEAD", Category.USER, () -> second.openStream(T, early, following)
                    .close());
            second.removeTraces();

            database.execute("SELECT pg_create_logical_replication_slot('millrace_test', 'test_decoding')");
            failure("SLOT_NOT_OURS", Category.USER, () -> second.prepare(T));
        }
    }

    @Test
    void anotherServerOrTimelineIsRefused() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            try (Following following = Following.of(database, "t")) {
                StreamOffset offset = StreamOffset.decode(following.offset);
                byte[] elsewhere = new StreamOffset(
                                offset.end(), 0, 0, offset.timeline(), offset.systemId() + 1, new byte[0])
                        .encode();
                byte[] later = new StreamOffset(
                                offset.end(), 0, 0, offset.timeline() + 1, offset.systemId(), new byte[0])
                        .encode();
                failure("SOURCE_REPLACED", Category.USER, () -> following
                        .source
                        .openStream(T, elsewhere, following)
                        .close());
                failure(
                        "SOURCE_REPLACED",
                        Category.USER,
                        () -> following.source.openStream(T, later, following).close());
            }
        }
    }

    @Test
    void aLostSlotAndAServerOutOfSlotsAndAWrongWalLevelAreTold() throws Exception {
        try (TestPostgres server = TestPostgres.start(Map.of(
                        "max_replication_slots",
                        "1",
                        "max_slot_wal_keep_size",
                        "1MB",
                        "min_wal_size",
                        "32MB",
                        "max_wal_size",
                        "32MB"));
                TestDatabase database = server.createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Following following = Following.of(database, "t");
            byte[] offset = following.offset;
            database.terminate("SELECT active_pid FROM pg_replication_slots");
            MillraceException cut = following.readUntilLost();
            assertEquals(Category.EXTERNAL, cut.category(), cut.getMessage());
            for (int i = 0; i < 4; i++) {
                database.execute(
                        "SELECT pg_logical_emit_message(false, 'fill', repeat('x', 100000)); SELECT pg_switch_wal()");
            }
            database.execute("CHECKPOINT");
            failure(
                    "SLOT_LOST",
                    Category.USER,
                    () -> following.source.openStream(T, offset, following).close());
            failure("SLOT_LOST", Category.USER, () -> following.source.prepare(T));
            Source other = new PostgresConnector()
                    .open("other", Reading.connections(database).settings().values());
            failure("OUT_OF_SLOTS", Category.EXTERNAL, () -> ((PostgresSource) other).prepare(T));
            following.source.removeTraces();
        }
        try (TestPostgres server = TestPostgres.start(Map.of("wal_level", "replica"));
                TestDatabase database = server.createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            PostgresSource source =
                    new PostgresSource(Reading.connections(database).settings());
            failure("WAL_LEVEL", Category.USER, () -> source.prepare(T));
            assertTrue(source.check(List.of("t")).stream()
                    .anyMatch(finding -> finding.code().equals("WAL_LEVEL")
                            && finding.remedy().contains("ALTER SYSTEM")));
        }
    }

    @Test
    void aStreamGoesOnBehindItsOffsetAfterTheServerCrashed() throws Exception {
        try (TestPostgres server = TestPostgres.start(Map.of("fsync", "on"));
                TestDatabase database = server.createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            Following following = Following.of(database, "t");
            database.execute("INSERT INTO t VALUES (1)");
            assertEquals(List.of("INSERT t(1)"), following.drain());
            server.kill();
            assertEquals(Category.EXTERNAL, following.readUntilLost().category());
            assertEquals(
                    Category.EXTERNAL,
                    assertThrows(MillraceException.class, following::reopen).category());
            server.start();
            following.reopen();
            database.execute("INSERT INTO t VALUES (2)");
            assertEquals(List.of("INSERT t(2)"), following.drain());
            following.close();
        }
    }

    @Test
    void aDroppedPublicationIsMadeAgainAndItsTablesAreReadAgain() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            try (Following following = Following.of(database, "t")) {
                database.execute("INSERT INTO t VALUES (1)");
                following.drain();
                database.execute("DROP PUBLICATION millrace_test");
                following.reopen();
                assertEquals("[public.t]", following.contentChanged.keySet().toString());
                assertEquals(
                        List.of("t"),
                        database.rows("SELECT tablename FROM pg_publication_tables WHERE pubname = 'millrace_test'"));
            }
        }
    }

    @Test
    void aPublicationThatSomeoneChangesUnderTheStreamIsMendedAndItsTablesAreReadAgain() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)");
            try (Following following = Following.of(database, "t", "u")) {
                database.execute("INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)");
                following.drain();
                database.execute("ALTER PUBLICATION millrace_test DROP TABLE t");
                assertEquals(
                        "not all its changes were published until now",
                        following.awaitContentChanged("t").split("; ")[0]);
                assertEquals("[]", following.contentChanged.keySet().toString());
                assertEquals(
                        List.of("t", "u"),
                        database.rows(
                                "SELECT tablename FROM pg_publication_tables WHERE pubname = 'millrace_test' ORDER BY 1"));
                database.execute("INSERT INTO t VALUES (2)");
                assertEquals(List.of("INSERT t(2)"), following.drain());
                assertEquals("[]", following.contentChanged.keySet().toString(), "told once");
                database.execute("ALTER PUBLICATION millrace_test SET (publish = 'insert')");
                following.awaitContentChanged("t");
                assertEquals("[public.u]", following.contentChanged.keySet().toString());
            }
        }
    }

    @Test
    void aPublicationThatWasMadeAnewWhileNothingRanIsNoticed() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)");
            try (Following following = Following.of(database, "t", "u")) {
                database.execute("INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)");
                following.drain();
                following.reopen();
                assertEquals("[]", following.contentChanged.keySet().toString());
                database.execute("ALTER PUBLICATION millrace_test DROP TABLE t");
                database.execute("ALTER PUBLICATION millrace_test ADD TABLE t");
                following.reopen();
                assertEquals("[public.t]", following.contentChanged.keySet().toString());
            }
        }
    }

    @Test
    void aPublicationForAllTablesIsRefused() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION millrace_test FOR ALL TABLES");
            PostgresSource source =
                    new PostgresSource(Reading.connections(database).settings());
            failure("PUBLICATION_UNSUITABLE", Category.USER, () -> source.prepare(T));
        }
    }

    @Test
    void anInterruptedReadStops() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute("CREATE TABLE t (id int PRIMARY KEY)");
            try (Following following = Following.of(database, "t")) {
                Thread.currentThread().interrupt();
                assertThrows(InterruptedException.class, () -> following.read(1, 1));
                database.execute("INSERT INTO t VALUES (1)");
                assertEquals(List.of("INSERT t(1)"), following.drain());
            }
        }
    }

    @Test
    void aPeerThatIsNoDatabaseIsAConnectionFailure() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase();
                ServerSocket odd = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answerer = new Thread(() -> answerOddly(odd), "test-odd-server");
            answerer.start();
            Source source = source(
                    database, Map.of("host", "127.0.0.1", "port", (long) odd.getLocalPort(), "sslMode", "disable"));
            MillraceException failure = assertThrows(MillraceException.class, source::discover);
            assertEquals(Category.EXTERNAL, failure.category(), failure.getMessage());
            answerer.join(10_000);
        }
    }

    private static void answerOddly(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream()
                    .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aWriterIsLeftUsableWhenAMessageIsMalformed() {
        BatchWriter out = new BatchWriter();
        ChangeDecoder decoder = new ChangeDecoder(
                new Relations(
                        List.of(),
                        new CatalogueLink(new Connections(new PostgresSettings("test", new Settings(Map.of())))),
                        null),
                null,
                StreamOffset.at(0, 1, 1, new byte[0]));
        decoder.beginRead(out);
        byte[] insert = {'I', 0, 0, 0, 1, 'N', 0, 0};
        assertEquals(
                "STREAM_MALFORMED",
                assertThrows(MillraceException.class, () -> decoder.message(insert, 0, insert.length))
                        .code());
        assertEquals(0, out.eventCount());
    }
}
