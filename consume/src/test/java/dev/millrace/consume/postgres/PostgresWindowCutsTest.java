package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.CutTrial;
import dev.millrace.consume.testing.Pipe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A PostgreSQL table is the same whatever windows its events are cut into, metadata columns included. */
final class PostgresWindowCutsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(OnDelete.class)
    void mergedTablesAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.run(folder, LoadMode.MERGE, onDelete, PostgresWindowCutsTest::site);
    }

    @ParameterizedTest
    @EnumSource(OnDelete.class)
    void mergedTablesWithoutAKeyAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.withoutKey(folder, onDelete, PostgresWindowCutsTest::site);
    }

    @ParameterizedTest
    @EnumSource(
            value = OnDelete.class,
            names = {"SOFT", "IGNORE"})
    void appendedTablesAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.run(folder, LoadMode.APPEND, onDelete, PostgresWindowCutsTest::site);
    }

    @ParameterizedTest
    @EnumSource(
            value = OnDelete.class,
            names = {"SOFT", "IGNORE"})
    void historiesAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.run(folder, LoadMode.HISTORY, onDelete, PostgresWindowCutsTest::site);
    }

    private static CutTrial.Site site(Path folder) {
        return new Database(new Pipe(folder), new PostgresFixture());
    }

    private record Database(Pipe pipe, PostgresFixture fixture) implements CutTrial.Site {
        @Override
        public Destination open() {
            return fixture.open("orders");
        }

        @Override
        public List<String> rows(String sql) {
            return fixture.rows(sql);
        }

        @Override
        public String micros(String column) {
            return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
        }

        @Override
        public void close() {
            fixture.close();
        }
    }
}
