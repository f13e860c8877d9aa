package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.task.Overseer;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.DestinationDefinition;
import dev.millrace.config.pipeline.Loading;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.config.setting.Settings;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.Runs;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadTimersTest {
    private static final Settings NONE = new Settings(Map.of());

    @TempDir
    Path folder;

    private final BlockingQueue<String> loads = new LinkedBlockingQueue<>();

    @Test
    void pipelinesOfOneDestinationLoadTogetherAndOthersDoNot() throws Exception {
        DestinationDefinition shared = destination("warehouse", Optional.of(Duration.ofHours(1)));
        run(timers -> {
            timers.join("a", shared, () -> loads.add("a"));
            timers.join("b", shared, () -> loads.add("b"));
            timers.join("c", destination("now", Optional.empty()), () -> loads.add("c"));
            timers.start();
            assertEquals("a", loads.poll(120, TimeUnit.SECONDS));
            assertEquals("b", loads.poll(120, TimeUnit.SECONDS));
            Duration apart = Duration.between(
                    timers.next("a", shared).orElseThrow(),
                    timers.next("b", shared).orElseThrow());
            assertTrue(apart.abs().toSeconds() <= 1, apart::toString);
            assertEquals(Optional.empty(), timers.next("c", destination("now", Optional.empty())));
        });
        run(timers -> {
            timers.join("a", shared, () -> loads.add("a"));
            timers.start();
            while (timers.next("a", shared).isEmpty()) {
                assertEquals(null, loads.poll(20, TimeUnit.MILLISECONDS), "it was due less than an hour ago");
            }
        });
        assertTrue(loads.isEmpty(), loads::toString);
    }

    @Test
    void aShortIntervalComesAgainAndAgain() throws Exception {
        DestinationDefinition destination = destination("warehouse", Optional.of(Duration.ofSeconds(1)));
        run(timers -> {
            timers.join("a", destination, () -> loads.add("a"));
            timers.start();
            for (int i = 0; i < 3; i++) {
                assertEquals("a", loads.poll(120, TimeUnit.SECONDS));
            }
        });
    }

    @Test
    void aLoadThatCannotBeginKeepsNeitherOthersNorTheNextFromIt() throws Exception {
        DestinationDefinition destination = destination("warehouse", Optional.of(Duration.ofSeconds(1)));
        run(timers -> {
            timers.join("a", destination, () -> {
                loads.add("a");
                throw MillraceException.resource("DISK_FULL", "It can't be noted", "", "", null);
            });
            timers.join("b", destination, () -> loads.add("b"));
            timers.start();
            for (int i = 0; i < 2; i++) {
                assertEquals("a", loads.poll(120, TimeUnit.SECONDS));
                assertEquals("b", loads.poll(120, TimeUnit.SECONDS));
            }
        });
    }

    @Test
    void aProcessThatEndsBeforeALoadThatIsDueIsNotedLeavesItToTheNext() throws Exception {
        DestinationDefinition destination = destination("warehouse", Optional.of(Duration.ofHours(1)));
        run(timers -> {
            timers.join("a", destination, () -> {
                loads.add("a");
                throw new AssertionError("ends here, as intended");
            });
            timers.start();
            assertEquals("a", loads.poll(120, TimeUnit.SECONDS));
        });
        run(timers -> {
            timers.join("a", destination, () -> loads.add("a"));
            timers.start();
            assertEquals("a", loads.poll(120, TimeUnit.SECONDS));
        });
    }

    private interface Scene {
        void play(LoadTimers timers) throws InterruptedException;
    }

    private void run(Scene scene) throws InterruptedException {
        try (StateStore state = RocksStateStore.open(folder.resolve("state"));
                WorkerPool pool = new WorkerPool("test", 1, 1);
                Overseer overseer = new Overseer(new Runs(state), Clock.systemUTC(), List.of(pool))) {
            overseer.start();
            scene.play(new LoadTimers(state, overseer, pool, Clock.systemUTC()));
        }
    }

    private static DestinationDefinition destination(String name, Optional<Duration> every) {
        return new DestinationDefinition(
                "duckdb", NONE, Optional.of(name), new Loading(every.map(LoadingSchedule.Every::new)));
    }
}
