package dev.millrace.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.MappingRules.ColumnRule;
import dev.millrace.config.pipeline.MappingRules.Target;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.config.transform.ColumnType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingFileTest {
    private static final String REST =
            "source: {type: postgresql, host: localhost}\ndestination: {type: duckdb, path: shop.duckdb}\n";

    private static final String ALL_KEYS = """
            mapping:
              auto: false
              policy: new-columns
              objects:
                "public.*": {table: "crm.{schema}_{table}", policy: block}
                public.customer:
                  table: customers
                  columns:
                    first_name: {name: given_name}
                    notes: {skip: true}
                    total: {type: "decimal(20,2)"}
                    "odd 'name'": {name: "Ünïcode.name"}
                "public.cust*":
                  policy: allow-all
                  columns:
                    notes: {skip: false, type: string}
                public.audit: {skip: true}
            """;

    @TempDir
    Path folder;

    private final ConfigLoader loader =
            new ConfigLoader(Kinds.SOURCES, Kinds.DESTINATIONS, Map.<String, String>of()::get);

    @Test
    void withoutAWordEverythingIsMappedByItself() throws IOException {
        MappingRules rules = load("").orThrow().mapping();
        assertEquals(MappingRules.DEFAULTS, rules);
        MappingRules.Rule rule = rules.of("public", "customer");
        assertTrue(rule.auto());
        assertFalse(rule.skip());
        assertFalse(rule.says());
        assertEquals(MappingPolicy.ALLOW_ALL, rule.policy());
        assertTrue(rule.policy().addsColumns() && rule.policy().widens());
    }

    @Test
    void theLaterOfSeveralEntriesCounts() throws IOException {
        MappingRules rules = load(ALL_KEYS).orThrow().mapping();
        MappingRules.Rule customer = rules.of("public", "customer");
        assertFalse(customer.auto());
        assertEquals(MappingPolicy.ALLOW_ALL, customer.policy());
        assertEquals(Optional.of(new Target(Optional.empty(), "customers")), customer.target());
        assertEquals(
                Map.of(
                        "first_name",
                        new ColumnRule(Optional.of("given_name"), Optional.empty(), Optional.empty()),
                        "notes",
                        new ColumnRule(Optional.empty(), Optional.of(false), Optional.of(ColumnType.STRING)),
                        "total",
                        new ColumnRule(Optional.empty(), Optional.empty(), ColumnType.of("decimal(20,2)")),
                        "odd 'name'",
                        new ColumnRule(Optional.of("Ünïcode.name"), Optional.empty(), Optional.empty())),
                customer.columns());
        MappingRules.Rule film = rules.of("public", "film");
        assertEquals(Optional.of(new Target(Optional.of("crm"), "public_film")), film.target());
        assertEquals(MappingPolicy.BLOCK, film.policy());
        assertFalse(film.policy().addsColumns() || film.policy().widens());
        assertTrue(rules.of("public", "audit").skip());
        MappingRules.Rule other = rules.of("other", "film");
        assertFalse(other.skip() || other.says());
        assertEquals(MappingPolicy.NEW_COLUMNS, other.policy());
        assertTrue(other.policy().addsColumns() && !other.policy().widens());
    }

    @Test
    void whatStandsForTheObjectsNameIsNotLookedAtAgain() throws IOException {
        MappingRules rules = load("mapping: {objects: {'*.*': {table: '{schema}.t_{table}'}}}\n")
                .orThrow()
                .mapping();
        assertEquals(
                Optional.of(new Target(Optional.of("{table}"), "t_{schema}.x")),
                rules.of("{table}", "{schema}.x").target());
        assertEquals(
                Optional.of(new Target(Optional.of(""), "t_x")),
                rules.of("", "x").target());
    }

    @Test
    void theEffectiveDefinitionReadsAsItWasMeant() throws IOException {
        PipelineDefinition pipeline = load(ALL_KEYS).orThrow();
        String text = pipeline.effective();
        String mapping = text.substring(text.indexOf("mapping:\n"), text.indexOf("failed:"));
        assertEquals(pipeline.mapping(), load(mapping).orThrow().mapping(), mapping);
    }

    @Test
    void everyProblemIsToldWithItsPlace() throws IOException {
        assertProblem("UNKNOWN_KEY", 3, 3, "Did you mean 'policy'?", "  polcy: block");
        assertProblem("BAD_VALUE", 3, 11, "allow-all", "  policy: allow");
        assertProblem("BAD_VALUE", 3, 9, "", "  auto: perhaps");
        assertProblem("BAD_VALUE", 4, 12, "schema.table", "  objects:\n    a.b.c: {}");
        assertProblem("UNKNOWN_KEY", 4, 16, "Did you mean 'table'?", entry("public.t", "{tabel: x}"));
        assertProblem("BAD_VALUE", 4, 23, "name, or schema.name", entry("public.t", "{table: 'x.'}"));
        assertProblem("BAD_VALUE", 4, 23, "Did you mean '{table}'?", entry("public.t", "{table: 'x.{tabel}'}"));
        assertProblem("BAD_VALUE", 4, 23, "Only {schema}", entry("public.t", "{table: 'x.{'}"));
        assertProblem("BAD_NAME", 4, 23, "Millrace's own", entry("public.t", "{table: x.__Millrace_x}"));
        assertProblem("BAD_VALUE", 4, 25, "{table} in it", entry("'public.*'", "{table: crm.x}"));
        assertProblem("BAD_VALUE", 4, 20, "{schema} in it", entry("'*.t'", "{table: crm.x}"));
        assertProblem("BAD_VALUE", 5, 23, "of its own", entry("public.a", "{table: x}\n    public.b: {table: x}"));
        assertProblem("BAD_VALUE", 4, 22, "Remove 'skip'", entry("public.t", "{skip: true, table: x}"));
    }

    @Test
    void everyProblemOfAColumnIsTold() throws IOException {
        assertProblem("UNKNOWN_KEY", 4, 30, "Did you mean 'name'?", entry("public.t", "{columns: {a: {nam: x}}}"));
        assertProblem("BAD_VALUE", 4, 36, "Write one of: boolean", entry("public.t", "{columns: {a: {type: numbr}}}"));
        assertProblem("BAD_VALUE", 4, 36, "Remove 'skip'", entry("public.t", "{columns: {a: {skip: true, name: x}}}"));
        assertProblem("EMPTY_VALUE", 4, 36, "Write the column's name", entry("public.t", "{columns: {a: {name: ''}}}"));
        assertProblem("BAD_NAME", 4, 36, "Millrace's own", entry("public.t", "{columns: {a: {name: __millrace_id}}}"));
        assertProblem("BAD_VALUE", 4, 50, "of its own", entry("public.t", "{columns: {a: {name: x}, b: {name: x}}}"));
        assertProblem("WRONG_TYPE", 4, 29, "key: value", entry("public.t", "{columns: {a: x}}"));
    }

    private static String entry(String object, String entry) {
        return "  objects:\n    " + object + ": " + entry;
    }

    /** @param line in the file, whose mapping's first line is 3 */
    private void assertProblem(String code, int line, int column, String suggestion, String mapping)
            throws IOException {
        Problems problems = load("mapping:\n" + mapping + "\n").problems();
        assertEquals(1, problems.list().size(), () -> mapping + ": " + problems.list());
        Problem problem = problems.list().get(0);
        assertEquals(
                List.of(code, line + 1, column),
                List.of(problem.code(), problem.line(), problem.column()),
                () -> mapping + ": " + problem.text());
        assertTrue(problem.text().contains(suggestion), problem::text);
    }

    private Loaded<PipelineDefinition> load(String mapping) throws IOException {
        return loader.loadPipeline(Files.writeString(folder.resolve("p.yaml"), REST + mapping));
    }
}
