package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyFormTest {
    @Test
    void valuesComeBackAndBothWaysOfMakingAKeyAgree() {
        byte[] key = KeyForm.encode(List.of("1", "", "ä\u0000'☺"));
        assertEquals(List.of("1", "", "ä\u0000'☺"), KeyForm.decode(key));
        byte[] buffer = "xxab☺yy".getBytes(StandardCharsets.UTF_8);
        assertArrayEquals(
                KeyForm.encode(List.of("☺", "ab")), KeyForm.encode(buffer, new int[] {4, 2}, new int[] {3, 2}));
    }

    @Test
    void bytesThatAreNoKeyAreRefused() {
        byte[] key = KeyForm.encode(List.of("12", "abc"));
        for (int length = 0; length < key.length; length++) {
            byte[] cut = Arrays.copyOf(key, length);
            assertEquals(
                    "KEY_MALFORMED",
                    assertThrows(MillraceException.class, () -> KeyForm.decode(cut))
                            .code());
        }
        byte[] longer = Arrays.copyOf(key, key.length + 1);
        assertThrows(MillraceException.class, () -> KeyForm.decode(longer));
    }
}
