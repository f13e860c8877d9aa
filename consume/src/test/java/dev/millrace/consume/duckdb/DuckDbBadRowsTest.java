package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.testing.BadRowsTrial;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rows that DuckDB refuses are found among many. */
final class DuckDbBadRowsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(LoadMode.class)
    void justTheRowsThatAreRefusedAreHeldBack(LoadMode mode) throws Exception {
        BadRowsTrial.everyWay(
                "DuckDB",
                mode,
                folder,
                trial -> trial.run(
                        trial.pipe()::destination,
                        trial.pipe()::execute,
                        "ALTER TABLE public.t ALTER note SET NOT NULL"));
    }
}
