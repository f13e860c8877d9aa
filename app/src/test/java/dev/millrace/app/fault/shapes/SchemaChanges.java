package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.app.demo.Comparison;
import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.app.fault.Stage;
import dev.millrace.app.fault.Trial;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Hundreds of schema changes a minute, committed under a writer that goes on. At the end every column of the source is at the destination
 * with the same values; columns that were dropped may stay there, and types may be wider.
 */
final class SchemaChanges {
    private static final String SCHEMA = "live";
    private static final List<String> TABLES = List.of("rows", "again", "emptied");

    private final Course course;
    private final Stage stage;
    private final Trial trial;
    private final SplittableRandom random;
    private final List<String> columns = new ArrayList<>();
    private int made;

    SchemaChanges(Course course, Stage stage, Trial trial) {
        this.course = course;
        this.stage = stage;
        this.trial = trial;
        this.random = trial.random();
    }

    /** So many schema changes under load. */
    void run(int changes) throws Exception {
        stage.source()
                .execute(
                        "CREATE SCHEMA live; CREATE TABLE live.rows (id bigint PRIMARY KEY, v text, big text);"
                                + " ALTER TABLE live.rows ALTER big SET STORAGE EXTERNAL; CREATE TABLE live.emptied (id int PRIMARY KEY, v text);"
                                + " INSERT INTO live.rows SELECT -i, 'first ' || i, repeat('b', 3000) FROM generate_series(1, 500) i");
        again();
        stage.objects("live.rows, live.again, live.emptied").write();
        course.finish();
        SteadyWriter writer = new SteadyWriter(stage.source(), random.nextLong());
        long began = System.nanoTime();
        try (MillraceProcess process = stage.run("")) {
            stage.awaitLoaded(process);
            writer.start();
            began = System.nanoTime();
            try (Connection connection = stage.source().connect()) {
                for (int i = 0; i < changes; i++) {
                    change(connection);
                    course.watch(process);
                    assertEquals(-1, process.awaitMillis(0), process::text);
                }
            }
            trial.tally().add("rows written meanwhile", writer.stop());
            process.signal("TERM");
            assertTrue(process.await(Stage.SECONDS) >= 0, process::text);
        } finally {
            writer.end();
        }
        trial.tally().add("schema changes", changes);
        trial.tally()
                .max("schema changes a minute", changes * TimeUnit.MINUTES.toNanos(1) / (System.nanoTime() - began));
        course.finish();
        compare();
    }

    private void again() throws SQLException {
        stage.source()
                .execute(
                        "BEGIN; DROP TABLE IF EXISTS live.again; CREATE TABLE live.again (id int PRIMARY KEY, v text, w"
                                + made
                                + " int DEFAULT " + made + "); INSERT INTO live.again (id, v) SELECT i, 'made " + made
                                + "' FROM generate_series(1, 20) i; COMMIT");
    }

    private void change(Connection connection) throws SQLException {
        made++;
        switch (random.nextInt(12)) {
            case 0, 1 -> add(connection, "text");
            case 2 -> add(connection, "int DEFAULT " + made);
            case 3 -> add(connection, "timestamptz DEFAULT clock_timestamp()");
            case 4 -> drop(connection);
            case 5 -> rename(connection);
            case 6 -> retype(connection);
            case 7 ->
                run(
                        connection,
                        "BEGIN; ALTER TABLE live.rows RENAME TO elsewhere; INSERT INTO live.elsewhere (id, v) VALUES ("
                                + -1_000 * made + ", 'renamed'); ALTER TABLE live.elsewhere RENAME TO rows; COMMIT");
            case 8 ->
                run(
                        connection,
                        "TRUNCATE live.emptied; INSERT INTO live.emptied SELECT i, 'after " + made
                                + "' FROM generate_series(1, 5) i");
            case 9 -> again();
            case 10 ->
                run(
                        connection,
                        "ALTER TABLE live.rows ALTER v SET DEFAULT 'default " + made + "', ALTER v "
                                + (made % 2 == 0 ? "SET" : "DROP")
                                + " NOT NULL; ALTER TABLE live.rows REPLICA IDENTITY "
                                + (made % 3 == 0 ? "FULL" : "DEFAULT"));
            default ->
                run(
                        connection,
                        "ALTER TABLE live.rows RENAME TO away; ALTER TABLE live.away ADD COLUMN y" + made
                                + " text; ALTER TABLE live.away RENAME TO rows");
        }
    }

    private void add(Connection connection, String type) throws SQLException {
        String column = "x" + made;
        run(connection, "ALTER TABLE live.rows ADD COLUMN " + column + " " + type);
        if (type.equals("text") || type.startsWith("int")) {
            run(
                    connection,
                    "UPDATE live.rows SET " + column + " = (id % 100)::text::" + type.split(" ")[0]
                            + " WHERE id % 3 = 0");
            columns.add(column);
        }
    }

    private void drop(Connection connection) throws SQLException {
        if (!columns.isEmpty()) {
            run(connection, "ALTER TABLE live.rows DROP COLUMN " + columns.remove(random.nextInt(columns.size())));
        }
    }

    private void rename(Connection connection) throws SQLException {
        if (!columns.isEmpty()) {
            int chosen = random.nextInt(columns.size());
            String name = "r" + made;
            run(connection, "ALTER TABLE live.rows RENAME COLUMN " + columns.get(chosen) + " TO " + name);
            columns.set(chosen, name);
        }
    }

    private void retype(Connection connection) throws SQLException {
        if (!columns.isEmpty()) {
            String column = columns.get(random.nextInt(columns.size()));
            String type = List.of("bigint", "numeric(12,2)", "text", "numeric", "varchar(40)")
                    .get(random.nextInt(5));
            run(
                    connection,
                    "ALTER TABLE live.rows ALTER " + column + " DROP DEFAULT, ALTER " + column + " TYPE " + type
                            + " USING round(" + column + "::text::numeric)::" + type);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void compare() throws SQLException {
        try (Connection source = stage.source().connect();
                Connection destination = stage.destination()) {
            Comparison comparison = new Comparison(source, destination);
            for (String table : TABLES) {
                Comparison.Result result = comparison.compare(new Comparison.Pair(SCHEMA, table, SCHEMA, table));
                assertEquals(List.of(), result.differences(), table);
                assertTrue(result.sourceRows() > 0 || table.equals("emptied"), table);
            }
        }
    }
}
