package dev.millrace.app.cli;

import dev.millrace.app.cli.TrialDefinition.Made;
import dev.millrace.app.cli.TrialDefinition.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a destination that is merged into has to hold: changes one by one, through one definition after another, failed ones kept aside in order. */
final class TrialModel {
    /** What stands in a cell is left open. */
    static final String ANY = "?";

    /** {@code before} or {@code after} null: there was, or is, none; both: the table was emptied. */
    record Change(String table, Map<String, String> before, Map<String, String> after) {
        Set<String> keys() {
            Set<String> keys = new LinkedHashSet<>();
            Optional.ofNullable(before).ifPresent(row -> keys.add(row.get("id")));
            Optional.ofNullable(after).ifPresent(row -> keys.add(row.get("id")));
            return keys;
        }

        boolean empties() {
            return before == null && after == null;
        }
    }

    /** A row at the destination. */
    record Held(Map<String, String> cells, boolean deleted) {}

    private final boolean soft;
    private final boolean discards;
    private final Map<String, Map<String, Held>> tables = new TreeMap<>();
    private final Map<String, String> objects = new TreeMap<>();
    private final Map<String, TrialDefinition> definitions = new TreeMap<>();
    private final Set<String> everHeld = new LinkedHashSet<>();
    private List<Change> parked = new ArrayList<>();

    TrialModel(boolean soft, boolean discards) {
        this.soft = soft;
        this.discards = discards;
    }

    int parked() {
        return parked.size();
    }

    Map<String, Held> table(String name) {
        return tables.getOrDefault(name, Map.of());
    }

    /** Takes a change in, or keeps it aside. */
    void apply(Change change, TrialDefinition definition) {
        if (change.empties() && !soft) {
            parked.removeIf(each -> each.table().equals(change.table()));
        }
        if (waits(change) || !load(change, definition)) {
            parked.add(change);
        }
        if (discards) {
            parked.clear();
        }
    }

    private boolean waits(Change change) {
        return parked.stream()
                .filter(each -> each.table().equals(change.table()))
                .anyMatch(each -> each.empties()
                        || change.empties()
                        || each.keys().stream().anyMatch(change.keys()::contains));
    }

    void replay(TrialDefinition definition) {
        List<Change> again = parked;
        parked = new ArrayList<>();
        again.forEach(each -> apply(each, definition));
    }

    void skip() {
        parked.clear();
    }

    /** An object's tables are what its rows are now. */
    void reload(String object, List<Map<String, String>> rows, TrialDefinition definition) {
        parked.removeIf(each -> each.table().equals(object));
        tablesOf(object).forEach(name -> {
            tables.get(name).clear();
            everHeld.removeIf(key -> key.startsWith(name + "/"));
        });
        rows.forEach(row -> apply(new Change(object, null, row), definition));
    }

    private List<String> tablesOf(String object) {
        return objects.entrySet().stream()
                .filter(each -> each.getValue().equals(object))
                .map(Map.Entry::getKey)
                .toList();
    }

    private boolean load(Change change, TrialDefinition definition) {
        if (change.empties()) {
            tablesOf(change.table())
                    .forEach(name -> List.copyOf(tables.get(name).keySet()).forEach(key -> delete(name, key)));
            return true;
        }
        try {
            Map<String, Made> gone = new LinkedHashMap<>();
            if (change.before() != null) {
                for (Made made : definition.makeBefore(change.table(), change.before())) {
                    gone.put(made.key(), made);
                }
            }
            List<Made> come = change.after() == null ? List.of() : definition.make(change.table(), change.after());
            come.forEach(made -> gone.remove(made.key()));
            gone.values().forEach(made -> named(made.table(), definition));
            gone.values().forEach(made -> delete(made.table(), made.cells().get("id")));
            for (Made made : come) {
                named(made.table(), definition);
                put(change.table(), made, change.keys().size() > 1);
            }
            return true;
        } catch (Refused e) {
            return false;
        }
    }

    private void delete(String table, String key) {
        Map<String, Held> rows = tables.getOrDefault(table, new TreeMap<>());
        if (soft) {
            rows.computeIfPresent(key, (same, held) -> new Held(held.cells(), true));
        } else {
            rows.remove(key);
        }
    }

    /** The first row of a definition that calls a source's column otherwise renames it for all rows. */
    private void named(String table, TrialDefinition definition) {
        TrialDefinition before = definitions.put(table, definition);
        if (before != null && before != definition) {
            tables.getOrDefault(table, Map.of()).values().forEach(held -> {
                move(held.cells(), before.textName(), definition.textName());
                move(held.cells(), before.numberName(), definition.numberName());
            });
        }
    }

    private static void move(Map<String, String> cells, String from, String to) {
        if (!from.equals(to) && cells.containsKey(from)) {
            cells.put(to, cells.remove(from));
        }
    }

    private void put(String object, Made made, boolean moved) {
        objects.put(made.table(), object);
        Map<String, Held> rows = tables.computeIfAbsent(made.table(), name -> new TreeMap<>());
        String key = made.cells().get("id");
        Held held = rows.get(key);
        Map<String, String> cells = new LinkedHashMap<>(held == null || moved ? Map.of() : held.cells());
        if (!everHeld.add(made.key()) && held == null || moved) {
            cells.put(ANY, ANY); // columns that are not written now are NULL, or as they were, or the old key's
        }
        cells.putAll(made.cells());
        rows.put(key, new Held(cells, false));
    }

    /** Where a row differs from what was found; empty: nowhere. */
    static String difference(Held held, Map<String, String> found, Set<String> columns) {
        StringBuilder differences = new StringBuilder();
        for (String column : columns) {
            if (!found.containsKey(column) && !held.cells().containsKey(column)
                    || !held.cells().containsKey(column) && held.cells().containsKey(ANY)) {
                continue;
            }
            if (!Objects.equals(held.cells().get(column), found.get(column))) {
                differences.append(
                        column + ": wanted " + held.cells().get(column) + ", found " + found.get(column) + "; ");
            }
        }
        if (!String.valueOf(held.deleted()).equals(found.getOrDefault("__millrace_deleted", "false"))) {
            differences.append("deleted: wanted " + held.deleted());
        }
        return differences.toString();
    }
}
