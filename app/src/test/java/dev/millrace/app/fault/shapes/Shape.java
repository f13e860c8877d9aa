package dev.millrace.app.fault.shapes;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;

/** One kind of tables, in a schema of its own. Used for one trial. */
interface Shape {
    /** One word: the schema's name, too. */
    String name();

    /** Makes the tables and what a historical load shall find in them. */
    void create(TestDatabase source) throws SQLException;

    /** What shall arrive as changes. */
    void change(TestDatabase source) throws SQLException;

    /**
     * Both ends at rest.
     *
     * @throws AssertionError where they differ in more than the documented mapping
     */
    void compare(Connection source, Connection destination, boolean duckdb) throws SQLException;
}
