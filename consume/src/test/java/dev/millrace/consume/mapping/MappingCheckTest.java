package dev.millrace.consume.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Finding;
import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.MappingRules.ColumnRule;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.transform.ColumnType;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MappingCheckTest {
    private static final NamingRules NAMING = new NamingRules(20, false, "main");
    private static final List<Schema> TABLES = List.of(table("film"), table("actor"));

    private static Schema table(String name) {
        return new Schema(
                new TableName("public", name),
                1,
                List.of(
                        new Column("id", DataType.of(Type.INTEGER), false, 1, "", 0),
                        new Column("title", DataType.text(Type.STRING, 20), true, 0, "", 0),
                        new Column("price", DataType.decimal(8, 2), true, 0, "", 0)));
    }

    @Test
    void whatCanBeDoneIsTold() {
        assertEquals(List.of(), check(MappingRules.DEFAULTS));
        List<Finding> findings = check(rules(
                entry("public.film", "crm.films", false, Map.of("title", name("name"), "price", type("decimal(12,2)"))),
                entry("public.actor", null, true, Map.of())));
        assertEquals(
                List.of("mapping public.film goes to crm.films", "mapping public.actor is skipped"),
                findings.stream()
                        .map(each -> each.probe() + " " + each.detail())
                        .toList());
    }

    @Test
    void whatCannotBeDoneIsToldWithAWayOut() {
        assertFound(
                "MAPPING_MATCHES_NOTHING", "Did you mean 'public.film'?", entry("public.flim", "x", false, Map.of()));
        assertFound("MAPPING_UNKNOWN_COLUMN", "Did you mean 'title'?", columns("titel", skip()));
        assertFound("MAPPING_SKIPS_KEY", "transform", columns("id", skip()));
        assertFound("MAPPING_NARROWS", "decimal(9,2)", columns("price", type("decimal(8,1)")));
        assertFound("MAPPING_NARROWS", "string", columns("title", type("string(10)")));
        assertFound("MAPPING_NARROWS", "integer", columns("id", type("byte")));
        assertFound("MAPPING_NAME_TAKEN", "of its own", columns("price", name("TITLE")));
        assertFound("MAPPING_NAME_CHANGED", "another", columns("price", name("x".repeat(21))));
        assertFound("MAPPING_TARGET_TAKEN", "of its own", entry("public.film", "ACTOR", false, Map.of()));
    }

    @Test
    void aPatternsColumnsNeedNotBeInEachOfItsTables() {
        MappingRules rules = rules(entry("public.*", null, false, Map.of("length", skip())));
        assertEquals(1, check(rules).size());
        Schema longer = new Schema(
                new TableName("public", "clip"),
                1,
                List.of(new Column("length", DataType.of(Type.INTEGER), true, 0, "", 0)));
        assertEquals(
                List.of(), MappingCheck.of(rules, List.of(TABLES.get(0), longer), NAMING, Optional.empty(), false));
        List<Finding> learned = MappingCheck.of(rules, TABLES, NAMING, Optional.empty(), true);
        assertEquals(Finding.Status.WARNING, learned.get(0).status());
    }

    @Test
    void withOneSchemaForAllTablesOfTheSameNameInSeveralAreNoTrouble() {
        Schema other =
                new Schema(new TableName("sales", "film"), 1, TABLES.get(0).columns());
        List<Schema> both = List.of(TABLES.get(0), other);
        assertEquals(List.of(), MappingCheck.of(MappingRules.DEFAULTS, both, NAMING, Optional.of("shop"), false));
        List<Finding> findings = MappingCheck.of(
                rules(entry("sales.film", "{table}", false, Map.of())), both, NAMING, Optional.of("shop"), false);
        assertEquals("MAPPING_TARGET_TAKEN", findings.get(0).code());
    }

    private static void assertFound(String code, String remedy, MappingRules.Entry entry) {
        List<Finding> findings = check(rules(entry)).stream()
                .filter(finding -> finding.status() != Finding.Status.OK)
                .toList();
        assertEquals(1, findings.size(), findings::toString);
        assertEquals(code, findings.get(0).code());
        assertTrue(findings.get(0).remedy().contains(remedy), findings::toString);
    }

    private static List<Finding> check(MappingRules rules) {
        return MappingCheck.of(rules, TABLES, NAMING, Optional.empty(), false);
    }

    private static MappingRules rules(MappingRules.Entry... entries) {
        return new MappingRules(true, MappingPolicy.ALLOW_ALL, List.of(entries));
    }

    private static MappingRules.Entry columns(String column, ColumnRule rule) {
        return entry("public.film", null, false, Map.of(column, rule));
    }

    private static MappingRules.Entry entry(
            String object, String table, boolean skip, Map<String, ColumnRule> columns) {
        return new MappingRules.Entry(
                ObjectPattern.of(object).orElseThrow(),
                Optional.ofNullable(table),
                skip ? Optional.of(true) : Optional.empty(),
                Optional.empty(),
                columns);
    }

    private static ColumnRule name(String name) {
        return new ColumnRule(Optional.of(name), Optional.empty(), Optional.empty());
    }

    private static ColumnRule skip() {
        return new ColumnRule(Optional.empty(), Optional.of(true), Optional.empty());
    }

    private static ColumnRule type(String type) {
        return new ColumnRule(Optional.empty(), Optional.empty(), ColumnType.of(type));
    }
}
