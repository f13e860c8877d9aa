package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.transform.TransformDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of a transformation makes the same of it later, whatever way the file is written. */
class TransformTextTest {
    private static final String ENDS =
            "source: {type: postgresql, host: localhost, password: hunter2}\ndestination: {type: duckdb, path: shop.duckdb}\n";
    private static final String SALT = "a salt that is long enough";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                ENDS + "transform:\n  - steps:\n      - trim: [a]\n# password: x\nonDelete: hard\n",
                ENDS + "transform:\n- steps:\n  - trim: [a]\n\n  # about this\n  - lower: [b]",
                ENDS + "\"transform\":\n- steps: [{trim: [a]}]\n",
                ENDS + "transform :\n- steps: [{trim: [a]}]\n",
                ENDS + "transform: [\n{steps: [{trim: [a]},\n{lower: [b]}]}\n]\nonDelete: hard\n",
                ENDS + "? transform\n: - steps: [{trim: [a]}]\n",
                "{source: {type: postgresql, host: h}, destination: {type: duckdb, path: 😀},\n"
                        + "objects: [\"😀.*\"], \"transform\":[{steps: [{trim: [a]}]}], onDelete: hard}",
                "{\n\"transform\":[{steps: [{trim: [a]}]}],\nsource: {type: postgresql, host: h}, destination: {type: duckdb, path: x}}",
                ENDS
                        + "transform:\n- steps:\n  - set:\n      a: |\n        'x ' +\n          a\n\n      b: \"a +\nb\"\n",
                ENDS + "transform:\n- steps: &s [{trim: [a]}]\n- objects: [public.b]\n  steps: *s\nonDelete: hard\n",
                ENDS + "transform: &t\n- steps: [{trim: [a]}]\n",
                "\uFEFFtransform:\n- steps: [{trim: [a]}]\n" + ENDS,
                "---\n" + ENDS + "transform:\r\n- steps:\r\n  - trim: [a]\r\n...\n",
            })
    void whatIsKeptIsReadAsTheSameStepsAtTheSamePlaces(String yaml) throws IOException {
        List<TransformDefinition> definitions = definitions(yaml);
        assertFalse(definitions.isEmpty());
        TransformText kept = TransformText.of(definitions).orElseThrow();
        assertEquals(definitions, kept.definitions(this::variable).orThrow(), kept::yaml);
        assertFalse(kept.yaml().contains("hunter2") || kept.yaml().contains("password"), kept::yaml);
        TransformText again = TransformText.of(kept.stored());
        assertEquals(kept, again);
        assertEquals(definitions, again.definitions(this::variable).orThrow());
    }

    @Test
    void anotherTransformationIsAnotherVersionAndMovedLinesAreNot() throws IOException {
        String one = hash(ENDS + "transform: [{steps: [{trim: [a]}]}]\n");
        assertEquals(one, hash("# more\n" + ENDS + "\ntransform: [{steps: [{trim: [a]}]}]\nonDelete: hard\n"));
        assertNotEquals(one, hash(ENDS + "transform: [{steps: [{trim: [b]}]}]\n"));
        assertNotEquals(
                hash(
                        "{source: {type: postgresql, host: h}, destination: {type: duckdb, path: x}, transform: [{steps: [{trim: [a]}]}]}"),
                hash(
                        "{source: {type: postgresql, host: h}, destination: {type: duckdb, path: x}, transform: [{steps: [{trim: [b]}]}]}"));
    }

    @Test
    void whatOnlyTheRestOfTheFileExplainsIsRefused() throws IOException {
        Path file = Files.writeString(
                folder.resolve("shop.yaml"),
                "objects: &o [public.a]\n" + ENDS + "transform:\n- objects: *o\n  steps: [{trim: [a]}]\n");
        List<Problem> refused = loader().loadPipeline(file).problems().list().stream()
                .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                .toList();
        assertEquals(
                List.of("TRANSFORM_NOT_APART"),
                refused.stream().map(Problem::code).toList());
        assertTrue(refused.get(0).suggestion().contains("within 'transform'"), refused::toString);
        assertEquals(5, refused.get(0).line());
    }

    @Test
    void whatIsKeptIsWhatWasReadWhateverBecomesOfTheFiles() throws IOException {
        Path script = Files.writeString(folder.resolve("tidy.js"), "function transform(e) { return e }");
        String transform = "transform:\n- steps:\n  - trim: [a]\n  - script: tidy.js\n";
        List<TransformDefinition> definitions = definitions(ENDS + transform);
        Files.writeString(script, "function transform(e) { return null }");
        Files.writeString(folder.resolve("shop.yaml"), ENDS);
        TransformText kept = TransformText.of(definitions).orElseThrow();
        assertEquals(transform.strip(), kept.shown());
        assertEquals(Map.of(script, "function transform(e) { return e }"), kept.scripts());
        assertEquals(
                definitions,
                TransformText.of(kept.stored()).definitions(this::variable).orThrow());
    }

    @Test
    void aScriptThatCouldNotBeReadIsToldToWhoNeedsItAlsoWhenItHasComeSince() throws IOException {
        List<TransformDefinition> definitions = definitions(ENDS + "transform:\n- steps:\n  - script: none.js\n");
        Files.writeString(folder.resolve("none.js"), "function transform(e) { return e }");
        MillraceException refused = assertThrows(MillraceException.class, () -> TransformText.of(definitions));
        assertEquals("SCRIPT_UNREADABLE", refused.code());
        assertTrue(refused.what().contains("none.js"), refused::what);
    }

    @Test
    void secretsInTheClearAreNotShownAndReferencesAre() throws IOException {
        String yaml = ENDS + """
                transform:
                - steps:
                  - mask:
                      a: {sha256: "secret, of a comma }1"}
                      b: {"hmac" : secretOfPlainWords2}
                      c:
                        keepFormat: >
                          secret3 in a block
                      d: {hmac: "${env:SALT}"}
                      e: {hmac: "${env:NONE:-secret4 by default}"}
                      f: {hmac: "${env:SALT} and secret5"}
                      hmac: {redact: shown6}
                  - if: {when: a, then: [{mask: {g: {hmac: 'secret7 within a branch'}}}]}
                  - script: {file: tidy.js, salt: secret8 of a script}
                """;
        Files.writeString(folder.resolve("tidy.js"), "function transform(e) { return e }");
        String shown = TransformText.of(definitions(yaml)).orElseThrow().shown();
        assertFalse(shown.contains("secret"), shown);
        assertTrue(shown.startsWith("transform:") && shown.contains("{hmac: \"${env:SALT}\"}"), shown);
        assertTrue(shown.contains("{sha256: ******}") && shown.contains("hmac: {redact: shown6}"), shown);
        assertTrue(shown.contains("salt: ******"), shown);
    }

    private String hash(String yaml) throws IOException {
        return TransformText.of(definitions(yaml)).orElseThrow().hash();
    }

    private List<TransformDefinition> definitions(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("shop.yaml"), yaml);
        return loader().loadPipeline(file).orThrow().transform();
    }

    private ConfigLoader loader() {
        return new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, this::variable);
    }

    private String variable(String name) {
        return Map.of("SALT", SALT).get(name);
    }
}
