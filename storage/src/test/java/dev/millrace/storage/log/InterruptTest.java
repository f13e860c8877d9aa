package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.MemoryState;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks are stopped by interruption; that must never break the files under them. */
class InterruptTest {
    private static final TopicName TOPIC = new TopicName("default", "interrupted", TopicName.Mode.REALTIME);

    @TempDir
    private Path folder;

    @Test
    void anInterruptedThreadAppendsWellAndStaysInterrupted() throws Exception {
        LogOptions options = LogOptions.defaults(folder);
        try (ChronicleEventLog log = new ChronicleEventLog(options, new MemoryState())) {
            Topic topic = log.open(TOPIC);
            AtomicBoolean done = new AtomicBoolean();
            Thread appender = Thread.currentThread();
            Thread nuisance = new Thread(() -> {
                while (!done.get()) {
                    appender.interrupt();
                    Thread.onSpinWait();
                }
            });
            nuisance.start();
            try {
                for (long number = 1; number <= 40; number++) {
                    assertEquals(number, topic.append(TestBatches.batch(number, 5 << 20, 0)));
                }
            } finally {
                done.set(true);
                join(nuisance);
            }
            assertTrue(Thread.interrupted());
            assertTrue(topic.awaitDurable(40, 60_000));
            try (LogReader reader = topic.reader(0)) {
                for (long number = 1; number <= 40; number++) {
                    assertEquals(number, TestBatches.number(reader.next(0)));
                }
            }
        }
    }

    /** Joins although this thread may be interrupted; it still is afterwards. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
