package dev.millrace.app.fault.network;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.fault.FaultFamily;
import dev.millrace.app.fault.Ledger;
import dev.millrace.app.fault.Stage;
import dev.millrace.app.fault.Trial;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Both databases by themselves and by their administrators: killed and restarted in mid-transaction, sessions ended, slot dropped or taken,
 * publication changed, tables dropped, altered and locked, privileges, passwords and limits changed, time-outs set, servers read-only. One
 * process outlives a row of them: what passes by itself is got over by itself, what somebody has to undo is named and got over once it is
 * undone, what needs Millrace to begin again is named with the command, and that works.
 */
public final class Databases implements FaultFamily {
    private static final String READER = "reader";
    private static final String LOADER = "loader";
    private static final String SECRET = "pass-3f9c";
    private static final long SECONDS = Stage.SECONDS;
    private static final List<Scenario> SCENARIOS = List.of(
            Databases::destinationKilled,
            Databases::destinationTableLocked,
            Databases::sourceKilled,
            Databases::sessionsEnded,
            Databases::destinationReadOnly,
            Databases::timeOutsOfRoles,
            Databases::insertRevoked,
            Databases::selectRevokedUnderALoad,
            Databases::passwordChanged,
            Databases::connectionLimit,
            Databases::tableLeftThePublication,
            Databases::publicationDropped,
            Databases::destinationTableAltered,
            Databases::replicationRevoked,
            Databases::slotTaken,
            Databases::destinationTableDropped,
            Databases::slotDropped);

    /** Those of the short form: what passes by itself, in mid-transaction, and what begins again. */
    private static final List<Integer> SHORT = List.of(2, 16);

    @FunctionalInterface
    private interface Scenario {
        void play(Scene scene) throws Exception;
    }

    /** What a scenario has to play with. */
    private record Scene(Stage stage, Ends ends, Running running, Ledger ledger, String pipeline) {
        void onSource(String sql) throws SQLException {
            ends.source().execute(sql);
        }

        void onTarget(String sql) throws SQLException {
            ends.target().execute(sql);
        }

        void getsOn() throws InterruptedException {
            ledger.awaitCommits(20, SECONDS);
            running.awaitGettingOn(SECONDS);
        }
    }

    /** The two servers, each the trial's own. */
    private record Ends(
            TestPostgres sourceServer, TestPostgres targetServer, TestDatabase source, TestDatabase target) {}

    @Override
    public String name() {
        return "databases";
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 2 * SCENARIOS.size() : 1;
    }

    /** Trial 0 plays some behind one another, the others each with two by chance. */
    @Override
    public void run(Trial trial) throws Exception {
        List<Integer> places = trial.longForm() || trial.number() > 0
                ? List.of(
                        trial.number() % SCENARIOS.size(),
                        trial.random().nextInt(SCENARIOS.size()),
                        trial.random().nextInt(SCENARIOS.size()))
                : SHORT;
        Map<String, String> settings = Map.of("wal_sender_timeout", "5s");
        try (TestPostgres sourceServer = TestPostgres.start(settings);
                TestPostgres targetServer = TestPostgres.start(Map.of());
                TestDatabase source = sourceServer.createDatabase();
                TestDatabase target = targetServer.createDatabase();
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(1_000);
            prepare(source, target);
            Stage stage = new Stage(trial.folder(), as(source, READER), as(target, LOADER))
                    .settings(
                            "connectTimeout: 5s, peerTimeout: 3s, lockTimeout: 5s",
                            "connectTimeout: 5s, peerTimeout: 3s, lockTimeout: 2s")
                    .write();
            ledger.start();
            try (Running running = Running.of(stage, stage.run(""))) {
                Scene scene = new Scene(
                        stage,
                        new Ends(sourceServer, targetServer, source, target),
                        running,
                        ledger,
                        "fault-" + source.database().replaceAll("[^a-z0-9]", ""));
                running.await("has loaded all", SECONDS, Running.View::allFollowing);
                for (int place : places) {
                    try {
                        SCENARIOS.get(place).play(scene);
                    } catch (AssertionError | SQLException e) {
                        throw new AssertionError("scenario " + place + ": " + e.getMessage(), e);
                    }
                    trial.tally().add("faults", 1);
                }
                ledger.stop();
                assertFalse(running.hasLogged(SECRET), "a secret is in the log");
                running.stop();
            }
            stage.finish();
            new Stage(trial.folder(), source, target).compare(ledger);
        }
    }

    /** Users with no more than the README says they need. */
    private static void prepare(TestDatabase source, TestDatabase target) throws SQLException, IOException {
        source.execute("CREATE ROLE %s LOGIN REPLICATION PASSWORD '%s'".formatted(READER, SECRET));
        source.execute("GRANT CREATE ON DATABASE %s TO %s; GRANT USAGE ON SCHEMA public TO %s; GRANT %s TO CURRENT_USER"
                .formatted(source.database(), READER, READER, READER));
        for (String table : Ledger.OBJECTS.split(", ")) {
            source.execute("ALTER TABLE %s OWNER TO %s".formatted(table, READER));
        }
        target.execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(LOADER, SECRET));
        target.execute("GRANT CREATE, TEMPORARY ON DATABASE %s TO %s; GRANT USAGE, CREATE ON SCHEMA public TO %s"
                .formatted(target.database(), LOADER, LOADER));
        requirePassword(source, READER);
        requirePassword(target, LOADER);
    }

    /** The test servers trust everybody who comes from this machine. */
    private static void requirePassword(TestDatabase database, String user) throws SQLException, IOException {
        Path rules = Path.of(database.rows("SHOW hba_file").get(0));
        String line = "host all %1$s all scram-sha-256\nhost replication %1$s all scram-sha-256\n".formatted(user);
        Files.writeString(rules, line + Files.readString(rules));
        database.execute("SELECT pg_reload_conf()");
    }

    private static TestDatabase as(TestDatabase database, String user) {
        return new TestDatabase(database.host(), database.port(), database.database(), user, SECRET);
    }

    private static void destinationKilled(Scene scene) throws Exception {
        for (boolean inGoodOrder : new boolean[] {false, true}) {
            if (inGoodOrder) {
                scene.ends.targetServer().stop();
            } else {
                scene.ends.targetServer().kill();
            }
            scene.running.awaitTrouble("RETRYING", SECONDS, "load: ");
            long read = scene.running.look().read();
            scene.running.await("goes on reading while the destination is away", SECONDS, view -> view.read() > read);
            scene.ends.targetServer().start();
            scene.getsOn();
        }
    }

    private static void sourceKilled(Scene scene) throws Exception {
        scene.ends.sourceServer().kill();
        scene.running.awaitTrouble("RETRYING", SECONDS, "ingest: ");
        scene.ends.sourceServer().start();
        scene.getsOn();
    }

    private static void sessionsEnded(Scene scene) throws Exception {
        sessionsEnded(scene.ends);
        scene.getsOn();
    }

    private static void sessionsEnded(Ends ends) throws SQLException {
        String ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'";
        ends.source().execute(ended.formatted(READER));
        ends.target().execute(ended.formatted(LOADER));
    }

    /** Longer than lockTimeout and peerTimeout: it is no dead server, and the source is read meanwhile. */
    private static void destinationTableLocked(Scene scene) throws Exception {
        try (Connection other = scene.ends.target().connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE public.accounts IN ACCESS EXCLUSIVE MODE");
            String reason = scene.running.awaitTrouble("RETRYING", SECONDS, "load: ");
            assertTrue(reason.contains("lock"), reason);
            long read = scene.running.look().read();
            scene.running.await("goes on reading", SECONDS, view -> view.read() > read);
        }
        scene.getsOn();
    }

    private static void destinationReadOnly(Scene scene) throws Exception {
        scene.onTarget("ALTER ROLE %s SET default_transaction_read_only = on".formatted(LOADER));
        scene.onTarget("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'".formatted(LOADER));
        scene.running.awaitTrouble("FAILED", SECONDS, "default_transaction_read_only");
        scene.onTarget("ALTER ROLE %s RESET default_transaction_read_only".formatted(LOADER));
        scene.getsOn();
    }

    /** What a role has set is no concern of ours. */
    private static void timeOutsOfRoles(Scene scene) throws Exception {
        for (Map.Entry<TestDatabase, String> end :
                Map.of(scene.ends.source(), READER, scene.ends.target(), LOADER).entrySet()) {
            for (String name : end.getKey()
                    .rows(
                            "SELECT name FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',"
                                    + " 'idle_in_transaction_session_timeout', 'transaction_timeout', 'idle_session_timeout')")) {
                end.getKey().execute("ALTER ROLE %s SET %s = '800ms'".formatted(end.getValue(), name));
            }
        }
        sessionsEnded(scene);
        scene.onSource("ALTER ROLE %s RESET ALL".formatted(READER));
        scene.onTarget("ALTER ROLE %s RESET ALL".formatted(LOADER));
    }

    private static void insertRevoked(Scene scene) throws Exception {
        scene.onTarget("REVOKE INSERT ON public.accounts FROM %s".formatted(LOADER));
        String reason = scene.running.awaitTrouble("FAILED", SECONDS, "permission denied", "accounts");
        assertTrue(reason.contains("GRANT"), reason);
        long read = scene.running.look().read();
        scene.running.await("goes on reading", SECONDS, view -> view.read() > read);
        assertFalse(scene.running.look().ready());
        scene.onTarget("GRANT INSERT ON public.accounts TO %s".formatted(LOADER));
        scene.getsOn();
    }

    private static void selectRevokedUnderALoad(Scene scene) throws Exception {
        scene.onSource("REVOKE SELECT ON accounts FROM %s".formatted(READER));
        scene.running.reload(scene.pipeline, "public.accounts");
        scene.running.awaitTrouble("FAILED", SECONDS, "accounts", "denied");
        scene.onSource("GRANT SELECT ON accounts TO %s".formatted(READER));
        scene.getsOn();
    }

    /** The destination's first: where nothing is read any more nothing is loaded, and its password asked for by nobody. */
    private static void passwordChanged(Scene scene) throws Exception {
        scene.onTarget("ALTER ROLE %s PASSWORD 'another'".formatted(LOADER));
        sessionsEnded(scene.ends);
        scene.running.awaitTrouble("FAILED", SECONDS, "load: ", "password");
        scene.onSource("ALTER ROLE %s PASSWORD 'another'".formatted(READER));
        sessionsEnded(scene.ends);
        scene.running.awaitTrouble("FAILED", SECONDS, "ingest: ", "load: ", "password");
        scene.onSource("ALTER ROLE %s PASSWORD '%s'".formatted(READER, SECRET));
        scene.onTarget("ALTER ROLE %s PASSWORD '%s'".formatted(LOADER, SECRET));
        scene.getsOn();
    }

    private static void connectionLimit(Scene scene) throws Exception {
        scene.onTarget("ALTER ROLE %s CONNECTION LIMIT 0".formatted(LOADER));
        scene.onTarget("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'".formatted(LOADER));
        scene.running.awaitTrouble("RETRYING", SECONDS, "too many connections");
        scene.onTarget("ALTER ROLE %s CONNECTION LIMIT -1".formatted(LOADER));
        scene.getsOn();
    }

    private static void tableLeftThePublication(Scene scene) throws Exception {
        String publication = scene.ends
                .source()
                .rows("SELECT DISTINCT pubname FROM pg_publication_tables WHERE tablename = 'accounts'")
                .get(0);
        scene.onSource("ALTER PUBLICATION %s DROP TABLE accounts".formatted(publication));
        scene.getsOn();
        String back = "SELECT count(*) FROM pg_publication_tables WHERE tablename = 'accounts'";
        scene.running.await(
                "takes it in again", SECONDS, view -> rows(scene, back).equals(List.of("1")));
        scene.running.await("has loaded it again", SECONDS, Running.View::allFollowing);
    }

    private static void publicationDropped(Scene scene) throws Exception {
        for (String publication : scene.ends.source().rows("SELECT pubname FROM pg_publication")) {
            scene.onSource("DROP PUBLICATION " + publication);
        }
        String held = "SELECT count(DISTINCT tablename) FROM pg_publication_tables";
        List<String> all = List.of(Integer.toString(Ledger.OBJECTS.split(", ").length));
        Running.View view = scene.running.view(
                "makes them again, or says why not",
                SECONDS,
                now -> now.state().equals("FAILED") || rows(scene, held).equals(all));
        if (view.state().equals("FAILED")) { // a server that can't read its changes without them
            String reason = scene.running.awaitTrouble("FAILED", SECONDS, "publication");
            assertTrue(reason.contains("millrace reload --all"), reason);
            scene.running.reload(scene.pipeline, "*");
        } else {
            for (String table : Ledger.OBJECTS.split(", ")) {
                scene.running.await(
                        "loads " + table + " again, and says so",
                        SECONDS,
                        now -> scene.running.hasLogged(
                                "Table " + table + " is loaded again: not all its changes were published until now"));
            }
        }
        scene.getsOn();
        scene.running.await("has loaded all again", SECONDS, Running.View::allFollowing);
    }

    private static void destinationTableAltered(Scene scene) throws Exception {
        scene.onTarget("ALTER TABLE public.accounts RENAME COLUMN owner TO possessor");
        scene.running.awaitParked(scene.pipeline, "public.accounts", "COLUMN_MISSING", SECONDS);
        scene.getsOn(); // the other tables
        scene.onTarget("ALTER TABLE public.accounts RENAME COLUMN possessor TO owner");
        scene.running.replayAll(scene.pipeline, SECONDS);
        scene.getsOn();
    }

    private static void destinationTableDropped(Scene scene) throws Exception {
        scene.onTarget("DROP TABLE public.savings");
        scene.running.awaitParked(scene.pipeline, "public.savings", "TABLE_MISSING", SECONDS);
        scene.getsOn(); // the other tables
        scene.running.reload(scene.pipeline, "public.savings");
        scene.running.awaitNoneParked(scene.pipeline, SECONDS);
        scene.running.await("has loaded it again", SECONDS, Running.View::allFollowing);
        scene.getsOn();
    }

    private static void replicationRevoked(Scene scene) throws Exception {
        scene.onSource("ALTER ROLE %s NOREPLICATION".formatted(READER));
        scene.onSource("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
        String reason = scene.running.awaitTrouble("FAILED", SECONDS, "ingest: ", "permission denied");
        assertTrue(reason.contains("REPLICATION"), reason);
        scene.onSource("ALTER ROLE %s REPLICATION".formatted(READER));
        scene.getsOn();
    }

    private static void slotTaken(Scene scene) throws Exception {
        String slot = scene.ends
                .source()
                .rows("SELECT slot_name FROM pg_replication_slots")
                .get(0);
        try (SlotThief thief = SlotThief.take(scene.ends.source(), slot, SECONDS)) {
            scene.running.await(
                    "says who has the slot",
                    SECONDS,
                    view -> thief.keeps()
                            && view.state().equals("RETRYING")
                            && view.reason().contains(slot)
                            && view.reason().contains("is streaming from it"));
        }
        scene.getsOn();
    }

    private static void slotDropped(Scene scene) throws Exception {
        String slot = scene.ends
                .source()
                .rows("SELECT slot_name FROM pg_replication_slots")
                .get(0);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!dropped(scene, slot)) {
            assertTrue(System.nanoTime() < end, "the slot can't be dropped");
        }
        String reason = scene.running.awaitTrouble("FAILED", SECONDS, "ingest: ", slot, "is not there");
        assertTrue(reason.contains("millrace reload --all"), reason);
        scene.running.reload(scene.pipeline, "*");
        scene.getsOn();
        scene.running.await("has loaded all again", SECONDS, Running.View::allFollowing);
    }

    private static boolean dropped(Scene scene, String slot) {
        try {
            scene.onSource("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
            scene.onSource("SELECT pg_drop_replication_slot('%s')".formatted(slot));
            return true;
        } catch (SQLException e) {
            if (e.getSQLState().equals("55006")) {
                return false; // Millrace was quicker
            }
            throw new AssertionError(e);
        }
    }

    private static List<String> rows(Scene scene, String sql) {
        try {
            return scene.ends.source().rows(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
