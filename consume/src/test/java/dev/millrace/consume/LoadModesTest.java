package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.testing.HistoryLoads;
import dev.millrace.consume.testing.ModeTrial;
import dev.millrace.consume.testing.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The load modes beside merge, into DuckDB. */
final class LoadModesTest {
    @TempDir
    Path folder;

    @Test
    void everyChangeIsAppendedOnceThroughAnyInterruptions() throws Exception {
        trial().run(LoadMode.APPEND, OnDelete.SOFT, 20);
    }

    @Test
    void deletesThatAreIgnoredAreNotAppended() throws Exception {
        trial().run(LoadMode.APPEND, OnDelete.IGNORE, 10);
    }

    @Test
    void everyVersionOfARowIsKeptThroughAnyInterruptions() throws Exception {
        trial().run(LoadMode.HISTORY, OnDelete.SOFT, 20);
    }

    @Test
    void deletesThatAreIgnoredEndNoVersion() throws Exception {
        trial().run(LoadMode.HISTORY, OnDelete.IGNORE, 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100})
    void historicalLoadsMakeFirstVersionsAndLoseNoHistory(int windowRows) throws Exception {
        loads("first", windowRows).firstLoadUnderChanges();
        loads("again", windowRows).reloadUnderChanges();
        loads("same", windowRows).reloadsOfWhatNeverChanged();
        loads("truncated", windowRows).truncation();
        loads("appended", windowRows).appendedLoads();
    }

    @Test
    void noVersionIsValidBeforeTheOneThatATruncationEnded() throws Exception {
        loads("truncated", 100).truncationByAnEarlierClock();
    }

    @Test
    void rowsOfOneEventAreLoadedAgainEachByItself() throws Exception {
        loads("many", 100).reloadOfManyRowsOfOneEvent();
    }

    @Test
    void deletesThatAreIgnoredLeaveTheLastRowOfEachKey() throws Exception {
        trial().run(LoadMode.MERGE, OnDelete.IGNORE, 10);
    }

    private HistoryLoads loads(String name, int windowRows) throws IOException {
        Pipe pipe = new Pipe(Files.createDirectory(folder.resolve(name)));
        return new HistoryLoads(pipe, pipe::destination, query(pipe), windowRows);
    }

    private ModeTrial trial() {
        Pipe pipe = new Pipe(folder);
        return new ModeTrial(pipe, pipe::destination, query(pipe), "epoch_us(%s)");
    }

    private static ModeTrial.Query query(Pipe pipe) {
        return sql -> pipe.query(sql).stream()
                .map(row -> ("|" + row + "|").replace("|null|", "|∅|").replace("|null|", "|∅|"))
                .map(row -> row.substring(1, row.length() - 1))
                .toList();
    }
}
