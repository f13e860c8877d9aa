package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.load.TransformText;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.TransformVersion;
import dev.millrace.storage.state.TransformVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts from a pipeline's file to the destination, and what becomes of the log when they are changed. */
class DeployedTransformationTest {
    private static final Column ID = StepBench.key("id", Type.INTEGER);
    private static final Column TEXT = StepBench.column("t", Type.STRING);

    @TempDir
    Path folder;

    private Pipe pipe;
    private TableFeed feed;

    @BeforeEach
    void openPipe() {
        pipe = new Pipe(folder);
        feed = new TableFeed(pipe, "item").schema(1, ID, TEXT);
    }

    private void deploy(String script) throws IOException {
        pipe.transform = definitions(script);
        try (var destination = pipe.destination()) {
            pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
        }
    }

    private List<TransformDefinition> definitions(String script) throws IOException {
        Path file = folder.resolve("orders.yaml");
        Files.writeString(folder.resolve("tidy.js"), script);
        String yaml =
                "source: {type: x}\ntransform:\n- objects: [\"*.*\"]\n  steps:\n  - script: tidy.js\nonDelete: hard\n";
        Files.writeString(file, yaml);
        return new TransformText(file, yaml.substring(yaml.indexOf("transform"), yaml.indexOf("onDelete")), Map.of())
                .definitions(name -> null)
                .orThrow();
    }

    private List<TransformVersion> versions() {
        return new TransformVersions(pipe.state, "orders").all();
    }

    private List<String> rows() throws Exception {
        return pipe.query("SELECT id, t FROM public.item ORDER BY id");
    }

    @Test
    void whatStoodInTheLogGoesThroughTheVersionThatAppliedToIt() throws Exception {
        deploy("function transform(e) { e.values.t += ' one'; return e }");
        feed.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
        deploy("function transform(e) { e.values.t += ' two'; return e }");
        feed.row(Operation.INSERT, 3, "c");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|a one", "2|b one", "3|c two"), rows());
        assertEquals(
                List.of(1L, 3L),
                versions().stream().map(TransformVersion::fromIndex).toList());
    }

    @Test
    void theSameTextIsNoNewVersion() throws Exception {
        String script = "function transform(e) { return e }";
        deploy(script);
        feed.row(Operation.INSERT, 1, "a");
        deploy(script);
        pipe.drain(OnDelete.HARD);
        assertEquals(1, versions().size());
        TransformVersion version = versions().get(0);
        assertEquals(System.getProperty("user.name"), version.who());
        TransformText text = TransformText.of(version.text());
        assertEquals(Map.of(folder.resolve("tidy.js"), script), text.scripts());
        assertTrue(text.yaml().contains("script: tidy.js") && !text.yaml().contains("source"), text.yaml());
        assertEquals(version.hash(), text.hash());
    }

    @Test
    void aTransformationThatIsTakenAwayStillAppliesToWhatCameBefore() throws Exception {
        deploy("function transform(e) { e.values.t = 'x'; return e }");
        feed.row(Operation.INSERT, 1, "a");
        pipe.transform = List.of();
        feed.row(Operation.INSERT, 2, "b");
        pipe.drain(OnDelete.HARD);
        feed.row(Operation.INSERT, 3, "c");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|x", "2|x", "3|c"), rows());
        assertEquals("", versions().get(1).hash());
    }

    @Test
    void columnsAreFollowedWhenAScriptHasGone() throws Exception {
        deploy("function transform(e) { e.values['extra_' + e.values.id] = e.values.t; return e }");
        Column text = new Column("t", DataType.of(Type.STRING), true, 0, "text", 2);
        Column renamed = new Column("word", DataType.of(Type.STRING), true, 0, "text", 2);
        feed.schema(2, ID, text).row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
        pipe.drain(OnDelete.HARD);
        pipe.transform = List.of();
        pipe.drain(OnDelete.HARD); // applies from the log's end on
        feed.schema(3, ID, renamed).row(Operation.INSERT, 3, "c");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|a", "2|b", "3|c"), pipe.query("SELECT id, word FROM public.item ORDER BY id"));
        assertEquals(
                List.of("a|null", "null|b", "null|null"),
                pipe.query("SELECT extra_1, extra_2 FROM public.item ORDER BY id"));
    }

    @Test
    void aRunningPipelineKeepsToWhatItWasStartedWithWhateverBecomesOfTheFiles() throws Exception {
        deploy("function transform(e) { e.values.t = 'as started'; return e }");
        feed.row(Operation.INSERT, 1, "a");
        Files.writeString(folder.resolve("tidy.js"), "function transform(e) { e.values.t = 'later'; return e }");
        Files.writeString(folder.resolve("orders.yaml"), "source: {type: x}\n");
        pipe.drain(OnDelete.HARD);
        Files.delete(folder.resolve("tidy.js"));
        Files.delete(folder.resolve("orders.yaml"));
        feed.row(Operation.INSERT, 2, "b");
        pipe.drain(OnDelete.HARD); // its consumer is made anew
        assertEquals(List.of("1|as started", "2|as started"), rows());
        assertEquals(1, versions().size());
        deploy("function transform(e) { e.values.t = 'started anew'; return e }");
        feed.row(Operation.INSERT, 3, "c");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("1|as started", "2|as started", "3|started anew"), rows());
    }

    @Test
    void aPipelineWithoutTransformationKeepsNothing() throws Exception {
        feed.row(Operation.INSERT, 1, "a");
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of(), versions());
        assertEquals(List.of("1|a"), rows());
    }

    @Test
    void aRunawayScriptStopsThePipelineAtItsEventAndNotTheProcess() throws Exception {
        deploy("function transform(e) { if (e.values.t === 'bad') for (;;); return e }");
        feed.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "bad");
        MillraceException stopped = assertThrows(MillraceException.class, () -> pipe.drain(OnDelete.HARD));
        assertTrue(stopped.code().startsWith("SCRIPT_"), stopped.code());
        assertTrue(stopped.getMessage().contains("transform 1"), stopped.getMessage());
    }

    @Test
    void newColumnsOfAScriptReachTheDestinationAsTheyAppear() throws Exception {
        deploy("function transform(e) { e.values['extra_' + e.values.id] = e.values.id / 2; return e }");
        feed.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
        pipe.drain(OnDelete.HARD);
        assertEquals(
                List.of("1|0.5|null", "2|null|1"),
                pipe.query("SELECT id, extra_1, extra_2 FROM public.item ORDER BY id"));
    }
}
