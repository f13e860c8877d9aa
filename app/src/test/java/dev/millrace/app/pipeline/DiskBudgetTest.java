package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.installation.LogConfig;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A budget holds a pipeline up while its destination is behind, and never for good. */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class DiskBudgetTest {
    private static final long BUDGET = 3L << 20;
    private static final LogConfig SMALL =
            new LogConfig(LogConfig.Durability.FSYNC, BUDGET, BUDGET, 0, LogConfig.Roll.HOURLY, Duration.ZERO);

    @TempDir
    Path folder;

    @Test
    void aLoadManyTimesTheBudgetPassesAndSoDoChangesAfterIt() throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation =
                        new Installation(folder, source, target, "logical", "objects: [public.page]")) {
            source.execute(
                    "CREATE TABLE page (id int PRIMARY KEY, body bytea);"
                            + " INSERT INTO page SELECT n, decode(repeat(md5(n::text) || md5((-n)::text), 8), 'hex') FROM generate_series(1, 60000) n");
            PipelineRuntime pipeline = installation.start(SMALL);
            installation.catchUp();
            source.execute(
                    "UPDATE page SET body = decode(repeat(md5((id + 7)::text) || md5((7 - id)::text), 8), 'hex')");
            installation.catchUp();
            assertEquals(
                    source.rows("SELECT count(*), md5(string_agg(md5(body), '' ORDER BY id)) FROM page"),
                    target.rows("SELECT count(*), md5(string_agg(md5(body), '' ORDER BY id)) FROM page"));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
            while (pipeline.snapshot().logBytes() >= BUDGET) {
                assertTrue(System.nanoTime() < end, () -> "never let go of: " + pipeline.snapshot());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }
}
