package dev.millrace.storage.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.state.StateStore.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

class RocksStateStoreTest {
    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsReadInItsKindOnly() {
        try (StateStore store = RocksStateStore.open(folder)) {
            store.write(new StateChanges().put(Kind.OFFSET, "a", bytes("1")).put(Kind.RUN, "a", bytes("2")), false);
            assertEquals("1", text(store.get(Kind.OFFSET, "a")));
            assertEquals("2", text(store.get(Kind.RUN, "a")));
            assertEquals(Optional.empty(), store.get(Kind.SCHEMA, "a"));
            store.write(new StateChanges().delete(Kind.OFFSET, "a"), false);
            assertEquals(Optional.empty(), store.get(Kind.OFFSET, "a"));
        }
    }

    @Test
    void aPrefixListsAndDeletesItsKeysAndNoOthers() {
        try (StateStore store = RocksStateStore.open(folder)) {
            StateChanges changes = new StateChanges();
            for (String key : List.of("shop", "shop/", "shop/a", "shop/ü", "shop/😀", "shop0", "shoq")) {
                changes.put(Kind.OFFSET, key, bytes(key));
            }
            store.write(changes, true);
            assertEquals(List.of("shop/", "shop/a", "shop/ü", "shop/😀"), keys(store, "shop/", 100));
            assertEquals(List.of("shop/", "shop/a"), keys(store, "shop/", 2));
            assertEquals(7, keys(store, "", 100).size());
            store.write(
                    new StateChanges().put(Kind.OFFSET, "shop/b", bytes("")).deletePrefix(Kind.OFFSET, "shop/"), true);
            assertEquals(List.of("shop", "shop0", "shoq"), keys(store, "", 100));
            store.write(new StateChanges().deletePrefix(Kind.OFFSET, "").put(Kind.OFFSET, "new", bytes("")), true);
            assertEquals(List.of("new"), keys(store, "", 100));
        }
    }

    @Test
    void randomWritesReadLikeAMapAlsoAfterReopening() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<String, String> expected = new TreeMap<>();
        for (int round = 0; round < 3; round++) {
            try (StateStore store = RocksStateStore.open(folder)) {
                for (int i = 0; i < 300; i++) {
                    StateChanges changes = new StateChanges();
                    for (int j = 0; j < random.nextInt(1, 6); j++) {
                        change(random, changes, expected);
                    }
                    store.write(changes, random.nextInt(20) == 0);
                }
                TreeMap<String, String> actual = new TreeMap<>();
                store.list(Kind.LOG, "", Integer.MAX_VALUE)
                        .forEach(entry -> actual.put(entry.getKey(), text(Optional.of(entry.getValue()))));
                assertEquals(expected, actual, () -> "seed " + seed);
            }
        }
    }

    private static void change(SplittableRandom random, StateChanges changes, TreeMap<String, String> expected) {
        String key = Integer.toString(random.nextInt(500), 3);
        switch (random.nextInt(10)) {
            case 0 -> {
                changes.deletePrefix(Kind.LOG, key);
                expected.keySet().removeIf(known -> known.startsWith(key));
            }
            case 1, 2 -> {
                changes.delete(Kind.LOG, key);
                expected.remove(key);
            }
            default -> {
                String value = "v".repeat(random.nextInt(200)) + random.nextInt();
                changes.put(Kind.LOG, key, bytes(value));
                expected.put(key, value);
            }
        }
    }

    @Test
    void aLargeValuePassesAndTooLargeOnesAreRefusedWhole() {
        try (StateStore store = RocksStateStore.open(folder)) {
            byte[] large = new byte[64 << 20];
            large[large.length - 1] = 7;
            store.write(new StateChanges().put(Kind.FAILED_EVENT, "large", large), true);
            assertArrayEquals(large, store.get(Kind.FAILED_EVENT, "large").orElseThrow());
            StateChanges tooLarge =
                    new StateChanges().put(Kind.RUN, "a", bytes("a")).put(Kind.RUN, "b", new byte[(64 << 20) + 1]);
            assertThrows(IllegalArgumentException.class, () -> store.write(tooLarge, true));
            assertEquals(Optional.empty(), store.get(Kind.RUN, "a"));
            assertThrows(IllegalArgumentException.class, () -> store.get(Kind.RUN, "x".repeat(2_001)));
            assertThrows(IllegalArgumentException.class, () -> store.get(Kind.RUN, ""));
        }
    }

    @Test
    void aCheckpointOpensAsAStoreOfItsOwn() {
        Path copy = folder.resolve("copy");
        try (StateStore store = RocksStateStore.open(folder.resolve("state"))) {
            store.write(new StateChanges().put(Kind.PIPELINE, "a", bytes("before")), false);
            store.checkpoint(copy.resolve("rocksdb"));
            store.write(new StateChanges().put(Kind.PIPELINE, "a", bytes("after")), false);
            MillraceException again =
                    assertThrows(MillraceException.class, () -> store.checkpoint(copy.resolve("rocksdb")));
            assertEquals("STATE_FAILED", again.code());
        }
        try (StateStore store = RocksStateStore.open(copy)) {
            assertEquals("before", text(store.get(Kind.PIPELINE, "a")));
        }
    }

    @Test
    void aClosedStoreRefusesInsteadOfCrashing() {
        StateStore store = RocksStateStore.open(folder);
        store.close();
        store.close();
        assertThrows(IllegalStateException.class, () -> store.get(Kind.RUN, "a"));
        assertThrows(IllegalStateException.class, () -> store.write(new StateChanges(), true));
        assertThrows(IllegalStateException.class, () -> store.list(Kind.RUN, "", 1));
    }

    @Test
    void twoStoresInOneFolderAreRefused() {
        try (StateStore store = RocksStateStore.open(folder)) {
            MillraceException failure = assertThrows(MillraceException.class, () -> RocksStateStore.open(folder));
            assertEquals("STATE_FAILED", failure.code());
            assertEquals(Category.RESOURCE, failure.category());
            assertEquals(Optional.empty(), store.get(Kind.RUN, "a"));
        }
    }

    @Test
    void aFlippedBitInTheWriteAheadLogIsNeverPassedOverInSilence() throws IOException {
        int count = 400;
        try (StateStore store = RocksStateStore.open(folder)) {
            for (int i = 0; i < count; i++) {
                store.write(new StateChanges().put(Kind.POSITION, String.format("%04d", i), new byte[50]), false);
            }
        }
        Path log = largest(folder.resolve("rocksdb"), ".log");
        byte[] intact = Files.readAllBytes(log);
        assertTrue(intact.length > count * 50, "the write-ahead log holds " + intact.length + " bytes");
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        int detected = 0;
        for (int round = 0; round < 100; round++) {
            int bit = random.nextInt(intact.length * 8 * 3 / 4);
            Path copy = copy(folder.resolve("rocksdb"), folder.resolve("copy" + round));
            byte[] flipped = intact.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(copy.resolve("rocksdb").resolve(log.getFileName()), flipped);
            try (StateStore store = RocksStateStore.open(copy)) {
                int left = store.list(Kind.POSITION, "", Integer.MAX_VALUE).size();
                assertEquals(count, left, () -> "flipped bit " + bit + " lost entries in silence, seed " + seed);
            } catch (MillraceException damage) {
                assertEquals("STATE_DAMAGED", damage.code(), () -> "bit " + bit + ", seed " + seed + ": " + damage);
                assertTrue(damage.remedy().contains("checkpoint"), damage.remedy());
                detected++;
            }
        }
        assertTrue(detected >= 80, "only " + detected + " of 100 flips were detected, seed " + seed);
    }

    @Test
    void aDamagedLengthIsToldAndNotTakenForTheLogsEnd() throws IOException {
        int count = 100;
        try (StateStore store = RocksStateStore.open(folder)) {
            for (int i = 0; i < count; i++) {
                store.write(new StateChanges().put(Kind.POSITION, String.format("%04d", i), new byte[50]), false);
            }
        }
        Path log = largest(folder.resolve("rocksdb"), ".log");
        byte[] intact = Files.readAllBytes(log);
        byte[] flipped = intact.clone();
        int length = (intact[4] & 0xFF) | (intact[5] & 0xFF) << 8;
        flipped[7 + length + 5] ^= (byte) 0x80; // the second record's
        Files.write(log, flipped);
        MillraceException told = assertThrows(MillraceException.class, () -> RocksStateStore.open(folder));
        assertEquals("STATE_DAMAGED", told.code());

        Files.write(log, Arrays.copyOf(intact, intact.length - 20));
        try (StateStore store = RocksStateStore.open(folder)) {
            assertEquals(
                    count - 1, store.list(Kind.POSITION, "", Integer.MAX_VALUE).size(), "a cut tail is no damage");
        }
    }

    @Test
    void aMissingFileIsDamageWithAWayBack() throws IOException {
        try (StateStore store = RocksStateStore.open(folder)) {
            store.write(new StateChanges().put(Kind.SCHEMA, "a", new byte[100_000]), true);
        }
        RocksStateStore.open(folder).close();
        for (String kind : List.of("MANIFEST-", ".sst")) {
            Path copy = copy(folder.resolve("rocksdb"), folder.resolve("without" + kind));
            try (Stream<Path> files = Files.list(copy.resolve("rocksdb"))) {
                Files.delete(files.filter(file -> file.getFileName().toString().contains(kind))
                        .findFirst()
                        .orElseThrow());
            }
            MillraceException told = assertThrows(MillraceException.class, () -> {
                try (StateStore store = RocksStateStore.open(copy)) {
                    store.get(Kind.SCHEMA, "a");
                }
            });
            assertEquals("STATE_DAMAGED", told.code(), () -> kind + ": " + told);
            assertTrue(told.remedy().contains("checkpoint"), told.remedy());
        }
    }

    @Test
    void aDamagedTableFileIsToldWhenItIsOpenedOrRead() throws IOException {
        try (StateStore store = RocksStateStore.open(folder)) {
            store.write(new StateChanges().put(Kind.SCHEMA, "a", new byte[100_000]), false);
        }
        RocksStateStore.open(folder).close();
        Path table = largest(folder.resolve("rocksdb"), ".sst");
        byte[] damaged = Files.readAllBytes(table);
        for (int i = damaged.length / 4; i < damaged.length / 2; i++) {
            damaged[i] ^= 0x55;
        }
        Files.write(table, damaged);
        MillraceException failure = assertThrows(MillraceException.class, () -> {
            try (StateStore store = RocksStateStore.open(folder)) {
                store.get(Kind.SCHEMA, "a");
            }
        });
        assertEquals("STATE_DAMAGED", failure.code());
    }

    @Test
    void syncedWritesSurviveAKillAndTheLibraryIsUnpackedOnce() throws IOException {
        int last = -1;
        try (ChildProcess child = ChildProcess.start("write", folder.toString())) {
            while (last < 50) {
                last = Integer.parseInt(child.line());
            }
            child.kill();
            for (String line = child.line(); line != null; line = child.line()) {
                last = line.isEmpty() ? last : Integer.parseInt(line);
            }
        }
        try (StateStore store = RocksStateStore.open(folder)) {
            for (int i = 0; i <= last; i++) {
                assertArrayEquals(
                        new byte[] {1, 2, 3},
                        store.get(Kind.POSITION, "key-" + i).orElseThrow());
            }
        }
        try (Stream<Path> files = Files.walk(folder.resolve("native")).filter(Files::isRegularFile)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aDamagedLibraryIsUnpackedAnew() throws IOException {
        try (ChildProcess child = ChildProcess.start("write", folder.toString())) {
            assertNotNull(child.line());
            child.kill();
        }
        Path library;
        try (Stream<Path> files = Files.walk(folder.resolve("native")).filter(Files::isRegularFile)) {
            library = files.findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(library);
        byte[] damaged = bytes.clone();
        Arrays.fill(damaged, bytes.length / 4, bytes.length / 2, (byte) 0);
        Files.write(library, damaged);
        try (ChildProcess child = ChildProcess.start("write", folder.toString())) {
            assertNotNull(child.line());
            child.kill();
        }
        assertArrayEquals(bytes, Files.readAllBytes(library));
    }

    @Test
    void failuresAreToldByWhatCanBeDone() {
        assertEquals(
                "DISK_FULL",
                failure(Status.Code.IOError, Status.SubCode.NoSpace, "").code());
        assertEquals(
                "DISK_FULL",
                failure(Status.Code.IOError, Status.SubCode.None, "No space left on device")
                        .code());
        assertEquals(
                "STATE_DAMAGED",
                failure(Status.Code.Corruption, Status.SubCode.None, "bad block")
                        .code());
        assertEquals(
                "STATE_FAILED",
                failure(Status.Code.IOError, Status.SubCode.None, "Input/output error")
                        .code());
    }

    private MillraceException failure(Status.Code code, Status.SubCode subCode, String text) {
        return RocksStateStore.failed("write", folder, new RocksDBException(text, new Status(code, subCode, text)));
    }

    private static List<String> keys(StateStore store, String prefix, int limit) {
        return store.list(Kind.OFFSET, prefix, limit).stream()
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Path largest(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .max((left, right) ->
                            Long.compare(left.toFile().length(), right.toFile().length()))
                    .orElseThrow();
        }
    }

    private static Path copy(Path database, Path target) throws IOException {
        Files.createDirectories(target.resolve("rocksdb"));
        try (Stream<Path> files = Files.list(database)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve("rocksdb").resolve(file.getFileName()));
            }
        }
        return target;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Optional<byte[]> bytes) {
        return new String(bytes.orElseThrow(), StandardCharsets.UTF_8);
    }
}
