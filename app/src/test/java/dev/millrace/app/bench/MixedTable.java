package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The table that is moved: eleven columns of the usual kinds, about 250 bytes a row; the changes that are made to it; and {@code mark}, a table
 * of one row that is changed after them, so that the last of them can be seen to have arrived.
 */
final class MixedTable {
    static final int PER_TRANSACTION = 10;
    static final String TABLES = """
            CREATE TABLE orders (
              id bigint PRIMARY KEY, customer integer NOT NULL, quantity integer, code varchar(20), amount numeric(12,2),
              note text, details jsonb, created_at timestamptz NOT NULL, updated_at timestamptz, paid boolean, reference uuid);
            CREATE TABLE mark (id integer PRIMARY KEY, n bigint NOT NULL);
            """;
    /** The columns in types of DuckDB, as our own destination makes them. */
    static final String DUCKDB_TABLE = """
            CREATE TABLE orders (
              id BIGINT, customer INTEGER, quantity INTEGER, code VARCHAR, amount DECIMAL(12,2), note VARCHAR, details JSON,
              created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, paid BOOLEAN, reference VARCHAR)
            """;

    /** A row as one text, the same in every database that has the same row. */
    private static final String ROW = """
            concat_ws('|', id, customer, coalesce(quantity::text, 'null'), code, amount::text, note, details::text,
              %1$s, coalesce(%2$s, 'null'), CASE WHEN paid THEN 1 ELSE 0 END, reference::text)""";

    private static final String POSTGRES_SUM =
            "SELECT count(*) || ' ' || coalesce(sum(('x' || left(md5(row), 8))::bit(32)::bigint), 0) FROM (SELECT "
                    + ROW.formatted(
                            "(extract(epoch FROM created_at) * 1000000)::bigint::text",
                            "(extract(epoch FROM updated_at) * 1000000)::bigint::text")
                    + " AS row FROM %s.orders) rows";
    private static final String DUCKDB_SUM =
            "SELECT count(*) || ' ' || coalesce(sum(('0x' || left(md5(row), 8))::BIGINT), 0) FROM (SELECT "
                    + ROW.formatted("epoch_us(created_at)::text", "epoch_us(updated_at)::text")
                    + " AS row FROM orders) rows";

    private MixedTable() {}

    /** Both tables; {@code orders} empty. */
    static void create(TestDatabase database) throws SQLException {
        database.execute(TABLES + "INSERT INTO mark VALUES (1, 0)");
    }

    static void fill(TestDatabase database, long rows) throws SQLException {
        database.execute(insert("1, " + rows));
        database.execute("VACUUM ANALYZE orders");
        database.execute("CHECKPOINT");
    }

    private static String insert(String range) {
        return """
            INSERT INTO orders SELECT n, n %% 5000, CASE WHEN n %% 7 <> 0 THEN n %% 100 END, 'C-' || n, (n %% 1000000) / 100.0,
              md5(n::text) || ' ' || left(md5((n + 1)::text), 27),
              jsonb_build_object('channel', CASE WHEN n %% 2 = 0 THEN 'web' ELSE 'shop' END, 'items', n %% 9, 'gift', n %% 10 = 0),
              timestamptz '2026-01-01' + n * interval '1 second', CASE WHEN n %% 3 = 0 THEN now() END, n %% 2 = 0, gen_random_uuid()
            FROM generate_series(%s) n
            """.formatted(range);
    }

    /**
     * {@code count} changes in transactions of ten: seven updates, two inserts behind the rows that are there, one delete. Then the mark.
     *
     * @param rows how many there were at first
     * @return a place in the source's log behind the changes and before the mark
     */
    static String change(TestDatabase database, long rows, int count) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            statement.execute("""
                    DO $$
                    DECLARE
                      last bigint := (SELECT max(id) FROM orders);
                      total bigint := %d;
                    BEGIN
                      FOR t IN 1..%d LOOP
                        FOR i IN 1..7 LOOP
                          UPDATE orders SET quantity = t, amount = amount + 1, updated_at = clock_timestamp()
                          WHERE id = 1 + (t * 7 + i) * 7919::bigint %% total;
                        END LOOP;
                        %s;
                        DELETE FROM orders WHERE id = last + 2 * t;
                        COMMIT;
                      END LOOP;
                    END $$
                    """.formatted(rows, count / PER_TRANSACTION, insert("last + 2 * t - 1, last + 2 * t")));
        }
        return mark(database);
    }

    /** Changes the mark alone; as {@link #change}. */
    static String mark(TestDatabase database) throws SQLException {
        String before = database.rows("SELECT pg_current_wal_insert_lsn()").get(0);
        database.execute("UPDATE mark SET n = n + 1");
        return before;
    }

    static long marked(TestDatabase database) throws SQLException {
        return Long.parseLong(database.rows("SELECT n FROM public.mark").get(0));
    }

    /** Throws unless both tables hold the same rows, in every column. */
    static void requireSame(TestDatabase source, TestDatabase target) throws SQLException {
        requireSame(source, target, "public");
    }

    /** As the other, with the table in another schema of the target. */
    static void requireSame(TestDatabase source, TestDatabase target, String schema) throws SQLException {
        same(source, sum(target, schema));
    }

    private static String sum(TestDatabase database, String schema) throws SQLException {
        return database.rows(POSTGRES_SUM.replace("%s.orders", schema + ".orders"))
                .get(0);
    }

    /** As the other, with a DuckDB file that nobody has open. */
    static void requireSame(TestDatabase source, Path duckdb, String schema) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + duckdb);
                Statement statement = connection.createStatement()) {
            statement.execute("USE " + schema);
            try (ResultSet row = statement.executeQuery(DUCKDB_SUM)) {
                row.next();
                same(source, row.getString(1));
            }
        }
    }

    private static void same(TestDatabase source, String there) throws SQLException {
        String here = sum(source, "public");
        if (!here.equals(there)) {
            throw new IllegalStateException("the destination has " + there + ", the source " + here);
        }
    }

    /** Throws unless a file of ours has the columns of {@link #DUCKDB_TABLE} in the same types, with columns of its own beside. */
    static void requireTypes(Path duckdb, String schema) throws SQLException {
        String ours = types("jdbc:duckdb:" + duckdb, "", schema);
        String theirs = types("jdbc:duckdb:", DUCKDB_TABLE, "main");
        if (!ours.equals(theirs)) {
            throw new IllegalStateException("the types differ: " + ours + " and " + theirs);
        }
    }

    private static String types(String url, String before, String schema) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            if (!before.isEmpty()) {
                statement.execute(before);
            }
            try (ResultSet row = statement.executeQuery(
                    "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) FROM information_schema.columns"
                            + " WHERE table_name = 'orders' AND NOT starts_with(column_name, '__millrace') AND table_schema = '"
                            + schema + "'")) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
