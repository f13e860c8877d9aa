package dev.millrace.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed while it appends; every batch that it was told to be durable is there afterwards, and nothing else than it wrote. */
class KillTest {
  static final TopicName TOPIC = new TopicName("default", "killed", TopicName.Mode.REALTIME);

  @TempDir private Path folder;

  @Test
  void everyAcknowledgedBatchOutlivesAKillAtAnyMoment() throws Exception {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    long before = 0;
    for (int round = 0; round < 4; round++) {
      long acknowledged = runAndKill(random.nextLong(), 5 + random.nextInt(40), List.of());
      assertTrue(acknowledged > before, "nothing acknowledged, seed " + seed);
      before = assertAllThere(acknowledged, "seed " + seed);
    }
  }

  @Test
  void everyAcknowledgedBatchOutlivesADeathAtEachDurabilityStep() throws Exception {
    long acknowledged = runAndKill(1, 3, List.of());
    for (String point : List.of("AFTER_APPEND:9", "BEFORE_SYNC:4", "AFTER_SYNC:4", "AT_ROLL:1")) {
      acknowledged = Math.max(acknowledged, runAndKill(2, Integer.MAX_VALUE, List.of("-Dmillrace.fault=" + point)));
      acknowledged = assertAllThere(acknowledged, point);
    }
  }

  /** The last batch acknowledged before the process ended: by us after some lines, or by itself at its fault point. */
  private long runAndKill(long seed, int lines, List<String> settings) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-XX:+Ignore"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(settings);
    String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath.replace(':', File.pathSeparatorChar), KilledAppender.class.getName()));
    command.addAll(List.of(folder.toString(), Long.toString(seed)));
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    long acknowledged = 0;
    try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      int seen = 0;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("acknowledged ")) {
          acknowledged = Long.parseLong(line.substring("acknowledged ".length()));
          if (++seen == lines) {
            // By its handle: Process.destroyForcibly would close the stream that still holds acknowledgements.
            assertTrue(process.toHandle().destroyForcibly());
          }
        }
      }
    } finally {
      process.destroyForcibly();
    }
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(137, process.exitValue(), "the child was to be killed");
    return acknowledged;
  }

  private long assertAllThere(long acknowledged, String message) throws InterruptedException {
    try (StateStore state = RocksStateStore.open(folder.resolve("state"));
        ChronicleEventLog log = new ChronicleEventLog(KilledAppender.options(folder), state)) {
      Topic topic = log.open(TOPIC);
      assertTrue(topic.damage().isEmpty(), message);
      assertTrue(topic.durableIndex() >= acknowledged, () -> topic.durableIndex() + " of " + acknowledged + ", " + message);
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
