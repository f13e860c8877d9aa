package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.setting.Secret;
import dev.millrace.config.transform.ColumnType;
import dev.millrace.config.transform.ScriptBounds;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.StepDefinition.Metadata;
import dev.millrace.config.transform.StepDefinition.TextFormat;
import dev.millrace.config.transform.TransformDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformFileTest {
    private static final String ENDS =
            "source: {type: postgresql, host: localhost}\ndestination: {type: duckdb, path: shop.duckdb}\n";
    private static final String SALT = "a salt that is long enough";

    @TempDir
    Path folder;

    @Test
    void stepsAreReadInOrderWithTheirPlaces() throws IOException {
        PipelineDefinition pipeline = load("""
                transform:
                  - objects: ["public.*", "!public.audit_*"]
                    steps:
                      - rename: {a: b}
                      - set: {full: "first + ' ' + last", n: {value: "a * 2", type: "decimal(12,2)"}}
                      - parse: {born: {type: date, format: dd.MM.yyyy, locale: de-DE}}
                      - regex: {a: {find: 'x+', with: ''}}
                      - if: {when: a > 1, then: [{trim: [b]}], else: [{round: {n: 2}}]}
                      - mask: {email: {sha256: "${env:SALT}"}}
                      - flatten: {doc: {city: address.city, zip: {path: address.zip, type: integer}}}
                      - metadata: {op: operation}
                      - script: tidy.js
                """).orThrow();
        TransformDefinition transform = pipeline.transform().get(0);
        assertTrue(transform.concerns("public", "orders"));
        assertFalse(transform.concerns("public", "audit_log"));
        List<StepDefinition> steps = transform.steps();
        assertEquals(folder.resolve("shop.yaml") + ":6:21", steps.get(0).place().toString());
        assertEquals(new StepDefinition.Rename(steps.get(0).place(), "a", "b"), steps.get(0));
        assertEquals(
                new StepDefinition.Assign(
                        steps.get(2).place(),
                        "n",
                        "a * 2",
                        Optional.of(new ColumnType(ColumnType.Name.DECIMAL, 0, 12, 2))),
                steps.get(2));
        assertEquals(
                new StepDefinition.Parse(
                        steps.get(3).place(),
                        "born",
                        new ColumnType(ColumnType.Name.DATE, 0, 0, 0),
                        new TextFormat("dd.MM.yyyy", "de-DE", "UTC")),
                steps.get(3));
        assertEquals(new StepDefinition.Replace(steps.get(4).place(), "a", "x+", "", true), steps.get(4));
        StepDefinition.If branch = (StepDefinition.If) steps.get(5);
        assertEquals(1, branch.then().size());
        assertEquals(1, branch.otherwise().size());
        assertEquals(
                new StepDefinition.Mask(steps.get(6).place(), "email", new Masking.Sha256(new Secret(SALT))),
                steps.get(6));
        assertEquals(
                List.of("address", "zip"),
                ((StepDefinition.Flatten) steps.get(7)).fields().get(1).path());
        assertEquals(new StepDefinition.AddMetadata(steps.get(8).place(), "op", Metadata.OPERATION), steps.get(8));
        assertEquals(folder.resolve("tidy.js"), ((StepDefinition.Script) steps.get(9)).file());
        assertFalse(pipeline.effective().contains(SALT));
    }

    @Test
    void everyProblemIsToldWithItsPlaceAndASuggestion() throws IOException {
        List<String> wanted = """
                4 MISSING_KEY
                4 BAD_VALUE 'a.b.c' names no objects
                5 WRONG_TYPE
                7 UNKNOWN_KEY 'renam' is not a known step Did you mean 'rename'?
                8 BAD_VALUE 'intger' is not a type
                9 BAD_VALUE 'find' is not a regular expression
                10 WRONG_TYPE
                11 STEP_MISPLACED
                12 WEAK_SECRET the secret of 'sha256' has fewer than 16 characters
                13 MISSING_KEY the mask of 'a' names no methods
                14 BAD_VALUE 'colour' is nothing that is known of an event
                15 MISSING_KEY 'with' is missing
                16 BAD_VALUE not a number of digits
                17 BAD_VALUE 'zone' is not a time zone
                18 MISSING_VALUE
                19 BAD_VALUE 'zone' is not a time zone
                """.lines().toList();
        List<String> told = told(load("""
                        transform:
                          - {objects: ["a.b.c"]}
                          -  x
                          - steps:
                              - renam: {a: b}
                              - cast: {a: intger}
                              - regex: {a: {find: "(", with: x}}
                              - plain
                              - if: {when: a, then: [{filter: "a"}]}
                              - mask: {a: {sha256: short}}
                              - mask: {a: {}}
                              - metadata: {a: colour}
                              - replace: {a: {find: x}}
                              - round: {a: two}
                              - format: {a: {format: dd, zone: Nowhere/City}}
                              - trim:
                              - parse: {a: {type: zoned_datetime, format: dd, zone: "+99:00"}}
                        """).problems());
        for (String each : wanted) {
            assertTrue(
                    told.stream().anyMatch(one -> one.startsWith(each)),
                    each + " is not in\n" + String.join("\n", told));
        }
    }

    @Test
    void whatAScriptMayTakeIsSetBesideItWithinBounds() throws IOException {
        PipelineDefinition pipeline = load("""
                transform:
                  - steps:
                      - script: {file: tidy.js, limits: {time: 20s, steps: 2000000, memory: 8MB, events: 3}}
                      - script: {file: tidy.js, limits: {time: 50ms}}
                      - script: {file: tidy.js}
                      - script: tidy.js
                """).orThrow();
        List<ScriptBounds> limits = pipeline.transform().get(0).steps().stream()
                .map(step -> ((StepDefinition.Script) step).limits())
                .toList();
        ScriptBounds usual = ScriptBounds.DEFAULT;
        assertEquals(
                List.of(
                        new ScriptBounds(Duration.ofSeconds(20), 2_000_000, 8 << 20, 3),
                        new ScriptBounds(Duration.ofMillis(50), usual.steps(), usual.memoryBytes(), usual.events()),
                        usual,
                        usual),
                limits);
        List<String> told = told(load("""
                transform:
                  - steps:
                      - script: {file: tidy.js, limits: {time: 10m}}
                      - script: {file: tidy.js, limits: {steps: 100}}
                      - script: {file: tidy.js, limits: {memory: 2GB}}
                      - script: {file: tidy.js, limits: {events: 10001}}
                      - script: {file: tidy.js, limits: {step: 100000}}
                """).problems());
        assertEquals(5, told.size(), told::toString);
        for (int line = 5; line < 10; line++) {
            String problem = told.get(line - 5);
            assertTrue(problem.startsWith(line + (line < 9 ? " BAD_VALUE" : " UNKNOWN_KEY")), problem);
        }
    }

    private static List<String> told(Problems problems) {
        return problems.errors().stream()
                .map(each -> each.line() + " " + each.code() + " " + each.message() + " " + each.suggestion())
                .toList();
    }

    private Loaded<PipelineDefinition> load(String text) throws IOException {
        Path file = folder.resolve("shop.yaml");
        Files.writeString(file, ENDS + text);
        return new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, Map.of("SALT", SALT)::get).loadPipeline(file);
    }
}
