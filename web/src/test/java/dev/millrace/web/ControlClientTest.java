package dev.millrace.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A process that takes connections and never answers. */
class ControlClientTest {
    @Test
    void aReloadThatTakesLongIsToldAsGoingOn() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            MillraceException slow =
                    assertThrows(MillraceException.class, () -> client(silent).reload("orders", "public.film"));
            assertEquals("CONTROL_SLOW", slow.code());
            assertEquals(Category.EXTERNAL, slow.category());
            assertTrue(slow.getMessage().contains("millrace status"), slow.getMessage());
        }
    }

    @Test
    void aStatusThatDoesNotComeIsNoAnswer() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            MillraceException none =
                    assertThrows(MillraceException.class, () -> client(silent).status());
            assertEquals("CONTROL_NO_ANSWER", none.code());
            assertEquals(Category.EXTERNAL, none.category());
        }
    }

    private static ControlClient client(ServerSocket server) {
        ControlAddress address =
                new ControlAddress(URI.create("http://127.0.0.1:" + server.getLocalPort()), ControlAddress.newToken());
        return new ControlClient(address, Duration.ofMillis(300), Duration.ofMillis(400));
    }
}
