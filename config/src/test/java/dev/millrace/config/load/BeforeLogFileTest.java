package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.BeforeLog;
import dev.millrace.config.pipeline.Condition;
import dev.millrace.config.pipeline.Condition.Operator;
import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.pipeline.PipelineDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BeforeLogFileTest {
    private static final String SECRET = "0123456789abcdef-hunter2";

    @TempDir
    Path folder;

    private final ConfigLoader loader =
            new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, Map.of("KEY", SECRET, "SHORT", "hunter2")::get);

    @Test
    void masksAndFiltersAreReadByObject() throws IOException {
        PipelineDefinition pipeline = load("""
                    "public.*":
                      mask: {email: {hmac: "${env:KEY}"}, card: {keepLast: 4}, "odd name": {redact: ""}}
                    "public.person":
                      filter: country in ('DE', AT) and age >= 18 and "left at" is null and name <> 'O''Brien'
                      mask: {email: {sha256: "${env:KEY}"}}
                """).orThrow();
        BeforeLog.Rule rule = pipeline.source().beforeLog().of("public", "person");
        assertEquals(3, rule.masks().size());
        assertEquals(new Masking.KeepLast(4), rule.masks().get("card"));
        assertEquals(new Masking.Redact(""), rule.masks().get("odd name"));
        assertTrue(rule.masks().get("email") instanceof Masking.Sha256);
        assertEquals(
                List.of(
                        new Condition("country", Operator.IN, List.of("DE", "AT")),
                        new Condition("age", Operator.AT_LEAST, List.of("18")),
                        new Condition("left at", Operator.IS_NULL, List.of()),
                        new Condition("name", Operator.NOT_EQUAL, List.of("O'Brien"))),
                rule.filter());
        assertTrue(pipeline.source().beforeLog().of("other", "t").isEmpty());
        assertTrue(pipeline.effective().contains("keepLast")
                || pipeline.effective().contains("KeepLast"));
        assertFalse(pipeline.effective().contains("hunter2"));
    }

    @Test
    void everyProblemIsTold() throws IOException {
        assertProblem("BAD_VALUE", "a.b.c: {}");
        assertProblem("UNKNOWN_KEY", "public.t: {masks: {}}");
        assertProblem("UNKNOWN_KEY", "public.t: {mask: {a: {hmack: \"${env:KEY}\"}}}");
        assertProblem("MISSING_KEY", "public.t: {mask: {a: {}}}");
        assertProblem("BAD_VALUE", "public.t: {mask: {a: {keepLast: 0}}}");
        assertProblem("BAD_VALUE", "public.t: {mask: {a: {keepLast: 4, redact: x}}}");
        assertProblem("WEAK_SECRET", "public.t: {mask: {a: {hmac: \"${env:SHORT}\"}}}");
        assertProblem("BAD_VALUE", "public.t: {filter: a ==}");
        assertProblem("BAD_VALUE", "public.t: {filter: a = 1 or b = 2}");
        assertProblem("BAD_VALUE", "public.t: {filter: \"a in (1, 2\"}");
        assertProblem("BAD_VALUE", "public.t: {filter: \"a = 'open\"}");
        assertProblem("BAD_VALUE", "public.t: {filter: a is not}");
    }

    private void assertProblem(String code, String entry) throws IOException {
        Problems problems = load("    " + entry + "\n").problems();
        assertEquals(
                List.of(code),
                problems.list().stream()
                        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                        .map(Problem::code)
                        .toList(),
                () -> entry + ": " + problems.list());
        assertFalse(problems.toString().contains("hunter2"));
    }

    private Loaded<PipelineDefinition> load(String beforeLog) throws IOException {
        return loader.loadPipeline(Files.writeString(
                folder.resolve("p.yaml"),
                "source:\n  type: postgresql\n  host: localhost\n  beforeLog:\n" + beforeLog
                        + "destination: {type: duckdb, path: shop.duckdb}\n"));
    }
}
