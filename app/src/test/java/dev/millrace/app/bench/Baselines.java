package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.postgresql.replication.PGReplicationStream;

/** What the databases' own tools do. Every method returns the nanoseconds it took. */
final class Baselines {
    private Baselines() {}

    /** {@code COPY … TO STDOUT | COPY … FROM STDIN}, both binary; by psql where there is one. */
    static long copyPipe(TestDatabase source, TestDatabase target)
            throws SQLException, IOException, InterruptedException {
        MixedTable.create(target);
        long start = System.nanoTime();
        if (psql()) {
            List<Process> pipe = ProcessBuilder.startPipeline(List.of(
                    new ProcessBuilder(psql(source, "COPY orders TO STDOUT (FORMAT binary)")),
                    new ProcessBuilder(psql(target, "COPY orders FROM STDIN (FORMAT binary)"))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)));
            for (Process process : pipe) {
                if (process.waitFor() != 0) {
                    throw new IllegalStateException("psql ended with " + process.exitValue());
                }
            }
        } else {
            pipeByDriver(source, target);
        }
        return System.nanoTime() - start;
    }

    private static void pipeByDriver(TestDatabase source, TestDatabase target) throws SQLException {
        try (Connection from = source.connect();
                Connection to = target.connect()) {
            CopyOut out = from.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY orders TO STDOUT (FORMAT binary)");
            CopyIn in = to.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY orders FROM STDIN (FORMAT binary)");
            for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
                in.writeToCopy(row, 0, row.length);
            }
            in.endCopy();
        }
    }

    /** {@code true} where the pipe is psql's. */
    static boolean psql() {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, "psql"))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> psql(TestDatabase database, String sql) {
        return List.of(
                "psql",
                "-X",
                "-q",
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

    /** Reads and drops a slot's changes until there have been {@code changes}; from the first message on. */
    static long readSlot(TestDatabase source, String slot, String publication, long changes) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", source.user());
        properties.setProperty("password", source.password());
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        String url = "jdbc:postgresql://" + source.host() + ":" + source.port() + "/" + source.database();
        long start = System.nanoTime();
        try (Connection connection = DriverManager.getConnection(url, properties);
                PGReplicationStream stream = connection
                        .unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(slot)
                        .withSlotOption("proto_version", "1")
                        .withSlotOption("publication_names", publication)
                        .start()) {
            for (long seen = 0; seen < changes; ) {
                ByteBuffer message = stream.read();
                byte kind = message.get(message.position());
                seen += kind == 'I' || kind == 'U' || kind == 'D' ? 1 : 0;
            }
            return System.nanoTime() - start;
        }
    }
}
