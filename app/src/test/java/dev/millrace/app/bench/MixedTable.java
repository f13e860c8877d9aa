package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The table that is moved: eleven columns of the usual kinds, about 250 bytes a row, and the changes that are made to it. */
final class MixedTable {
    static final int PER_TRANSACTION = 10;

    private MixedTable() {}

    /** The table, empty, and the procedure that changes it. */
    static void create(TestDatabase database) throws SQLException {
        database.execute("""
                CREATE TABLE orders (
                  id bigint PRIMARY KEY, customer integer NOT NULL, quantity integer, code varchar(20), amount numeric(12,2),
                  note text, details jsonb, created_at timestamptz NOT NULL, updated_at timestamptz, paid boolean, reference uuid)
                """);
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

    /** {@code count} changes in transactions of ten: seven updates, two inserts behind the rows that are there, one delete. */
    static void change(TestDatabase database, long rows, int count) throws SQLException {
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
                          WHERE id = 1 + (t * 7 + i) * 7919 %% total;
                        END LOOP;
                        %s;
                        DELETE FROM orders WHERE id = last + 2 * t;
                        COMMIT;
                      END LOOP;
                    END $$
                    """.formatted(rows, count / PER_TRANSACTION, insert("last + 2 * t - 1, last + 2 * t")));
        }
    }
}
