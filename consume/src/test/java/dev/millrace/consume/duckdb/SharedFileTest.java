package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several pipelines of a process lead to one file, and each opens it when its turn comes. */
final class SharedFileTest {
    private static final int PIPELINES = 3;
    private static final int TURNS = 150;

    @TempDir
    Path folder;

    @Test
    void itIsOpenedWhileAnotherPipelineClosesIt() throws Exception {
        DuckDbFile file = new DuckDbFile("orders", folder.resolve("shared.duckdb"), 96 << 20, 1);
        ExecutorService threads = Executors.newFixedThreadPool(PIPELINES);
        try {
            List<Future<Integer>> pipelines = new ArrayList<>();
            for (int pipeline = 0; pipeline < PIPELINES; pipeline++) {
                pipelines.add(threads.submit(() -> open(file)));
            }
            for (Future<Integer> pipeline : pipelines) {
                assertEquals(TURNS, pipeline.get(5, TimeUnit.MINUTES));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static int open(DuckDbFile file) throws Exception {
        int sum = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            try (DuckDBConnection connection = file.open();
                    Statement statement = connection.createStatement();
                    ResultSet one = statement.executeQuery("SELECT 1")) {
                one.next();
                sum += one.getInt(1);
            }
        }
        return sum;
    }
}
