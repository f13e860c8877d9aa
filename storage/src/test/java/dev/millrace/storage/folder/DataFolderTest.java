package dev.millrace.storage.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.state.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path parent;

    @Test
    void aNewFolderIsMadeForItsOwnerOnly() throws IOException {
        Path root = parent.resolve("a/data");
        try (DataFolder folder = DataFolder.open(root, CLOCK)) {
            for (Path made : new Path[] {root, folder.log(), folder.state(), folder.temporary()}) {
                assertEquals(
                        "rwx------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(made)),
                        made.toString());
            }
            String lock = Files.readString(root.resolve("lock"));
            assertTrue(
                    lock.contains("process " + ProcessHandle.current().pid()) && lock.contains("2026-11-21T12:00:00Z"),
                    lock);
        }
    }

    /** A power cut takes folders whose entries were not synced, with everything that was synced inside them. */
    @Test
    void theEntryOfEveryFolderThatIsMadeIsSyncedAndOfNoOther() throws IOException {
        Path root = parent.resolve("a/data");
        List<Path> entries = new ArrayList<>();
        DataFolder.Sync synced = folder -> {
            try (Stream<Path> there = Files.list(folder)) {
                there.forEach(entries::add);
            }
        };
        try (DataFolder folder = DataFolder.open(root, CLOCK, synced)) {
            for (Path made : List.of(root.getParent(), root, folder.log(), folder.state(), folder.temporary())) {
                assertTrue(entries.contains(made), () -> made + " among " + entries);
            }
        }
        entries.clear();
        DataFolder.open(root, CLOCK, synced).close();
        assertEquals(List.of(), entries);
    }

    @Test
    void theInstallationKeepsItsIdAndTemporaryFilesGo() throws IOException {
        String id;
        try (DataFolder folder = open()) {
            id = folder.installationId();
            Files.createDirectories(folder.temporary().resolve("x/y"));
            Files.writeString(folder.temporary().resolve("x/y/z"), "left over");
            Files.createSymbolicLink(folder.temporary().resolve("link"), parent);
            Files.writeString(folder.log().resolve("kept"), "kept");
        }
        try (DataFolder folder = open()) {
            assertEquals(id, folder.installationId());
            assertFalse(Files.exists(folder.temporary().resolve("x")));
            assertTrue(Files.exists(folder.log().resolve("kept")));
        }
        assertTrue(Files.isDirectory(parent));
    }

    @Test
    void theSameProcessIsRefusedASecondTime() {
        DataFolder folder = open();
        MillraceException failure = assertThrows(MillraceException.class, this::open);
        assertEquals("DATA_FOLDER_IN_USE", failure.code());
        assertEquals(Category.RESOURCE, failure.category());
        folder.close();
        folder.close();
        open().close();
    }

    @Test
    void aFolderHeldByAnotherProcessIsRefusedByItsPidAndFreeAfterAKill() throws IOException {
        try (ChildProcess child = ChildProcess.start("hold", data().toString())) {
            assertTrue(child.line().startsWith("held "));
            for (int i = 0; i < 2; i++) {
                MillraceException failure = assertThrows(MillraceException.class, this::open);
                assertEquals("DATA_FOLDER_IN_USE", failure.code());
                assertTrue(failure.why().contains("process " + child.pid()), failure.why());
            }
            child.kill();
            open().close();
        }
    }

    @Test
    void anotherProcessIsRefusedWhileThisOneHoldsTheFolder() throws IOException {
        DataFolder folder = open();
        assertThrows(MillraceException.class, this::open);
        try (ChildProcess child = ChildProcess.start("hold", data().toString())) {
            assertEquals(null, child.line());
        }
        folder.close();
        try (ChildProcess child = ChildProcess.start("hold", data().toString())) {
            assertTrue(child.line().startsWith("held "));
        }
    }

    @Test
    void aFolderOfANewerVersionIsRefusedUntouched() throws IOException {
        open().close();
        String newer = "millrace-data 2\nid something-new\nmore\n";
        Files.writeString(data().resolve("installation"), newer);
        MillraceException failure = assertThrows(MillraceException.class, this::open);
        assertEquals("DATA_FOLDER_VERSION", failure.code());
        assertEquals(Category.USER, failure.category());
        assertTrue(failure.why().contains("version 2"), failure.why());
        assertEquals(newer, Files.readString(data().resolve("installation")));
    }

    @Test
    void aDamagedOrMissingInstallationFileIsTold() throws IOException {
        open().close();
        Files.writeString(data().resolve("installation"), "\u0000\u0000\u0000");
        assertEquals(
                "DATA_FOLDER_VERSION",
                assertThrows(MillraceException.class, this::open).code());
        Files.delete(data().resolve("installation"));
        MillraceException missing = assertThrows(MillraceException.class, this::open);
        assertEquals("DATA_FOLDER_VERSION", missing.code());
        assertTrue(missing.why().contains("missing"), missing.why());
    }

    @Test
    void aStartThatWasKilledBeforeTheInstallationFileIsTakenUpAgain() throws IOException {
        Files.createDirectory(data());
        Files.writeString(data().resolve("lock"), "process 1");
        Files.writeString(data().resolve("installation.new"), "millr");
        open().close();
    }

    @Test
    void aFolderThatHoldsOtherThingsIsLeftAlone() throws IOException {
        Files.createDirectory(data());
        Files.writeString(data().resolve("thesis.txt"), "years of work");
        MillraceException failure = assertThrows(MillraceException.class, this::open);
        assertEquals("DATA_FOLDER_FOREIGN", failure.code());
        assertTrue(failure.why().contains("thesis.txt"), failure.why());
    }

    @Test
    void aFileInTheFoldersPlaceIsTold() throws IOException {
        Files.writeString(data(), "a file");
        assertEquals(
                "DATA_FOLDER_NOT_WRITABLE",
                assertThrows(MillraceException.class, this::open).code());
    }

    @Test
    void anotherUsersFolderIsRefused() throws IOException {
        open().close();
        boolean root = isRoot();
        assumeTrue(root);
        Files.setOwner(
                data(), data().getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        MillraceException failure = assertThrows(MillraceException.class, this::open);
        assertEquals("DATA_FOLDER_NOT_WRITABLE", failure.code());
        assertTrue(failure.why().contains("'nobody'") && failure.why().contains("'root'"), failure.why());
    }

    @Test
    void aFolderThatMayNotBeWrittenIsRefused() throws IOException {
        assumeFalse(isRoot());
        open().close();
        Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("r-x------"));
        MillraceException failure = assertThrows(MillraceException.class, this::open);
        Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwx------"));
        assertEquals("DATA_FOLDER_NOT_WRITABLE", failure.code());
    }

    private boolean isRoot() throws IOException {
        return Files.getOwner(parent).getName().equals("root");
    }

    private Path data() {
        return parent.resolve("data");
    }

    private DataFolder open() {
        return DataFolder.open(data(), CLOCK);
    }
}
