package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.demo.Comparison;
import dev.millrace.app.demo.Pagila;
import dev.millrace.app.demo.ShopSimulator;
import dev.millrace.ingest.engine.LoadStatus;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pagila whose tables are changed at random while its shop is open: columns are added, dropped, renamed, given each other's names and widened, replica
 * identities changed, tables emptied, renamed, dropped, made and made again with columns in another order; both ends are equal at the end. {@code -Dseed=n} repeats the choices,
 * {@code -Dpagila.changes=n} makes more of them.
 */
class PagilaUnderChangesTest {
    private static final int CHANGES = Integer.getInteger("pagila.changes", 40);
    private static final long SECONDS = 120;
    private static final List<String> SHOP =
            List.of("customer", "rental", "payment", "inventory", "film", "address", "store", "staff");
    private static final String TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            + " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1";

    @TempDir
    Path folder;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    /** By table the columns that were added to it, each with its type. */
    private final Map<String, Map<String, String>> added = new LinkedHashMap<>();

    private final List<String> extra = new ArrayList<>();
    private int made;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothEndsAreEqualAfterRandomSchemaChangesUnderLoad(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation =
                        new Installation(folder, source, duckdb ? null : target, "logical", "onDelete: hard")) {
            try (Connection connection = source.connect()) {
                Pagila.loadInto(connection);
                ShopSimulator.prepare(connection);
            }
            try (Connection connection = source.connect()) { // the dump has emptied the other's search path
                make(connection);
                make(connection);
            }
            installation.start();
            try (ShopSimulator shop = new ShopSimulator(source::connect, 100, random.nextLong());
                    Connection connection = source.connect()) {
                shop.start();
                change(connection, shop, CHANGES / 2);
                installation.stop();
                make(connection); // chosen at the next start
                change(connection, shop, 3);
                installation.start();
                change(connection, shop, CHANGES / 2);
            }
            awaitLoaded(installation);
            installation.stop();
            compare(source, duckdb ? null : target);
        }
    }

    private void change(Connection connection, ShopSimulator shop, int changes) throws Exception {
        for (int i = 0; i < changes; i++) {
            change(connection);
            long until = shop.transactions() + random.nextInt(4);
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (shop.transactions() < until) {
                assertTrue(System.nanoTime() < limit, "the shop stands still, seed " + seed);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private void change(Connection connection) throws SQLException {
        made++;
        String table = random.nextInt(3) == 0 ? any(extra) : any(SHOP);
        Map<String, String> columns = added.computeIfAbsent(table, name -> new LinkedHashMap<>());
        String column = columns.isEmpty() ? "" : any(List.copyOf(columns.keySet()));
        switch (random.nextInt(columns.isEmpty() ? 3 : columns.size() == 1 ? 8 : 10)) {
            case 0 -> other(connection);
            case 1, 2 -> add(connection, table, columns);
            case 3 -> {
                run(connection, "ALTER TABLE " + table + " DROP COLUMN " + column);
                columns.remove(column);
            }
            case 4 -> {
                run(connection, "ALTER TABLE " + table + " RENAME COLUMN " + column + " TO y" + made);
                columns.put("y" + made, columns.remove(column));
            }
            case 5, 6 -> {
                String wider = wider(columns.get(column));
                run(
                        connection,
                        "ALTER TABLE " + table + " ALTER " + column + " DROP DEFAULT, ALTER " + column + " TYPE "
                                + wider);
                columns.put(column, wider);
            }
            case 8, 9 -> exchange(connection, table, columns);
            default ->
                run(
                        connection,
                        "UPDATE " + table + " SET " + column + " = NULL WHERE ctid IN (SELECT ctid FROM " + table
                                + " LIMIT 20)");
        }
    }

    private void add(Connection connection, String table, Map<String, String> columns) throws SQLException {
        String type = any(List.of("smallint DEFAULT 7", "int", "int DEFAULT " + made, "text DEFAULT 'd'", "date"));
        String name = "x" + made;
        run(connection, "ALTER TABLE " + table + " ADD COLUMN " + name + " " + type);
        columns.put(name, type.split(" ")[0]);
    }

    /** Two columns get each other's names, or the second one the first one's, which has got a new one. */
    private void exchange(Connection connection, String table, Map<String, String> columns) throws SQLException {
        List<String> names = List.copyOf(columns.keySet());
        String one = names.get(random.nextInt(names.size() - 1));
        String other = names.get(names.size() - 1);
        String gets = random.nextBoolean() ? other : "z" + made;
        String rename = "ALTER TABLE " + table + " RENAME COLUMN ";
        run(
                connection,
                "BEGIN; " + rename + one + " TO away; " + rename + other + " TO " + one + "; " + rename + "away TO "
                        + gets + "; UPDATE " + table + " SET " + one + " = NULL WHERE ctid IN (SELECT ctid FROM "
                        + table
                        + " LIMIT 5); COMMIT");
        String type = columns.remove(one);
        columns.put(one, columns.remove(other));
        columns.put(gets, type);
    }

    private static String wider(String type) {
        return switch (type) {
            case "smallint" -> "int";
            case "int" -> "bigint";
            case "bigint" -> "numeric(20,2)";
            case "date" -> "timestamp";
            default -> "text";
        };
    }

    /** Something with tables that the shop doesn't need. */
    private void other(Connection connection) throws SQLException {
        String table = any(extra);
        switch (random.nextInt(5)) {
            case 0 ->
                run(
                        connection,
                        "TRUNCATE " + table + "; INSERT INTO " + table
                                + " (id, v) SELECT i, 'after' FROM generate_series(1, 7) i");
            case 1 -> {
                run(connection, "DROP TABLE " + table);
                added.remove(table);
                make(connection, table);
            }
            case 2 ->
                run(
                        connection,
                        "BEGIN; ALTER TABLE " + table + " RENAME TO elsewhere; INSERT INTO elsewhere (id, v) VALUES ("
                                + -made + ", 'elsewhere'); ALTER TABLE elsewhere RENAME TO " + table + "; COMMIT");
            case 3 ->
                run(
                        connection,
                        "UPDATE " + table + " SET id = id + (SELECT max(id) - min(id) + 1 FROM " + table
                                + ") WHERE id % 5 = 0; DELETE FROM " + table + " WHERE id % 7 = 1");
            default ->
                run(connection, "ALTER TABLE " + any(SHOP) + " REPLICA IDENTITY " + any(List.of("FULL", "DEFAULT")));
        }
    }

    private void make(Connection connection) throws SQLException {
        extra.add("extra" + extra.size());
        make(connection, extra.get(extra.size() - 1));
    }

    private void make(Connection connection, String table) throws SQLException {
        List<String> columns = new ArrayList<>(List.of("v text", "w" + made + " int DEFAULT " + made, "x text"));
        columns.add(random.nextInt(columns.size() + 1), "id int PRIMARY KEY");
        columns.add(columns.remove(random.nextInt(columns.size())));
        run(
                connection,
                "BEGIN; CREATE TABLE " + table + " (" + String.join(", ", columns) + "); INSERT INTO " + table
                        + " (id, v) SELECT i, 'made' FROM generate_series(1, 30) i; COMMIT");
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** Again when the shop's transactions and this one have waited for each other. */
    private void run(Connection connection, String sql) throws SQLException {
        for (int tries = 1; ; tries++) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
                return;
            } catch (SQLException e) {
                if (!"40P01".equals(e.getSQLState()) || tries == 20) {
                    throw new SQLException(sql + ", seed " + seed, e.getSQLState(), e);
                }
                try (Statement statement = connection.createStatement()) {
                    statement.execute("ROLLBACK");
                }
            }
        }
    }

    private void awaitLoaded(Installation installation) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        do {
            installation.catchUp();
            assertTrue(
                    System.nanoTime() < end,
                    () -> "still loading, seed " + seed + ": "
                            + installation.pipeline().snapshot());
        } while (installation.pipeline().snapshot().tables().stream()
                .anyMatch(table -> table.state() != LoadStatus.State.LOADED));
    }

    /** @param target null: DuckDB */
    private void compare(TestDatabase source, TestDatabase target) throws Exception {
        try (Connection from = source.connect();
                Connection to = target == null
                        ? DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("warehouse.duckdb"))
                        : target.connect()) {
            Comparison comparison = new Comparison(from, to);
            List<String> tables = source.rows(TABLES);
            assertTrue(tables.containsAll(extra) && tables.containsAll(SHOP), tables.toString());
            for (String table : tables) {
                Comparison.Result result = comparison.compare(new Comparison.Pair("public", table, "public", table));
                assertEquals(List.of(), result.differences(), table + ", seed " + seed);
            }
        }
    }
}
