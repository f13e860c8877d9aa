package dev.millrace.web;

import static dev.millrace.web.ServedInstallation.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MappingRoutesTest {
    @AutoClose
    private final ServedInstallation served = ServedInstallation.start();

    private final FakeInstallation installation = served.installation();
    private final ControlClient client = served.client();

    @Test
    void objectsAreListedAndOneIsShownWithItsColumns() {
        JsonNode film = client.mapping("shop").path("objects").path(0);
        assertEquals("waiting", film.path("status").asString());
        assertEquals("crm.films", film.path("table").asString());
        assertTrue(film.path("waits").asBoolean());
        assertEquals("new-column", film.path("proposals").path(0).path("kind").asString());
        JsonNode shown = client.mappedObject("shop", "pub lic.a/b?c=\"d\"");
        assertEquals("public.film", shown.path("mapping").path("object").asString());
        assertEquals(
                "film_id", shown.path("columns").path(0).path("destination").asString());
        assertEquals(List.of("show pub lic.a/b?c=\"d\""), installation.mapping.asked);
        assertEquals("NO_SUCH_PIPELINE", refused(() -> client.mapping("shoe")));
    }

    @Test
    void nothingIsApprovedByASlip() {
        assertEquals("NOTHING_CHOSEN", refused(() -> client.mappingAction("shop", "approve", "")));
        assertEquals(List.of(), installation.mapping.asked);
        JsonNode answers = client.mappingAction("shop", "approve", "all=true&").path("answers");
        assertEquals("public.film", answers.path(0).path("object").asString());
        client.mappingAction("shop", "approve", "object=a.b&object=c%26d&");
        assertEquals(List.of("approve []", "approve [a.b, c&d]"), installation.mapping.asked);
    }

    @Test
    void everyChoiceComesAsItWasMeant() {
        for (String choice : List.of("recreate", "skip", "unskip", "to&to=crm.x")) {
            client.mappingAction("shop", "set", "object=public.film&choice=" + choice + "&");
        }
        client.mappingAction("shop", "reject", "object=public.film&");
        assertEquals(
                List.of(
                        "set public.film Recreate[]",
                        "set public.film Skip[]",
                        "set public.film Unskip[]",
                        "set public.film To[table=crm.x]",
                        "reject public.film"),
                installation.mapping.asked);
        assertEquals("NO_SUCH_CHOICE", refused(() -> client.mappingAction("shop", "set", "object=a.b&choice=drop&")));
        assertEquals("NOTHING_CHOSEN", refused(() -> client.mappingAction("shop", "set", "choice=skip&")));
        assertEquals("NOTHING_CHOSEN", refused(() -> client.mappingAction("shop", "reject", "")));
    }
}
