package dev.millrace.ingest.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.MemoryState;
import dev.millrace.storage.testing.MemoryTopic;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownLoadsTest {
    private static final long PATIENCE_MILLIS = 120_000;
    private static final IngestOptions OPTIONS = new IngestOptions(3, 1, 40, 5, 1, 5, 0, 1, 50, 5);

    private final ExecutorService workers = Executors.newFixedThreadPool(3);
    private final MemoryState state = new MemoryState();
    private final MemoryTopic topic = new MemoryTopic(true);
    private final FakeDatabase database = new FakeDatabase(new SplittableRandom(11));
    private final FakeSource source = new FakeSource(database);

    @AfterEach
    void endWorkers() throws InterruptedException {
        workers.shutdownNow();
        assertTrue(workers.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    }

    private IngestEngine engine() {
        return new IngestEngine("test", source, List.of("*"), topic, state, OPTIONS, workers);
    }

    @Test
    void tablesAreShownAsLastKnownWhileTheSourceWasNotReached() throws Exception {
        for (int i = 0; i < 50; i++) {
            database.write();
        }
        while (!database.allVisible()) {
            database.show();
        }
        assertEquals(List.of(), engine().status().tables(), "nothing is known yet");
        IngestEngine first = engine();
        Thread thread = new Thread(
                () -> {
                    try {
                        first.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "ingest-test");
        thread.start();
        assertTrue(first.awaitCaughtUp(source.currentPosition(), PATIENCE_MILLIS));
        first.stop();
        thread.join(PATIENCE_MILLIS);
        assertFalse(thread.isAlive());

        List<LoadStatus> known = engine().status().tables();
        assertEquals(
                first.status().tables().stream().map(LoadStatus::table).collect(Collectors.toSet()),
                known.stream().map(LoadStatus::table).collect(Collectors.toSet()));
        known.forEach(load -> assertEquals(LoadStatus.State.LOADED, load.state(), load.toString()));
        first.status()
                .tables()
                .forEach(load -> assertTrue(
                        known.stream().anyMatch(one -> one.table().equals(load.table()) && one.rows() == load.rows()),
                        () -> load + " in " + known));
    }

    @Test
    void namesOfTablesAreReadAsTheyWereWritten() {
        for (TableName table : List.of(
                new TableName("public", "film"),
                new TableName("", "film"),
                new TableName("a.b/c%d", "x%2Fy.z/%25"),
                new TableName("sch%2Eema", ".."))) {
            assertEquals(table, ProgressCodec.loaded(ProgressCodec.load(table)).orElseThrow());
        }
        assertTrue(ProgressCodec.loaded(ProgressCodec.STREAM).isEmpty());
        assertTrue(ProgressCodec.loaded(ProgressCodec.reread(new TableName("public", "film"), 3))
                .isEmpty());
    }
}
