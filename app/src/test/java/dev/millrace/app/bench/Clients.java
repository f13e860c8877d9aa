package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the databases' own tools do, as child processes: psql, or where there is none a small program with the driver. */
final class Clients {
    private final Path folder;

    Clients(Path folder) {
        this.folder = folder;
    }

    /** {@code COPY … TO STDOUT | COPY … FROM STDIN}, from the start of both processes to the end of both. */
    Cost copy(TestDatabase source, TestDatabase target, String format) throws IOException, InterruptedException {
        return pipe(List.of(
                copyOf(source, "COPY orders TO STDOUT (FORMAT " + format + ")"),
                copyOf(target, "COPY orders FROM STDIN (FORMAT " + format + ")")));
    }

    /** {@code COPY … TO STDOUT (FORMAT csv)} into DuckDB's own reader of CSV, with 512 MB and two threads. */
    Cost csv(TestDatabase source, Path duckdb) throws IOException, InterruptedException {
        return pipe(List.of(
                copyOf(source, "COPY orders TO STDOUT (FORMAT csv)"),
                Jvm.program(DuckdbCsvReader.class, duckdb.toString(), MixedTable.DUCKDB_TABLE)));
    }

    private Cost pipe(List<List<String>> commands) throws IOException, InterruptedException {
        List<WatchedProcess> processes = WatchedProcess.pipe(folder, commands);
        try {
            Cost both = Cost.NONE;
            for (WatchedProcess process : processes) {
                both = both.beside(process.end());
            }
            return both;
        } finally {
            processes.forEach(WatchedProcess::close);
        }
    }

    private static List<String> copyOf(TestDatabase database, String sql) {
        if (!psql()) {
            return Jvm.program(
                    CopyClient.class,
                    database.host(),
                    Integer.toString(database.port()),
                    database.database(),
                    database.user(),
                    sql);
        }
        return List.of(
                "psql",
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                database.host(),
                "-p",
                Integer.toString(database.port()),
                "-U",
                database.user(),
                "-d",
                database.database(),
                "-c",
                sql);
    }

    /** {@code true} where there is a psql on the path. */
    static boolean psql() {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, "psql"))) {
                return true;
            }
        }
        return false;
    }

    /** Starts the bare reader on a slot; it ends after so many changes. */
    WatchedProcess readSlot(TestDatabase source, String slot, String publication, long changes) throws IOException {
        return WatchedProcess.start(
                folder,
                Jvm.program(
                        BareReader.class,
                        source.host(),
                        Integer.toString(source.port()),
                        source.database(),
                        source.user(),
                        slot,
                        publication,
                        Long.toString(changes)));
    }
}
