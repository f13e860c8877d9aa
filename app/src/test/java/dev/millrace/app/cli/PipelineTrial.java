package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.app.cli.TrialModel.Change;
import dev.millrace.app.cli.TrialModel.Held;
import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One random pipeline and its life. */
final class PipelineTrial {
    private static final List<String> WORDS =
            List.of("a1", "b2b", "m3", "g4", "x5", "q6", "zz", "é7", "k8k8", "m9", "X0");

    private static final long MINUTES = 4;

    private final SplittableRandom random;
    private final Path folder;
    private final TestDatabase source;
    private final TestDatabase target;
    private final Cli cli;
    private final boolean duckdb;
    private final boolean full;
    private final boolean soft;
    private final boolean table;
    private final boolean discards;
    /** Whether columns come and go; else tables are emptied: a table of which both is true between two runs is loaded again. */
    private final boolean reshaped;

    private final String guarantee;
    private final Map<String, List<String>> extra = new TreeMap<>();
    private int names;
    private final TrialModel model;
    private final Map<String, Map<String, Map<String, String>>> tables = new TreeMap<>();
    private final StringBuilder told = new StringBuilder();
    private final List<Change> pending = new ArrayList<>();
    private TrialDefinition definition;
    private final String settings;

    PipelineTrial(long seed, Path folder, TestDatabase source, TestDatabase target) throws Exception {
        this.random = new SplittableRandom(seed);
        this.folder = folder;
        this.source = source;
        this.target = target;
        this.duckdb = random.nextBoolean();
        this.full = random.nextInt(3) > 0;
        this.soft = random.nextBoolean();
        this.table = random.nextInt(6) == 0;
        this.discards = random.nextInt(6) == 0;
        this.reshaped = random.nextBoolean();
        this.model = new TrialModel(soft, discards);
        this.definition = new TrialDefinition(random, full);
        this.cli = new Cli(Files.writeString(folder.resolve("millrace.yaml"), "web: {port: 0}\n"));
        boolean fast = !duckdb && random.nextBoolean();
        this.settings = fast ? ", consistency: fast" : "";
        this.guarantee = List.of(
                        "exactly-once", "exactly-once", "at-least-once", fast ? "exactly-once" : "at-most-once")
                .get(random.nextInt(4));
        for (String table : List.of("item", "part").subList(0, random.nextInt(1, 3))) {
            tables.put(table, new TreeMap<>());
            extra.put(table, new ArrayList<>());
            sql("CREATE TABLE " + table + " (id int PRIMARY KEY, t text, n int, d numeric(9,2))"
                    + (full ? "; ALTER TABLE " + table + " REPLICA IDENTITY FULL" : ""));
        }
    }

    void run() throws Exception {
        change(random.nextInt(1, 30));
        pending.clear();
        write();
        once();
        tables.forEach((table, rows) -> model.reload(table, List.copyOf(rows.values()), definition));
        compare();
        int runs = random.nextInt(2, 6);
        for (int i = 0; i < runs; i++) {
            if (random.nextInt(4) > 0) {
                change(random.nextInt(1, 25));
            }
            boolean reloaded = random.nextInt(2) == 0 && edit() || table;
            boolean replay = false;
            switch (random.nextInt(4)) {
                case 0 -> {
                    say("skip");
                    cli.run("failed", "skip", "--all", "-p", file());
                    model.skip();
                }
                default -> {
                    say("replay");
                    cli.run("failed", "replay", "--all", "-p", file());
                    replay = true;
                }
            }
            if (!reloaded && random.nextInt(3) == 0) {
                CompletableFuture<Void> running = CompletableFuture.runAsync(this::once);
                change(random.nextInt(1, 40));
                running.get(MINUTES, TimeUnit.MINUTES);
            }
            once();
            if (replay) {
                model.replay(definition);
            }
            pending.forEach(each -> model.apply(each, definition));
            pending.clear();
            if (reloaded) {
                tables.forEach((table, rows) -> model.reload(table, List.copyOf(rows.values()), definition));
            }
            compare();
        }
    }

    /** Whether all objects are to be loaded again. */
    private boolean edit() throws Exception {
        TrialDefinition next = new TrialDefinition(random, full);
        boolean reload = next.selective() || definition.selective() || random.nextInt(4) == 0;
        definition = next;
        write();
        if (reload && !table) {
            for (String table : tables.keySet()) {
                say("reload " + table);
                assertEquals(0, cli.run("reload", "public." + table, "-p", file()), cli::err);
            }
        }
        return reload && !table;
    }

    private void change(int changes) throws Exception {
        StringBuilder transaction = new StringBuilder();
        for (int i = 0; i < changes; i++) {
            transaction.append(change()).append(";\n");
            if (random.nextInt(3) == 0) {
                sql(transaction.toString());
                transaction.setLength(0);
            }
        }
        sql(transaction.toString());
    }

    private String change() {
        List<String> names = List.copyOf(tables.keySet());
        String table = names.get(random.nextInt(names.size()));
        Map<String, Map<String, String>> rows = tables.get(table);
        String some = rows.isEmpty() ? "" : List.copyOf(rows.keySet()).get(random.nextInt(rows.size()));
        int choice = random.nextInt(100);
        if (reshaped && choice > 96) {
            return columns(table, rows);
        }
        if (!reshaped && choice < 2) {
            rows.clear();
            pending.add(new Change(table, null, null));
            return "TRUNCATE " + table;
        }
        if (rows.isEmpty() || choice < 40) {
            Map<String, String> row = row(table, Integer.toString(random.nextInt(40)));
            if (rows.containsKey(row.get("id"))) {
                return "SELECT 1";
            }
            rows.put(row.get("id"), row);
            pending.add(new Change(table, null, row));
            return "INSERT INTO " + table + " (" + String.join(", ", row.keySet()) + ") VALUES (" + values(row) + ")";
        }
        if (choice < 55) {
            pending.add(new Change(table, rows.remove(some), null));
            return "DELETE FROM " + table + " WHERE id = " + some;
        }
        String id = random.nextInt(6) == 0 ? Integer.toString(random.nextInt(40)) : some;
        if (!id.equals(some) && rows.containsKey(id)) {
            return "SELECT 1";
        }
        Map<String, String> row = row(table, id);
        pending.add(new Change(table, rows.remove(some), row));
        rows.put(id, row);
        return "UPDATE " + table + " SET (" + String.join(", ", row.keySet()) + ") = (" + values(row) + ") WHERE id = "
                + some;
    }

    /** Adds or drops one. */
    private String columns(String table, Map<String, Map<String, String>> rows) {
        List<String> more = extra.get(table);
        switch (random.nextInt(3)) {
            case 1 -> {
                if (more.isEmpty()) {
                    return "SELECT 1";
                }
                String name = more.remove(random.nextInt(more.size()));
                rows.replaceAll((key, row) -> {
                    Map<String, String> less = new LinkedHashMap<>(row);
                    less.remove(name);
                    return less;
                });
                return "ALTER TABLE " + table + " DROP COLUMN " + name;
            }
            default -> {
                String name = "e" + names++;
                more.add(name);
                rows.replaceAll((key, row) -> {
                    Map<String, String> longer = new LinkedHashMap<>(row);
                    longer.put(name, null);
                    return longer;
                });
                return "ALTER TABLE " + table + " ADD COLUMN " + name + " text";
            }
        }
    }

    private Map<String, String> row(String table, String id) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("id", id);
        row.put("t", random.nextInt(6) == 0 ? null : WORDS.get(random.nextInt(WORDS.size())));
        row.put("n", random.nextInt(6) == 0 ? null : Integer.toString(random.nextInt(12)));
        row.put("d", random.nextInt(6) == 0 ? null : random.nextInt(1, 99) + ".50");
        for (String name : extra.get(table)) {
            row.put(name, random.nextInt(3) == 0 ? null : "e" + random.nextInt(9));
        }
        return row;
    }

    private static String values(Map<String, String> row) {
        List<String> values = new ArrayList<>();
        row.forEach((name, value) -> {
            String type = name.equals("n") ? "::bigint" : name.equals("d") ? "::numeric" : "";
            boolean number = name.equals("id") || !type.isEmpty();
            values.add(value == null ? "NULL" + type : number ? value : "'" + value + "'");
        });
        return String.join(", ", values);
    }

    private void sql(String text) throws SQLException {
        if (!text.isBlank()) {
            say(text.strip());
            try (Connection connection = source.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute(text);
                connection.commit();
            }
        }
    }

    private String file() {
        return folder.resolve("shop.yaml").toString();
    }

    private void write() throws Exception {
        String yaml = """
                name: shop
                source: {type: postgresql, mode: %s, %s}
                objects: ["public.*"]
                onDelete: %s
                guarantee: %s
                failed: {stopAtRate: never, policy: %s}
                transform:
                - objects: ["public.*"]
                  steps:
                %sdestination: %s
                """.formatted(
                        table ? "table" : "logical",
                        address(source),
                        soft ? "soft" : "hard",
                        guarantee,
                        discards ? "discard" : "park",
                        definition.yaml(),
                        duckdb
                                ? "{type: duckdb, path: warehouse.duckdb}"
                                : "{type: postgresql, " + address(target) + settings + "}");
        say(yaml + definition.script());
        Files.writeString(folder.resolve("tidy.js"), definition.script());
        Files.writeString(folder.resolve("shop.yaml"), yaml);
    }

    private static String address(TestDatabase database) {
        return "host: %s, port: %d, database: %s, user: %s, password: \"%s\", sslMode: disable"
                .formatted(database.host(), database.port(), database.database(), database.user(), database.password());
    }

    private void once() {
        say("run");
        assertEquals(0, cli.run("run", "--once", file()), () -> cli.out() + cli.err());
    }

    private void compare() throws Exception {
        for (String table : tables.keySet()) {
            Map<String, String> sample = row(table, "1");
            Map<String, TreeSet<String>> shapes = definition.shapes(table, sample);
            for (Map.Entry<String, TreeSet<String>> shape : shapes.entrySet()) {
                compare(shape.getKey(), shape.getValue());
            }
        }
        // a row that a load reads twice is kept aside twice
        boolean parked =
                !cli.json("failed", "list", "-p", file()).get(0).path("events").isEmpty();
        assertEquals(model.parked() > 0, parked, () -> cli.data("failed", "list", "--events", "-p", file()));
    }

    private void compare(String table, Set<String> columns) throws Exception {
        Map<String, Held> wanted = model.table(table);
        Map<String, Map<String, String>> found = rows(table);
        StringBuilder differences = new StringBuilder();
        Set<String> keys = new TreeSet<>(wanted.keySet());
        keys.addAll(found.keySet());
        for (String key : keys) {
            if (!found.containsKey(key)) {
                differences.append(table + " " + key + " is missing: " + wanted.get(key) + "\n");
            } else if (!wanted.containsKey(key)) {
                differences.append(table + " " + key + " is too many: " + found.get(key) + "\n");
            } else {
                String difference = TrialModel.difference(wanted.get(key), found.get(key), columns);
                differences.append(
                        difference.isEmpty()
                                ? ""
                                : table + " " + key + " differs: " + difference + found.get(key) + "\n");
            }
        }
        assertEquals("", differences.toString());
    }

    private Map<String, Map<String, String>> rows(String table) throws SQLException {
        Map<String, Map<String, String>> rows = new TreeMap<>();
        try (Connection connection = duckdb
                        ? DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"))
                        : target.connect();
                Statement statement = connection.createStatement()) {
            boolean there;
            try (ResultSet names = statement.executeQuery(
                    "SELECT 1 FROM information_schema.tables WHERE table_schema = 'public' AND table_name = '" + table
                            + "'")) {
                there = names.next();
            }
            if (there) {
                try (ResultSet result = statement.executeQuery("SELECT * FROM public." + table)) {
                    while (result.next()) {
                        Map<String, String> row = new LinkedHashMap<>();
                        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                            Object value = result.getObject(i);
                            row.put(result.getMetaData().getColumnName(i), value == null ? null : value.toString());
                        }
                        assertEquals(null, rows.put(row.get("id"), row), "two rows of one key");
                    }
                }
            }
        }
        return rows;
    }

    private synchronized void say(String text) {
        told.append(text).append('\n');
    }

    @Override
    public String toString() {
        return told.toString();
    }
}
