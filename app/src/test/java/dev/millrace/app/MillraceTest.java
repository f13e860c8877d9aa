package dev.millrace.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.app.pipeline.PipelineSnapshot;
import dev.millrace.app.pipeline.PipelineState;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.installation.WebConfig;
import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.load.PipelineFiles;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.web.ControlAddress;
import dev.millrace.web.ControlClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MillraceTest {
    @TempDir
    Path folder;

    private PipelineDefinition definition(String name, int port) throws IOException {
        return new ConfigLoader(Connectors.sourceKinds(), Connectors.destinationKinds())
                .loadPipeline(write(name, port))
                .orThrow();
    }

    private Path write(String name, int port) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), """
            source: {type: postgresql, host: 127.0.0.1, port: %d, database: d, user: u, sslMode: disable}
            destination: {type: duckdb, path: %s.duckdb}
            """.formatted(port, name));
    }

    @Test
    void aFileThatIsNoGoodIsShownAndLeavesTheOthersRunning() throws Exception {
        Path pipelines = Files.createDirectories(folder.resolve("pipelines"));
        Files.writeString(pipelines.resolve("bad.yaml"), "source: {type: postgresql, hots: db}\n");
        Files.writeString(pipelines.resolve("good.yaml"), Files.readString(write("good", 1)));
        Files.writeString(
                pipelines.resolve("odd.yaml"),
                Files.readString(write("odd", 1)).replace("}\ndest", "}\nschedule: {every: 1h}\ndest"));
        MillraceConfig config = MillraceConfig.defaults(folder).withWeb(new WebConfig(false, "127.0.0.1", 0));
        PipelineFiles files =
                new ConfigLoader(Connectors.sourceKinds(), Connectors.destinationKinds()).loadEach(pipelines);
        try (Millrace millrace = Millrace.start(config, files, Level.WARN)) {
            assertEquals(
                    List.of("good"),
                    millrace.pipelines().stream().map(PipelineRuntime::name).toList());
            List<PipelineSnapshot> shown = millrace.snapshots();
            assertEquals(
                    List.of("good", "bad", "odd"),
                    shown.stream().map(PipelineSnapshot::name).toList());
            assertEquals(PipelineState.FAILED, shown.get(1).state());
            assertTrue(shown.get(1).why().contains("Did you mean 'host'?"), shown.get(1)::why);
            assertTrue(shown.get(2).why().contains("has a schedule but streams"), shown.get(2)::why);
            assertEquals(List.of(), millrace.runs("bad", 10));
            assertEquals(
                    "PIPELINE_NOT_FOUND",
                    assertThrows(MillraceException.class, () -> millrace.loadNow("bad"))
                            .code());
        }
    }

    /** Else whatever else runs in the process has its temporary files in a folder that may be gone by then. */
    @Test
    void theTemporaryFolderIsTheProcesssOwnAgainOnceClosed() {
        MillraceConfig config = MillraceConfig.defaults(folder).withWeb(new WebConfig(false, "127.0.0.1", 0));
        String before = System.getProperty("java.io.tmpdir");
        try (Millrace millrace = Millrace.start(config, List.of(), Level.WARN)) {
            assertEquals(List.of(), millrace.pipelines());
            assertEquals(
                    folder.resolve("data/tmp").toString(),
                    System.getProperty("java.io.tmpdir"),
                    "libraries unpack themselves there");
        }
        assertEquals(before, System.getProperty("java.io.tmpdir"));
    }

    /** Runs that begin at the same moment would all find it free if they only looked. */
    @Test
    void aPortThatIsTakenEndsOnlyWhatNeedsThatOne() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            WebConfig web = new WebConfig(true, "127.0.0.1", taken.getLocalPort());
            MillraceConfig config = MillraceConfig.defaults(folder);
            MillraceException refused = assertThrows(
                    MillraceException.class, () -> Millrace.start(config.withWeb(web), List.of(), Level.WARN));
            assertEquals("WEB_PORT_TAKEN", refused.code());
            try (Millrace millrace = Millrace.start(config.withWeb(web.withAnyPort()), List.of(), Level.WARN)) {
                assertEquals(List.of(), millrace.pipelines());
                ControlAddress address =
                        ControlAddress.readFrom(config.dataFolder()).orElseThrow();
                assertTrue(new ControlClient(address).status().path("ready").asBoolean());
            }
        }
    }

    @Test
    void aPipelineThatCannotStartShowsWhyAndLeavesTheOthersRunning() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        MillraceConfig config = MillraceConfig.defaults(folder).withWeb(new WebConfig(false, "127.0.0.1", 0));
        List<PipelineDefinition> definitions = List.of(definition("broken", closed), definition("other", closed));
        Millrace.reloadAtNextStart(config, "broken", Optional.empty(), "*", false);
        try (Millrace millrace = Millrace.start(config, definitions, Level.WARN)) {
            PipelineRuntime broken = millrace.pipelines().get(0);
            PipelineRuntime other = millrace.pipelines().get(1);
            assertEquals(PipelineState.FAILED, broken.snapshot().state());
            assertTrue(broken.snapshot().why().contains("Cannot connect to PostgreSQL"), broken.snapshot()::why);
            assertEquals(
                    "CONNECTION_REFUSED", ((MillraceException) broken.failure().orElseThrow()).code());
            assertTrue(other.failure().isEmpty(), () -> other.snapshot().why());
            assertEquals(
                    "PIPELINE_NOT_STARTED",
                    assertThrows(MillraceException.class, () -> millrace.reload("broken", "public.t", true))
                            .code());
        }
        MillraceException alone = assertThrows(
                MillraceException.class, () -> Millrace.start(config, definitions.subList(0, 1), Level.WARN));
        assertEquals("CONNECTION_REFUSED", alone.code(), "what was asked for waits until it can be done");
    }
}
