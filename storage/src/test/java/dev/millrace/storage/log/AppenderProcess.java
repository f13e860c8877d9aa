package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import dev.millrace.storage.testing.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link KilledAppender} in a process of its own, and what must be true of its log afterwards. */
record AppenderProcess(Process process) {
    static AppenderProcess start(Path folder, long seed, List<String> settings) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.startsWith("-XX:+Ignore"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
        // where what a killed one leaves is removed with the rest
        command.add("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
        command.addAll(settings);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(
                List.of("-cp", classPath, KilledAppender.class.getName(), folder.toString(), Long.toString(seed)));
        return new AppenderProcess(Children.watched(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()));
    }

    /**
     * Reads what the process says until it has ended; after so many acknowledgements {@code end} is to end it.
     *
     * @param countLate whether what it says after {@code end} was called counts too
     * @return the last acknowledgement that counts
     */
    long readAcknowledged(int lines, boolean countLate, Runnable end) throws IOException, InterruptedException {
        long acknowledged = 0;
        boolean ended = false;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int seen = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("acknowledged ")) {
                    if (countLate || !ended) {
                        acknowledged = Long.parseLong(line.substring("acknowledged ".length()));
                    }
                    seen++;
                    if (!ended && seen >= lines && (countLate || !out.ready())) {
                        ended = true;
                        end.run();
                    }
                }
            }
            assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        return acknowledged;
    }

    /** Every batch up to {@code acknowledged} is there and as it was written; the last one that is. */
    static long assertAllThere(Path folder, long acknowledged, String message) throws InterruptedException {
        try (StateStore state = RocksStateStore.open(folder.resolve("state"));
                ChronicleEventLog log = new ChronicleEventLog(KilledAppender.options(folder), state)) {
            Topic topic = log.open(KillTest.TOPIC);
            assertTrue(topic.damage().isEmpty(), message);
            assertTrue(
                    topic.durableIndex() >= acknowledged,
                    () -> topic.durableIndex() + " of " + acknowledged + ", " + message);
            try (LogReader reader = topic.reader(0)) {
                for (long number = 1; number <= topic.durableIndex(); number++) {
                    assertEquals(number, TestBatches.number(reader.next(0)), message);
                }
                assertNull(reader.next(0), message);
            }
            return topic.durableIndex();
        }
    }
}
