package dev.millrace.web;

import static dev.millrace.web.ServedInstallation.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FailedRoutesTest {
    @AutoClose
    private final ServedInstallation served = ServedInstallation.start();

    private final FakeInstallation installation = served.installation();
    private final ControlClient client = served.client();

    @Test
    void groupsAndAPageOfEventsAreListed() {
        JsonNode document = client.failed("shop", "limit=10&after=7-3&");
        assertEquals(150, document.path("groups").path(0).path("events").asLong());
        assertTrue(document.path("groups").path(0).path("expiresSoon").asBoolean());
        assertEquals(10, document.path("events").size());
        assertEquals(
                1,
                client.failed("shop", "phase=load&code=DATA_REFUSED&")
                        .path("groups")
                        .size());
        for (String other : List.of("object=public.other&", "phase=map&", "code=OTHER&")) {
            assertEquals(0, client.failed("shop", other).path("groups").size(), other);
        }
        assertEquals("7-4", document.path("events").path(0).path("id").asString());
        assertEquals("7-0", document.path("events").path(0).path("waitsFor").asString());
        assertEquals("For 7-0", document.path("events").path(0).path("waits").asString());
        assertEquals("BAD_LIMIT", refused(() -> client.failed("shop", "limit=many")));
        assertEquals("NO_SUCH_PIPELINE", refused(() -> client.failed("shoe", "")));
        assertEquals("REQUEST_TOO_LARGE", refused(() -> client.failed("shop", "id=7-5&".repeat(5_000))));
    }

    @Test
    void valuesAreMaskedUnlessAskedForInClear() {
        JsonNode masked = client.failedEvent("shop", "7-5", false);
        assertTrue(masked.path("masked").asBoolean());
        assertEquals("***", masked.path("values").path("title").asString());
        assertEquals(
                "Alien 5",
                client.failedEvent("shop", "7-5", true)
                        .path("values")
                        .path("title")
                        .asString());
    }

    @Test
    void nothingIsDoneToAllByASlip() {
        assertEquals("NOTHING_CHOSEN", refused(() -> client.failedReplay("shop", "")));
        assertEquals(List.of(), installation.failed.replayed);
        assertEquals(
                150, client.failedReplay("shop", "all=true&").path("events").asInt());
        assertEquals(
                1, client.failedSkip("shop", "id=7-5&id=7-6&").path("events").asInt());
        assertEquals(List.of("7-5", "7-6"), installation.failed.skipped.get(0).ids());
        JsonNode replay = client.failedReplay("shop", "object=public.film&code=DATA_REFUSED&phase=load&");
        assertEquals(150, replay.path("events").asLong());
        assertEquals(2, replay.path("ahead").asLong());
        assertEquals(3, replay.path("superseded").asLong());
        FailedSelection selection = installation.failed.replayed.get(1);
        assertEquals(Optional.of("public.film"), selection.object());
        assertEquals(Optional.of("load"), selection.phase());
    }

    @Test
    void theExportHoldsEveryEventALine() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.failedExport("shop", "clear=true&", out);
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(150, lines.size());
        JsonNode last = JsonMapper.shared().readTree(lines.get(149));
        assertEquals("Alien 149", last.path("values").path("title").asString());
        assertFalse(last.path("masked").asBoolean());
        assertEquals("NO_SUCH_PIPELINE", refused(() -> client.failedExport("shoe", "", out)));
    }

    @Test
    void anEventThatIsGoneOrUnreadableKeepsNoOtherFromBeingExported() throws Exception {
        installation.failed.failing.put(
                "7-3", MillraceException.user("FAILED_EVENT_NOT_FOUND", "gone", "replayed", ""));
        installation.failed.failing.put(
                "7-120", MillraceException.resource("KEY_MISSING", "no key", "it is lost", "", null));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.failedExport("shop", "clear=true&", out);
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(149, lines.size());
        JsonNode unreadable = JsonMapper.shared().readTree(lines.get(119));
        assertEquals("KEY_MISSING", unreadable.path("unreadable").asString());
        assertEquals("7-120", unreadable.path("event").path("id").asString());
    }

    @Test
    void anExportThatIsNotWholeFailsBehindWhatCouldBeTold() {
        installation.failed.lastToBeListed = "7-99";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals("SEALED_DAMAGED", refused(() -> client.failedExport("shop", "", out)));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(100, lines.size());
        assertTrue(lines.get(99).contains("7-99"), lines.get(99));
    }

    @Test
    void aProcessThatHasEndedIsNoAnswerToAnExport() {
        served.close();
        assertEquals(
                "CONTROL_NO_ANSWER", refused(() -> client.failedExport("shop", "", OutputStream.nullOutputStream())));
    }
}
