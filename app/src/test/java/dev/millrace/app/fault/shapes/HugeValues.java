package dev.millrace.app.fault.shapes;

import dev.millrace.app.fault.Stage;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;

/** Values of many megabytes: loaded, inserted, left alone by updates, carried over by key changes. */
final class HugeValues implements Shape {
    private final int megabytes;

    HugeValues(int megabytes) {
        this.megabytes = megabytes;
    }

    @Override
    public String name() {
        return "huge";
    }

    @Override
    public void create(TestDatabase source) throws SQLException {
        source.execute("CREATE SCHEMA huge; CREATE TABLE huge.texts (id int PRIMARY KEY, n int, t text);"
                + " CREATE TABLE huge.bytes (id int PRIMARY KEY, n int, y bytea);"
                + " CREATE TABLE huge.documents (id int PRIMARY KEY, n int, j jsonb)");
        source.execute(
                "INSERT INTO huge.texts VALUES (1, 1, " + text(1) + "), (2, 2, 'small'), (3, 3, " + text(3) + ")");
        source.execute("INSERT INTO huge.bytes VALUES (1, 1, " + bytes(1) + "), (2, 2, '')");
        source.execute("INSERT INTO huge.documents VALUES (1, 1, " + document(1) + "), (2, 2, '{}')");
    }

    @Override
    public void change(TestDatabase source) throws SQLException {
        for (String[] table :
                new String[][] {{"texts", "t", text(4)}, {"bytes", "y", bytes(4)}, {"documents", "j", document(4)}}) {
            String name = "huge." + table[0];
            source.execute("INSERT INTO " + name + " VALUES (4, 4, " + table[2] + ")");
            source.execute("UPDATE " + name + " SET n = n + 10");
            source.execute("UPDATE " + name + " SET id = 11 WHERE id = 1");
            source.execute("UPDATE " + name + " SET " + table[1] + " = (SELECT " + table[1] + " FROM " + name
                    + " WHERE id = 4) WHERE id = 2");
        }
        source.execute("DELETE FROM huge.texts WHERE id = 3");
    }

    /** Half of it doesn't compress. */
    private String text(int seed) {
        return "(SELECT string_agg(md5((i * 7 + " + seed + ")::text) || repeat('x', 32), '') FROM generate_series(1, "
                + megabytes * 16_384 + ") i)";
    }

    private String bytes(int seed) {
        return "(SELECT string_agg(sha256((i * 7 + " + seed
                + ")::text::bytea) || decode(repeat('00', 32), 'hex'), '') FROM generate_series(1, "
                + megabytes * 16_384 + ") i)";
    }

    private String document(int seed) {
        return "(SELECT jsonb_agg(md5((i * 7 + " + seed + ")::text)) FROM generate_series(1, " + megabytes * 16_384
                + " * 64 / 36) i)";
    }

    @Override
    public void compare(Connection source, Connection destination, boolean duckdb) throws SQLException {
        String cells = "id || '|' || n || '|' || ";
        same(source, destination, cells + "md5(t) FROM huge.texts", cells + "md5(t) FROM huge.texts");
        same(source, destination, cells + "md5(y) FROM huge.bytes", cells + "md5(y) FROM huge.bytes");
        same(
                source,
                destination,
                cells + "md5(j::text) FROM huge.documents",
                cells + "md5(j::text) FROM huge.documents");
    }

    private static void same(Connection source, Connection destination, String here, String there) throws SQLException {
        Stage.assertSame(Stage.rows(source, "SELECT " + here), Stage.rows(destination, "SELECT " + there), here);
    }
}
