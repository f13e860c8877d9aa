package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Disks run full under a running pipeline, each of those it needs in turn: the one of its data folder (down to its reserve, down to the last
 * byte, and before it starts) and the destination's (DuckDB's file, PostgreSQL's table space). It says which disk, waits, and goes on by
 * itself when there is room again; nothing is lost and no figure counts a row twice.
 */
final class FullDisks implements FaultFamily {
    private static final int ROWS = 3_000;
    private static final int MORE_ROWS = 40_000;

    @Override
    public String name() {
        return "full";
    }

    @Override
    public Optional<String> unavailable() {
        return DiskMount.memoryUnavailable();
    }

    @Override
    public int trials(boolean longForm) {
        return longForm ? 30 : 1;
    }

    @Override
    public void run(Trial trial) throws Exception {
        switch (trial.longForm() ? trial.number() % 5 : (trial.number() + 1) % 5) { // the short form: the last byte
            case 0 -> duckdb(trial);
            case 1 -> lastByte(trial);
            case 2 -> reserve(trial);
            case 3 -> beforeStart(trial);
            default -> postgres(trial);
        }
        trial.tally().add("full disks", 1);
    }

    /** The DuckDB file's disk is too small for the historical load, and full again while changes stream. */
    private static void duckdb(Trial trial) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                DiskMount disk = DiskMount.inMemory(trial.folder(), "2M");
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, null)
                    .on(trial.folder(), disk.folder())
                    .write();
            destinationFull(trial, stage, ledger, disk);
        }
    }

    /** The same with a PostgreSQL whose tables lie on the small disk. */
    private static void postgres(Trial trial) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                DiskMount disk = DiskMount.inMemory(trial.folder(), "300K");
                TestPostgres server = TestPostgres.start(java.util.Map.of());
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            TestDatabase target = server.createDatabase();
            Path space = Files.createDirectory(disk.folder().resolve("space"));
            outsideTransaction(target, "CREATE TABLESPACE small LOCATION '" + space + "'");
            target.execute("ALTER DATABASE " + target.database() + " SET default_tablespace = small");
            Stage stage = new Stage(trial.folder(), source, target).write();
            destinationFull(trial, stage, ledger, disk);
        }
    }

    private static void outsideTransaction(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void destinationFull(Trial trial, Stage stage, Ledger ledger, DiskMount disk) throws Exception {
        stage.source().execute("CREATE TABLE more (id int PRIMARY KEY, body text)");
        stage.objects(Ledger.OBJECTS + ", public.more").write();
        try (MillraceProcess process = stage.run("")) {
            StatusPage page = new StatusPage(stage, process);
            JsonNode stuck = page.await("a full destination", FullDisks::retries);
            assertTrue(stuck.path("reason").asString().contains("space"), stuck::toString);
            assertTrue(page.ready());
            disk.resize("96M");
            JsonNode loaded = page.await("loaded", node -> goesOn(node) && settled(node));
            long rows = ledger.tables().stream()
                    .mapToLong(table -> table.rows().size())
                    .sum();
            assertEquals(rows, loaded.path("rowsLoaded").asLong(), loaded::toString);
            for (int more = 0; more < (trial.longForm() ? 3 : 1); more++) {
                fill(disk);
                insert(stage, more);
                page.await("a full destination again", FullDisks::retries);
                Files.delete(ballast(disk));
                loaded = page.await("loaded again", node -> goesOn(node) && settled(node));
                rows += MORE_ROWS;
                assertEquals(rows, loaded.path("rowsLoaded").asLong(), loaded::toString);
            }
            fill(disk);
            ledger.start();
            page.await("a full destination under changes", FullDisks::retries);
            disk.resize("512M");
            page.await("streaming on", FullDisks::goesOn);
            ledger.stop();
        }
        stage.finish();
        stage.compare(ledger);
    }

    private static void insert(Stage stage, int round) throws SQLException {
        stage.source()
                .execute(
                        "INSERT INTO more SELECT id, (SELECT string_agg(md5(id::text || part), '') FROM generate_series(1, 8) part)"
                                + " FROM generate_series(" + round * MORE_ROWS + ", " + ((round + 1) * MORE_ROWS - 1)
                                + ") id");
    }

    /** Only what has to stay free is left: the pipeline reads no further. */
    private static void reserve(Trial trial) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                DiskMount disk = DiskMount.inMemory(trial.folder(), "256M");
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, target)
                    .on(disk.folder(), trial.folder())
                    .installation("log: {minFreeDisk: 64MB}")
                    .write();
            ledger.start();
            try (MillraceProcess process = stage.run("")) {
                StatusPage page = new StatusPage(stage, process);
                page.await("streaming", node -> node.path("rowsLoaded").asLong() > ROWS);
                leave(disk, 60L << 20);
                JsonNode stuck = page.await("a full data folder", FullDisks::retries);
                assertTrue(stuck.path("reason").asString().contains("bytes free"), stuck::toString);
                assertTrue(page.ready());
                long before = PowerCuts.confirmed(stage);
                Files.delete(ballast(disk));
                page.await("streaming on", FullDisks::goesOn);
                PowerCuts.awaitConfirmedBeyond(stage, before, process);
                ledger.stop();
            }
            stage.finish();
            stage.compare(ledger);
        }
    }

    /** Something else takes all the room there is, the reserve too; where the destination is DuckDB, of its file as well. */
    private static void lastByte(Trial trial) throws Exception {
        boolean duckdb = trial.random().nextBoolean();
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                DiskMount disk = DiskMount.inMemory(trial.folder(), "400M");
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(ROWS);
            Stage stage = new Stage(trial.folder(), source, duckdb ? null : target)
                    .on(disk.folder(), disk.folder())
                    .installation("log: {minFreeDisk: 8MB}")
                    .write();
            ledger.start();
            try (MillraceProcess process = stage.run("")) {
                StatusPage page = new StatusPage(stage, process);
                page.await("streaming", node -> node.path("rowsLoaded").asLong() > ROWS);
                fill(disk);
                page.await("a full data folder", FullDisks::retries);
                assertEquals(-1, process.awaitMillis(trial.longForm() ? 3_000 : 1_000), process::text);
                long before = PowerCuts.confirmed(stage);
                Files.delete(ballast(disk));
                page.await("streaming on", FullDisks::goesOn);
                PowerCuts.awaitConfirmedBeyond(stage, before, process);
            }
            ledger.stop();
            stage.finish();
            stage.compare(ledger);
        }
    }

    /** The data folder's disk is full already: the start is refused in plain words, and goes well when there is room. */
    private static void beforeStart(Trial trial) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                DiskMount disk = DiskMount.inMemory(trial.folder(), "300M");
                Ledger ledger = new Ledger(source, trial)) {
            ledger.create(100);
            Stage stage = new Stage(trial.folder(), source, null)
                    .on(disk.folder(), trial.folder())
                    .installation("log: {minFreeDisk: 8MB}")
                    .write();
            int[] megabytes = {300, 299, 290, 270, 240};
            int taken = trial.longForm() ? trial.random().nextInt(megabytes.length) : trial.number() % 2 + 2;
            Shell.must(
                    "fallocate",
                    "-l",
                    Math.min(299, megabytes[taken]) + "M",
                    ballast(disk).toString());
            if (megabytes[taken] == 300) {
                fill(disk);
            }
            try (MillraceProcess refused = stage.once("")) {
                int exit = refused.await(Stage.SECONDS);
                assertEquals(3, exit, refused::text);
                assertTrue(refused.output().contains("FULL: "), refused::text);
            }
            Files.delete(ballast(disk));
            stage.finish();
            stage.compare(ledger);
        }
    }

    private static boolean retries(JsonNode pipeline) {
        return pipeline.path("state").asString().equals("RETRYING");
    }

    private static boolean goesOn(JsonNode pipeline) {
        return pipeline.path("state").asString().equals("RUNNING")
                && pipeline.path("reason").asString().isEmpty();
    }

    private static boolean settled(JsonNode pipeline) {
        for (JsonNode object : pipeline.path("objects")) {
            if (!object.path("phase").asString().equals("FOLLOWING")) {
                return false;
            }
        }
        return !pipeline.path("objects").isEmpty() && pipeline.path("lagEvents").asLong() == 0;
    }

    /** Takes all of the disk but so many bytes. */
    private static void leave(DiskMount disk, long bytes) throws IOException, InterruptedException {
        long usable = Files.getFileStore(disk.folder()).getUsableSpace();
        Shell.must(
                "fallocate", "-l", Long.toString(usable - bytes), ballast(disk).toString());
    }

    private static Path ballast(DiskMount disk) {
        return disk.folder().resolve("ballast");
    }

    /** Takes what is left of the disk. */
    private static void fill(DiskMount disk) throws IOException, InterruptedException {
        Shell.Result result =
                Shell.run("dd", "if=/dev/zero", "of=" + ballast(disk), "bs=64K", "oflag=append", "conv=notrunc");
        assertTrue(result.output().contains("No space left"), result::output);
    }
}
