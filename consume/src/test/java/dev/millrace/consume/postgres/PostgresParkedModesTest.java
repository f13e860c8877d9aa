package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.ParkingTrial;
import dev.millrace.consume.testing.RandomTables.Traits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables in every load mode, into PostgreSQL, through whatever fails: what is parked, mended and replayed leaves no trace.
 *
 * <p>{@code -Dseed=random -Dparked.trials=10} searches further.
 */
final class PostgresParkedModesTest {
    @TempDir
    Path folder;

    @Test
    void mergedTablesAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL), false);
    }

    @Test
    void appendedTablesAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.APPEND, OnDelete.SOFT, Traits.ALL), false);
    }

    /** Without loads that begin again: these take parked versions with them. */
    @Test
    void historiesAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.HISTORY, OnDelete.SOFT, Traits.ALL.loadedOnce()), false);
    }

    @Test
    void tablesOfDocumentsAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL.withDocuments()).flattened(), false);
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL.withDocuments()).flattened(), true);
    }

    @Test
    void tablesCommittedApartAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL), true);
        run(new ParkingTrial.Plan(LoadMode.APPEND, OnDelete.SOFT, Traits.ALL), true);
        run(new ParkingTrial.Plan(LoadMode.HISTORY, OnDelete.SOFT, Traits.ALL.loadedOnce()), true);
    }

    private void run(ParkingTrial.Plan plan, boolean fast) throws Exception {
        ParkingTrial.run(folder, plan, own -> new Database(new PostgresFixture(), fast));
    }

    /** A database of its own. */
    private record Database(PostgresFixture fixture, boolean fast) implements ParkingTrial.Site {
        @Override
        public Destination open() {
            return fixture.open(
                    "orders",
                    fast
                            ? Map.of("consistency", "fast", "maxRunners", 2L, "runnerIdle", Duration.ofMillis(20))
                            : Map.of());
        }

        @Override
        public List<String> rows(String sql) {
            return fixture.rows(sql);
        }

        @Override
        public void close() {
            fixture.close();
        }
    }
}
