package dev.millrace.storage.log;

import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.testing.SuppliedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.SplittableRandom;

/** Run in a process of its own until it is killed: appends batches and says which are acknowledged. */
final class KilledAppender {
    private KilledAppender() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        SplittableRandom random = new SplittableRandom(Long.parseLong(args[1]));
        try (StateStore state = RocksStateStore.open(folder.resolve("state"));
                ChronicleEventLog log = new ChronicleEventLog(options(folder), state)) {
            Topic topic = log.open(KillTest.TOPIC);
            System.out.println("opened " + topic.appendedIndex());
            while (true) {
                long last = topic.appendedIndex();
                int count = 1 + random.nextInt(5);
                for (int i = 0; i < count; i++) {
                    int bytes =
                            random.nextInt(20) == 0 ? 9_000_000 + random.nextInt(9_000_000) : random.nextInt(50_000);
                    last = topic.append(TestBatches.batch(last + 1, bytes, 0));
                }
                if (!topic.awaitDurable(last, 60_000)) {
                    throw new IllegalStateException("batch " + last + " did not become durable");
                }
                System.out.println("acknowledged " + last);
            }
        }
    }

    /** Hours pass in seconds, so that files roll. */
    static LogOptions options(Path folder) {
        long start = System.nanoTime();
        Clock wall = Clock.systemUTC();
        Clock fast = new SuppliedClock(() -> wall.instant().plusNanos(5_000 * (System.nanoTime() - start)));
        return new LogOptions(
                folder.resolve("log"),
                LogOptions.Durability.FSYNC,
                1L << 40,
                1L << 40,
                0,
                LogOptions.Roll.HOURLY,
                Duration.ZERO,
                fast);
    }
}
