package dev.millrace.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlAddressTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadAndOnlyTheOwnerMayReadIt() throws Exception {
        ControlAddress first = new ControlAddress(URI.create("http://127.0.0.1:1"), ControlAddress.newToken());
        ControlAddress second = new ControlAddress(URI.create("http://127.0.0.1:2"), ControlAddress.newToken());
        assertNotEquals(first.token(), second.token());
        first.writeTo(folder);
        second.writeTo(folder);
        assertEquals(Optional.of(second), ControlAddress.readFrom(folder));
        assertEquals(
                PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(folder.resolve("control")));
        assertFalse(second.toString().contains(second.token().reveal()));
    }

    @Test
    void nothingIsThereBeforeAndAfter() {
        assertEquals(Optional.empty(), ControlAddress.readFrom(folder));
        new ControlAddress(URI.create("http://127.0.0.1:1"), ControlAddress.newToken()).writeTo(folder);
        ControlAddress.removeFrom(folder);
        ControlAddress.removeFrom(folder);
        assertEquals(Optional.empty(), ControlAddress.readFrom(folder));
    }

    @Test
    void aDamagedFileIsAnError() throws Exception {
        Files.writeString(folder.resolve("control"), "http://127.0.0.1:1\n");
        assertEquals(
                "CONTROL_FILE_NOT_READ",
                assertThrows(MillraceException.class, () -> ControlAddress.readFrom(folder))
                        .code());
    }
}
