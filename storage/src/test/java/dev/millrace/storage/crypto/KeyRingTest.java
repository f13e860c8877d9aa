package dev.millrace.storage.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyRingTest {
    private static final byte[] PLAIN = "4111 1111 1111 1111".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @Test
    void whatIsSealedOpensUnderItsIdOnly() {
        KeyRing keys = KeyFile.open(folder);
        byte[] sealed = keys.seal(PLAIN, "orders/1");
        assertEquals(PLAIN.length + KeyRing.OVERHEAD_BYTES, sealed.length);
        assertFalse(new String(sealed, StandardCharsets.ISO_8859_1).contains("4111"));
        assertArrayEquals(PLAIN, keys.open(sealed, "orders/1"));
        assertEquals("SEALED_DAMAGED", refused(() -> keys.open(sealed, "orders/2")));
    }

    @Test
    void everyFlippedBitIsNoticed() {
        KeyRing keys = KeyFile.open(folder);
        byte[] sealed = keys.seal(PLAIN, "orders/1");
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(MillraceException.class, () -> keys.open(flipped, "orders/1"), "bit " + bit);
        }
        assertThrows(MillraceException.class, () -> keys.open(new byte[3], "orders/1"));
    }

    @Test
    void theKeyFileIsItsOwnersAloneAndStays() throws Exception {
        byte[] sealed = KeyFile.open(folder).seal(PLAIN, "a");
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(KeyFile.NAME))));
        assertArrayEquals(PLAIN, KeyFile.open(folder).open(sealed, "a"));
    }

    @Test
    void aNewKeySealsAndTheOldOneStillOpens() throws Exception {
        byte[] old = KeyFile.open(folder).seal(PLAIN, "a");
        Path before = Files.copy(folder.resolve(KeyFile.NAME), folder.resolve("before"));
        KeyFile.rotate(folder);
        KeyRing keys = KeyFile.open(folder);
        byte[] fresh = keys.seal(PLAIN, "a");
        assertArrayEquals(PLAIN, keys.open(old, "a"));
        assertArrayEquals(PLAIN, keys.open(fresh, "a"));
        Files.delete(folder.resolve(KeyFile.NAME));
        Files.move(before, folder.resolve(KeyFile.NAME));
        KeyRing without = KeyFile.open(folder);
        assertArrayEquals(PLAIN, without.open(old, "a"));
        assertEquals("KEY_MISSING", refused(() -> without.open(fresh, "a")));
    }

    @Test
    void keysFromOutsideAreBase64OrHexadecimal() {
        String hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
        String base64 = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=";
        byte[] sealed = KeyRing.of(List.of(new Secret(hex))).seal(PLAIN, "a");
        assertArrayEquals(PLAIN, KeyRing.of(List.of(new Secret(base64))).open(sealed, "a"));
        assertEquals("KEY_INVALID", refused(() -> KeyRing.of(List.of(new Secret("hunter2")))));
    }

    @Test
    void aKeyFileThatIsNoneIsToldAndKept() throws Exception {
        Files.writeString(folder.resolve(KeyFile.NAME), "something else\n");
        assertEquals("KEY_FILE_UNUSABLE", refused(() -> KeyFile.open(folder)));
        assertEquals("KEY_FILE_UNUSABLE", refused(() -> KeyFile.rotate(folder)));
        assertEquals("something else\n", Files.readString(folder.resolve(KeyFile.NAME)));
    }

    private static String refused(Runnable action) {
        return assertThrows(MillraceException.class, action::run).code();
    }
}
