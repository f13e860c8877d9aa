package dev.millrace.consume;

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

/** A DuckDB table is the same whatever windows its events are cut into, metadata columns included. */
final class WindowCutsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(OnDelete.class)
    void mergedTablesAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.run(folder, LoadMode.MERGE, onDelete, own -> new File(new Pipe(own)));
    }

    @ParameterizedTest
    @EnumSource(OnDelete.class)
    void mergedTablesWithoutAKeyAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.withoutKey(folder, onDelete, own -> new File(new Pipe(own)));
    }

    @ParameterizedTest
    @EnumSource(
            value = OnDelete.class,
            names = {"SOFT", "IGNORE"})
    void appendedTablesAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.run(folder, LoadMode.APPEND, onDelete, own -> new File(new Pipe(own)));
    }

    @ParameterizedTest
    @EnumSource(
            value = OnDelete.class,
            names = {"SOFT", "IGNORE"})
    void historiesAreTheSame(OnDelete onDelete) throws Exception {
        CutTrial.run(folder, LoadMode.HISTORY, onDelete, own -> new File(new Pipe(own)));
    }

    /** A DuckDB file. */
    private record File(Pipe pipe) implements CutTrial.Site {
        @Override
        public Destination open() {
            return pipe.destination();
        }

        @Override
        public List<String> rows(String sql) throws Exception {
            return pipe.query(sql).stream()
                    .map(row -> ("|" + row + "|").replace("|null|", "|∅|").replace("|null|", "|∅|"))
                    .map(row -> row.substring(1, row.length() - 1))
                    .toList();
        }

        @Override
        public String micros(String column) {
            return "epoch_us(" + column + ")";
        }

        @Override
        public void close() {
            // the folder goes with the test
        }
    }
}
