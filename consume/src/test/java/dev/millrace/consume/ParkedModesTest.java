package dev.millrace.consume;

import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.ParkingTrial;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.RandomTables.Traits;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables in every load mode, into DuckDB, through whatever fails: what is parked, mended and replayed leaves no trace.
 *
 * <p>{@code -Dseed=random -Dparked.trials=10} searches further.
 */
final class ParkedModesTest {
    @TempDir
    Path folder;

    /** Not with soft deletes: which rows are marked, and what they keep of dropped columns, goes by where windows end. */
    @Test
    void mergedTablesAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL));
    }

    @Test
    void appendedTablesAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.APPEND, OnDelete.SOFT, Traits.ALL));
    }

    /** Without loads that begin again: these take parked versions with them. */
    @Test
    void historiesAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.HISTORY, OnDelete.SOFT, Traits.ALL.loadedOnce()));
    }

    @Test
    void tablesOfDocumentsAreAsIfNothingHadFailed() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL.withDocuments()).flattened());
    }

    @Test
    void whatIsSentOnceAtMostIsParkedAndReplayedToo() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.MERGE, OnDelete.HARD, Traits.ALL).guaranteed(Guarantee.AT_MOST_ONCE));
    }

    @Test
    void whatMayBeRepeatedIsParkedAndReplayedOnce() throws Exception {
        run(new ParkingTrial.Plan(LoadMode.APPEND, OnDelete.SOFT, Traits.ALL).guaranteed(Guarantee.AT_LEAST_ONCE));
    }

    private void run(ParkingTrial.Plan plan) throws Exception {
        ParkingTrial.run(folder, plan, own -> new File(new Pipe(own)));
    }

    /** A DuckDB file. */
    private record File(Pipe pipe) implements ParkingTrial.Site {
        @Override
        public Destination open() {
            return pipe.destination();
        }

        @Override
        public List<String> rows(String sql) throws Exception {
            return pipe.query(sql);
        }

        @Override
        public void close() {
            // the folder goes with the test
        }
    }
}
