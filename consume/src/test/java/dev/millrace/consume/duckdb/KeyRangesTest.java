package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.TestLoad;
import dev.millrace.consume.destination.TestTable;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyRangesTest {
    private static final TestTable TABLE = TestTable.of(
            "orders",
            TestTable.key("id", DataType.of(Type.LONG), 1),
            TestTable.field("note", DataType.of(Type.STRING)));

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @TempDir
    Path folder;

    private DuckDBConnection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = new DuckDbFile("orders", folder.resolve("file.duckdb"), 64L << 20, 1).open();
        execute("CREATE SCHEMA sales");
        execute("CREATE TABLE sales.orders (id BIGINT, note VARCHAR)");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void fill(Collection<Long> keys) throws SQLException {
        execute("DELETE FROM sales.orders");
        if (!keys.isEmpty()) {
            execute("INSERT INTO sales.orders VALUES "
                    + keys.stream().map(key -> "(" + key + ", 'x')").collect(Collectors.joining(", ")));
        }
    }

    private boolean free(Collection<Long> keys) throws SQLException {
        return free(TABLE, keys);
    }

    private boolean free(TestTable table, Collection<Long> keys) throws SQLException {
        TestLoad load = TestLoad.into(table).asHistorical();
        keys.forEach(key -> load.upsert(key, "y"));
        return new KeyRanges(load, "sales.orders").areFree(connection);
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void keysBehindAndBetweenThoseThatAreThereAreFree() throws Exception {
        assertTrue(free(range(1, 10)));
        fill(range(1, 1_000));
        assertTrue(free(range(1_001, 2_000)));
        assertFalse(free(range(1_000, 2_000)));
        assertFalse(free(List.of(500L)));
        assertFalse(free(List.of()), "there is nothing to be told of no keys");
        Set<Long> twoChunks = new LinkedHashSet<>(range(1_001, 1_500));
        twoChunks.addAll(range(51_001, 51_500));
        fill(range(50_000, 51_000));
        assertTrue(free(twoChunks), "the second half of each of two chunks, the first halves being there");
        fill(List.of(51_200L));
        assertFalse(free(twoChunks));
        fill(List.of());
        assertTrue(free(List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE)));
        fill(List.of(Long.MAX_VALUE));
        assertFalse(free(List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE)));
    }

    @Test
    void keysOfOtherTypesAndOfSeveralColumnsAreLookedForOtherwise() throws Exception {
        assertFalse(free(
                TestTable.of(
                        "orders",
                        TestTable.key("id", DataType.of(Type.LONG), 1),
                        TestTable.key("note", DataType.of(Type.STRING), 2)),
                List.of(1L)));
        TestTable ofText = TestTable.of("orders", TestTable.key("note", DataType.of(Type.STRING), 1));
        TestLoad load = TestLoad.into(ofText).asHistorical().upsert("a");
        assertFalse(new KeyRanges(load, "sales.orders").areFree(connection));
    }

    @Test
    void noKeyThatIsThereIsEverSaidToBeFree() throws Exception {
        int free = 0;
        for (int round = 0; round < 60; round++) {
            Set<Long> there = scattered();
            Set<Long> keys = scattered();
            fill(there);
            boolean said = free(keys);
            Set<Long> common = new TreeSet<>(keys);
            common.retainAll(there);
            assertTrue(!said || common.isEmpty(), common + " are there, seed " + seed);
            free += said ? 1 : 0;
            if (said) {
                fill(List.of(keys.iterator().next()));
                assertEquals(false, free(keys), "seed " + seed);
            }
        }
        assertTrue(free > 0, "none was free, seed " + seed);
    }

    /** A few runs of keys, near each other or far apart. */
    private Set<Long> scattered() {
        Set<Long> keys = new LinkedHashSet<>();
        int runs = 1 + random.nextInt(4);
        for (int run = 0; run < runs; run++) {
            long at = random.nextInt(10) * 1_000L - 5_000 + random.nextInt(200);
            int count = 1 + random.nextInt(60);
            for (int i = 0; i < count; i++) {
                keys.add(at);
                at += 1 + random.nextInt(5);
            }
        }
        return keys;
    }
}
