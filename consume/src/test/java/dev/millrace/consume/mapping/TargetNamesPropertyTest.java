package dev.millrace.consume.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.testing.MemoryState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Names of any characters and lengths, many of them nearly alike. {@code -Dseed=…} repeats a run. */
final class TargetNamesPropertyTest {
    private static final int[] LETTERS =
            "aAbBİıſß__millrace_\u0000\u0001 .\"'日本𝄞é\u0301\uD800".codePoints().toArray();

    private static String name(SplittableRandom random) {
        StringBuilder name = new StringBuilder(random.nextInt(6) == 0 ? "x".repeat(random.nextInt(50, 90)) : "");
        for (int left = 1 + random.nextInt(random.nextBoolean() ? 2 : 40); left > 0; left--) {
            name.appendCodePoint(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return name.toString();
    }

    private static NamingRules rules(SplittableRandom random) {
        return new NamingRules(random.nextBoolean() ? 63 : 20 + random.nextInt(200), random.nextBoolean(), "main");
    }

    private static void requireFits(String name, NamingRules rules, String why) {
        assertTrue(name.getBytes(StandardCharsets.UTF_8).length <= rules.maxBytes(), why);
        assertTrue(!name.isEmpty() && name.codePoints().noneMatch(Character::isISOControl), why);
        assertEquals(name, new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8), why);
    }

    @Test
    void tablesHaveNamesOfTheirOwnWhichAreRememberedWhateverComesFirst() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int trial = 0; trial < 40; trial++) {
            NamingRules rules = rules(random);
            Set<TableName> tables = new LinkedHashSet<>();
            while (tables.size() < 60) {
                tables.add(new TableName("s", name(random)));
            }
            MemoryState state = new MemoryState();
            Map<TableName, TargetName> targets = new HashMap<>();
            List<TableName> order = new ArrayList<>(tables);
            for (int start = 0; start < 3; start++) {
                TableMappings mappings = new TableMappings("orders", state, rules, Optional.empty());
                for (TableName table : order.subList(0, 20 * (start + 1))) {
                    Optional<MappingRules.Target> wish = Optional.empty();
                    TargetName target = mappings.of(table, table, wish).target();
                    requireFits(target.name(), rules, "seed " + seed + ": " + target);
                    assertEquals(targets.computeIfAbsent(table, name -> target), target, "seed " + seed);
                }
                Collections.shuffle(order.subList(0, 20 * (start + 1)), new Random(random.nextLong()));
            }
            TargetNames names = new TargetNames(rules);
            Set<String> different = new HashSet<>();
            targets.values().forEach(target -> different.add(names.folded(target.name())));
            assertEquals(targets.size(), different.size(), "seed " + seed);
        }
    }

    @Test
    void columnsHaveNamesOfTheirOwnThroughAnyChangesOfTheSource() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int trial = 0; trial < 60; trial++) {
            NamingRules rules = rules(random);
            TargetNames names = new TargetNames(rules);
            TableName table = new TableName("s", "t");
            TableMapping mapping = new TableMappings("orders", new MemoryState(), rules, Optional.empty())
                    .of(table, table, Optional.empty());
            Map<Integer, String> source = new HashMap<>();
            int numbers = 1;
            for (int version = 1; version < 12; version++) {
                for (int change = random.nextInt(6); change >= 0; change--) {
                    int number = source.isEmpty() || random.nextInt(3) == 0
                            ? numbers++
                            : source.keySet().iterator().next();
                    if (random.nextInt(5) == 0 && source.size() > 1) {
                        source.remove(number);
                    } else {
                        String wanted = name(random);
                        if (!source.containsValue(wanted)) {
                            source.put(number, wanted);
                        }
                    }
                }
                List<Column> columns = new ArrayList<>();
                source.forEach(
                        (number, name) -> columns.add(new Column(name, DataType.of(Type.STRING), true, 0, "", number)));
                Evolution.Result result = Evolution.evolve(
                        mapping,
                        new Schema(table, version, columns),
                        names,
                        Set.of(),
                        new Evolution.Decisions(
                                MappingRules.DEFAULTS.of("s", "t"), MappingChoice.NONE, false, DataType::toString));
                mapping = result.mapping();
                requireDifferent(mapping, names, rules, result.sourceIndex(), columns, "seed " + seed);
            }
        }
    }

    private static void requireDifferent(
            TableMapping mapping,
            TargetNames names,
            NamingRules rules,
            int[] sourceIndex,
            List<Column> columns,
            String why) {
        Set<String> different = new HashSet<>();
        Set<Integer> fed = new HashSet<>();
        for (int i = 0; i < sourceIndex.length; i++) {
            MappedColumn column = mapping.columns().get(i);
            requireFits(column.targetName(), rules, why + ": " + column);
            assertTrue(different.add(names.folded(column.targetName())), why + ": " + mapping);
            assertTrue(sourceIndex[i] < 0 || fed.add(sourceIndex[i]), why + ": " + mapping);
        }
        assertEquals(columns.size(), fed.size(), why + ": every column has its place");
    }
}
