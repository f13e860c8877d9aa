package dev.millrace.storage.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.state.StateStore.Kind;
import dev.millrace.storage.testing.SuppliedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateCheckpointsTest {
    private static final byte[] LARGE = new byte[3 << 20];

    static {
        new Random(1).nextBytes(LARGE);
    }

    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final Clock clock = new SuppliedClock(() -> now);

    @Test
    void oneIsMadeADayAndTheLastTwoAreKeptEachAsTheStateWasThen() throws Exception {
        try (StateStore store = RocksStateStore.open(folder)) {
            store.write(new StateChanges().put(Kind.FAILED_EVENT, "large", LARGE), true);
            StateCheckpoints checkpoints = new StateCheckpoints(store, folder, 0, clock);
            for (int day = 0; day < 4; day++) {
                store.write(new StateChanges().put(Kind.PIPELINE, "day", new byte[] {(byte) day}), true);
                checkpoints.makeIfDue();
                store.write(new StateChanges().put(Kind.PIPELINE, "day", new byte[] {99}), true);
                now = now.plus(Duration.ofHours(23));
                checkpoints.makeIfDue();
                assertEquals(Math.min(day + 1, 2), made().size());
                now = now.plus(Duration.ofHours(2));
            }
        }
        List<Path> made = made();
        for (int i = 0; i < made.size(); i++) {
            try (StateStore copy = RocksStateStore.open(made.get(i))) {
                assertArrayEquals(
                        new byte[] {(byte) (2 + i)},
                        copy.get(Kind.PIPELINE, "day").orElseThrow());
                assertArrayEquals(LARGE, copy.get(Kind.FAILED_EVENT, "large").orElseThrow());
            }
        }
    }

    @Test
    void damageToTheStoreIsNoneToItsCheckpoint() throws Exception {
        try (StateStore store = RocksStateStore.open(folder)) {
            store.write(new StateChanges().put(Kind.FAILED_EVENT, "large", LARGE), true);
            new StateCheckpoints(store, folder, 0, clock).makeIfDue();
        }
        for (Path file : files(folder.resolve("rocksdb"))) {
            byte[] bytes = Files.readAllBytes(file);
            Arrays.fill(bytes, bytes.length / 4, bytes.length / 2, (byte) 0);
            Files.write(file, bytes);
        }
        MillraceException damaged =
                assertThrows(MillraceException.class, () -> RocksStateStore.verify(folder.resolve("rocksdb")));
        assertEquals("STATE_DAMAGED", damaged.code());
        try (StateStore copy = RocksStateStore.open(made().get(0))) {
            assertArrayEquals(LARGE, copy.get(Kind.FAILED_EVENT, "large").orElseThrow());
        }
    }

    @Test
    void noneIsMadeWhereTheDiskWouldHaveTooLittleRoomAndWhatWasCutOffIsTakenAway() throws Exception {
        Path checkpoints = folder.resolve("checkpoints");
        try (StateStore store = RocksStateStore.open(folder)) {
            new StateCheckpoints(store, folder, Long.MAX_VALUE >> 1, clock).makeIfDue();
            assertEquals(List.of(), files(checkpoints));
            Files.createDirectories(checkpoints.resolve("making/rocksdb"));
            Files.writeString(checkpoints.resolve("making/rocksdb/000007.sst"), "half");
            Files.createDirectories(checkpoints.resolve("linked"));
            new StateCheckpoints(store, folder, 0, clock).makeIfDue();
        }
        assertEquals(1, files(checkpoints).size());
        assertFalse(Files.exists(made().get(0).resolve("rocksdb/000007.sst")));
    }

    private List<Path> made() throws IOException {
        return files(folder.resolve("checkpoints"));
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.sorted().toList();
        }
    }
}
