package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents of a real table arrive as columns and child tables, and follow what happens to their rows. */
class FlattenedJsonTest {
    private static final List<String[]> QUERIES = List.of(
            new String[] {
                "SELECT id, doc->>'name', (doc#>>'{address,city}'), (doc#>>'{address,zip}')::bigint, doc->>'late' FROM orders",
                "SELECT id, doc_name, doc_address_city, doc_address_zip, doc_late FROM public.orders"
            },
            new String[] {
                "SELECT id, n - 1, e->>'sku', (e->>'quantity')::bigint, e#>>'{size,unit}' FROM orders,"
                        + " jsonb_array_elements(CASE jsonb_typeof(doc->'lines')"
                        + " WHEN 'array' THEN doc->'lines' ELSE '[]' END) WITH ORDINALITY AS l(e, n)",
                "SELECT parent_id, array_index, sku, quantity, size_unit FROM public.orders_doc_lines"
            },
            new String[] {
                "SELECT id, n - 1, e FROM orders, jsonb_array_elements_text(doc->'tags') WITH ORDINALITY AS l(e, n)",
                "SELECT parent_id, array_index, value FROM public.orders_doc_tags"
            });

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void documentsArriveAsColumnsAndChildTables(boolean duckdb) throws Exception {
        try (TestDatabase source = TestPostgres.shared().createDatabase();
                TestDatabase target = TestPostgres.shared().createDatabase();
                Installation installation = installation(source, duckdb ? null : target)) {
            make(source);
            installation.start();
            installation.catchUp();
            change(source);
            installation.catchUp();
            installation.stop();
            compare(installation);
            installation.start();
            source.execute("UPDATE orders SET doc = jsonb_set(doc, '{lines}', '[]') WHERE id % 5 = 0");
            source.execute("UPDATE orders SET doc = '{\"tags\": [\"one\"]}' WHERE id % 7 = 0");
            installation.catchUp();
            installation.stop();
            compare(installation);
            installation.start();
            source.execute("TRUNCATE orders");
            source.execute("INSERT INTO orders VALUES (1, '{\"tags\": [\"new\"], \"lines\": [{\"sku\": \"s\"}]}')");
            installation.catchUp();
            installation.stop();
            compare(installation);
        }
    }

    private Installation installation(TestDatabase source, TestDatabase target) throws IOException {
        return new Installation(folder, source, target, "logical", ", json: flatten", "onDelete: hard");
    }

    private static void make(TestDatabase source) throws SQLException {
        source.execute("CREATE TABLE orders (id bigint PRIMARY KEY, doc jsonb)");
        source.execute("INSERT INTO orders SELECT i, jsonb_build_object('name', 'order ' || i, 'address',"
                + " jsonb_build_object('city', 'c' || i % 10, 'zip', i), 'tags', CASE WHEN i % 3 = 0 THEN '[]'::jsonb ELSE"
                + " jsonb_build_array('a', 'b' || i) END, 'lines', (SELECT jsonb_agg(jsonb_build_object('sku', 's' || n,"
                + " 'quantity', n * i)) FROM generate_series(1, i % 4) n)) FROM generate_series(1, 2000) i");
        source.execute(
                "INSERT INTO orders VALUES (3000, NULL), (3001, '{\"lines\": [{\"size\": {\"unit\": \"cm\"}}]}')");
    }

    private static void change(TestDatabase source) throws SQLException {
        source.execute(
                "UPDATE orders SET doc = doc || '{\"late\": \"x\", \"tags\": [\"1\", \"2\", \"3\"]}' WHERE id % 11 = 0");
        source.execute("UPDATE orders SET id = id + 10000 WHERE id % 13 = 0");
        source.execute("DELETE FROM orders WHERE id % 17 = 0");
        source.execute("UPDATE orders SET doc = doc - 'lines' WHERE id % 19 = 0");
    }

    private static void compare(Installation installation) throws SQLException {
        for (String[] query : QUERIES) {
            List<String> expected =
                    installation.atSource(query[0]).stream().sorted().toList();
            assertFalse(expected.isEmpty());
            assertEquals(
                    expected,
                    installation.atDestination(query[1]).stream().sorted().toList(),
                    query[1]);
        }
    }
}
