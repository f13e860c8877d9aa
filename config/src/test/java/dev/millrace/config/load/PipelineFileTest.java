package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.pipeline.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineFileTest {
    private static final String SMALLEST =
            "source: {type: postgresql, host: localhost}\ndestination: {type: duckdb, path: shop.duckdb}\n";

    @TempDir
    Path folder;

    private final ConfigLoader loader = new ConfigLoader(
            Kinds.SOURCES, Kinds.DESTINATIONS, Map.of("SECRET", "hunter2", "PORT", "6543", "EMPTY", "")::get);

    @Test
    void theSmallestFileGetsTheDefaults() throws IOException {
        PipelineDefinition pipeline = load("shop.yaml", SMALLEST).orThrow();
        assertEquals("shop", pipeline.name());
        assertEquals("postgresql", pipeline.source().kind());
        assertEquals(5432, pipeline.source().settings().integer("port"));
        assertEquals(List.of("*.*"), pipeline.objects());
        assertEquals(
                folder.resolve("shop.duckdb").toAbsolutePath(),
                pipeline.destination().settings().path("path"));
        assertEquals(OnDelete.SOFT, pipeline.load().onDelete());
        assertEquals(Optional.empty(), pipeline.guarantee());
        assertEquals(Optional.empty(), pipeline.schedule());
    }

    @Test
    void everyKeyIsRead() throws IOException {
        PipelineDefinition pipeline = load("x.yaml", """
                name: orders-2
                source:
                  type: postgresql
                  host: "db"
                  port: ${env:PORT}
                  password: ${env:SECRET}
                  mode: table
                  connectTimeout: 2m
                  tls: true
                objects:
                  - public.film
                  - "!public.audit_*"
                destination:
                  type: duckdb
                  path: /data/x.duckdb
                  extensions: [a, b]
                onDelete: hard
                load:
                  mode: append
                  objects:
                    public.film: {mode: history}
                    "public.film_*": {onDelete: ignore}
                    "public.film_text": {mode: merge, onDelete: soft}
                guarantee: at-least-once
                schedule: {every: 15m}
                """).orThrow();
        assertEquals("orders-2", pipeline.name());
        assertEquals(6543, pipeline.source().settings().integer("port"));
        assertEquals(
                "hunter2",
                pipeline.source().settings().secret("password").orElseThrow().reveal());
        assertEquals(Duration.ofMinutes(2), pipeline.source().settings().duration("connectTimeout"));
        assertEquals(List.of("public.film", "!public.audit_*"), pipeline.objects());
        assertEquals(List.of("a", "b"), pipeline.destination().settings().textList("extensions"));
        assertEquals(OnDelete.HARD, pipeline.load().onDelete());
        assertEquals(
                new LoadRules.Rule(LoadMode.APPEND, OnDelete.HARD),
                pipeline.load().of("public", "actor"));
        assertEquals(
                new LoadRules.Rule(LoadMode.HISTORY, OnDelete.HARD),
                pipeline.load().of("public", "film"));
        assertEquals(
                new LoadRules.Rule(LoadMode.APPEND, OnDelete.IGNORE),
                pipeline.load().of("public", "film_actor"));
        assertEquals(
                new LoadRules.Rule(LoadMode.MERGE, OnDelete.SOFT),
                pipeline.load().of("public", "film_text"));
        assertTrue(pipeline.effective().contains("    'public.film_text': {mode: merge, onDelete: soft}\n"));
        assertEquals(Optional.of(Guarantee.AT_LEAST_ONCE), pipeline.guarantee());
        assertEquals(Optional.of(new Schedule(Duration.ofMinutes(15))), pipeline.schedule());
    }

    @Test
    void theEffectiveDefinitionShowsDefaultsAndHidesSecrets() throws IOException {
        String text = load("shop.yaml", SMALLEST.replace("localhost", "localhost, password: '${env:SECRET}'"))
                .orThrow()
                .effective();
        assertTrue(text.contains("  port: 5432\n"), text);
        assertTrue(text.contains("  password: ******\n"), text);
        assertTrue(text.contains("onDelete: soft\n"), text);
        assertFalse(text.contains("hunter2"), text);
    }

    @Test
    void referencesAreResolvedAndEscapesAreNot() throws IOException {
        Files.writeString(folder.resolve("secret.txt"), "s3cret\n");
        assertEquals("s3cret", password("${file:secret.txt}"));
        assertEquals("s3cret", password("${file:" + folder.resolve("secret.txt") + "}"));
        assertEquals("a-hunter2-b", password("a-${env:SECRET}-b"));
        assertEquals("fallback", password("${env:MISSING:-fallback}"));
        assertEquals("fallback", password("${env:EMPTY:-fallback}"));
        assertEquals("", password("${env:MISSING:-}"));
        assertEquals("", password("${env:EMPTY}"));
        assertEquals("${env:SECRET}", password("$${env:SECRET}"));
        assertEquals("pa$$word$", password("pa$$word$"));
    }

    @Test
    void onlyOneLineBreakIsTakenFromAFile() throws IOException {
        Files.writeString(folder.resolve("secret.txt"), " s3cret\n\r\n");
        assertEquals(" s3cret\n", password("${file:secret.txt}"));
    }

    @Test
    void whatAVariableHoldsIsNotLookedAtAgain() throws IOException {
        Files.writeString(folder.resolve("secret.txt"), "${env:SECRET}");
        assertEquals("${env:SECRET}", password("${file:secret.txt}"));
    }

    @Test
    void plainSecretsAreWarnedOfAndAllowed() throws IOException {
        Loaded<PipelineDefinition> loaded =
                load("shop.yaml", SMALLEST.replace("localhost", "localhost, password: hunter2"));
        assertTrue(loaded.value().isPresent());
        Problem warning = loaded.problems().warnings().get(0);
        assertEquals("PLAIN_SECRET", warning.code());
        assertEquals(55, warning.column());
        assertTrue(
                warning.text().contains("shop.yaml:1:55: warning: 'password' stands here as plain text"),
                warning.text());
        assertFalse(warning.text().contains("hunter2"));
    }

    @Test
    void aKeyWithoutAValueCountsAsAbsent() throws IOException {
        PipelineDefinition pipeline = load("shop.yaml", SMALLEST + "objects:\nonDelete: ~\nschedule: null\n")
                .orThrow();
        assertEquals(List.of("*.*"), pipeline.objects());
        assertEquals(OnDelete.SOFT, pipeline.load().onDelete());
    }

    @Test
    void aFolderIsLoadedInNameOrderAndAMissingOneIsEmpty() throws IOException {
        Files.writeString(folder.resolve("b.yml"), SMALLEST);
        Files.writeString(folder.resolve("a.yaml"), SMALLEST);
        Files.writeString(folder.resolve(".hidden.yaml"), "broken: [");
        Files.writeString(folder.resolve("notes.txt"), "broken: [");
        List<PipelineDefinition> pipelines = loader.loadPipelines(folder).orThrow();
        assertEquals(
                List.of("a", "b"),
                pipelines.stream().map(PipelineDefinition::name).toList());
        assertEquals(List.of(), loader.loadPipelines(folder.resolve("nowhere")).orThrow());
    }

    @Test
    void aFolderTellsTheProblemsOfAllItsFiles() throws IOException {
        Files.writeString(folder.resolve("a.yaml"), SMALLEST);
        Files.writeString(folder.resolve("b.yaml"), "name: a\n" + SMALLEST);
        Files.writeString(folder.resolve("c.yaml"), SMALLEST + "colour: red\n");
        Problems problems = loader.loadPipelines(folder).problems();
        assertEquals(
                List.of("DUPLICATE_NAME", "UNKNOWN_KEY"),
                problems.list().stream().map(Problem::code).toList());
        assertEquals(folder.resolve("c.yaml"), problems.list().get(1).file());
    }

    private String password(String written) throws IOException {
        String yaml = SMALLEST.replace("localhost", "localhost, password: '" + written + "'");
        return load("shop.yaml", yaml)
                .orThrow()
                .source()
                .settings()
                .secret("password")
                .orElseThrow()
                .reveal();
    }

    private Loaded<PipelineDefinition> load(String name, String text) throws IOException {
        return loader.loadPipeline(Files.writeString(folder.resolve(name), text));
    }
}
