package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.testing.HistoryLoads;
import dev.millrace.consume.testing.ModeTrial;
import dev.millrace.consume.testing.Pipe;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The load modes beside merge, into PostgreSQL. */
final class PostgresModesTest {
    @TempDir
    Path folder;

    @Test
    void everyChangeIsAppendedOnceThroughAnyInterruptions() throws Exception {
        run(LoadMode.APPEND, OnDelete.SOFT, 20);
    }

    @Test
    void deletesThatAreIgnoredAreNotAppended() throws Exception {
        run(LoadMode.APPEND, OnDelete.IGNORE, 10);
    }

    @Test
    void everyVersionOfARowIsKeptThroughAnyInterruptions() throws Exception {
        run(LoadMode.HISTORY, OnDelete.SOFT, 20);
    }

    @Test
    void deletesThatAreIgnoredEndNoVersion() throws Exception {
        run(LoadMode.HISTORY, OnDelete.IGNORE, 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100})
    void historicalLoadsMakeFirstVersionsAndLoseNoHistory(int windowRows) throws Throwable {
        loads(windowRows, HistoryLoads::firstLoadUnderChanges);
        loads(windowRows, HistoryLoads::reloadUnderChanges);
        loads(windowRows, HistoryLoads::reloadsOfWhatNeverChanged);
        loads(windowRows, HistoryLoads::truncation);
        loads(windowRows, HistoryLoads::appendedLoads);
    }

    @Test
    void noVersionIsValidBeforeTheOneThatATruncationEnded() throws Throwable {
        loads(100, HistoryLoads::truncationByAnEarlierClock);
    }

    @Test
    void rowsOfOneEventAreLoadedAgainEachByItself() throws Throwable {
        loads(100, HistoryLoads::reloadOfManyRowsOfOneEvent);
    }

    @Test
    void deletesThatAreIgnoredLeaveTheLastRowOfEachKey() throws Exception {
        run(LoadMode.MERGE, OnDelete.IGNORE, 10);
    }

    private void loads(int windowRows, ThrowingConsumer<HistoryLoads> body) throws Throwable {
        try (PostgresFixture fixture = new PostgresFixture()) {
            Pipe pipe = new Pipe(folder);
            body.accept(new HistoryLoads(pipe, () -> fixture.open("orders"), fixture::rows, windowRows));
        }
    }

    private void run(LoadMode mode, OnDelete onDelete, int rounds) throws Exception {
        try (PostgresFixture fixture = new PostgresFixture()) {
            new ModeTrial(
                            new Pipe(folder),
                            () -> fixture.open("orders"),
                            fixture::rows,
                            "(extract(epoch FROM %s) * 1000000)::bigint")
                    .run(mode, onDelete, rounds);
        }
    }
}
