package dev.millrace.app.fault.network;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/** Another reader of a pipeline's slot, who takes it in the moment its own reader is cut off, and confirms nothing. */
final class SlotThief implements AutoCloseable {
    private final Connection connection;
    private final PGReplicationStream stream;

    private SlotThief(Connection connection, PGReplicationStream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    /** Tries until it has the slot, at most so many seconds. */
    static SlotThief take(TestDatabase database, String slot, long seconds) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, database.user());
        PGProperty.PASSWORD.set(properties, database.password());
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
        List<String> publications = database.rows("SELECT pubname FROM pg_publication");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Connection connection = DriverManager.getConnection(
                "jdbc:postgresql://" + database.host() + ":" + database.port() + "/" + database.database(), properties);
        while (true) {
            database.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
            try {
                return new SlotThief(
                        connection,
                        connection
                                .unwrap(PGConnection.class)
                                .getReplicationAPI()
                                .replicationStream()
                                .logical()
                                .withSlotName(slot)
                                .withSlotOption("proto_version", "1")
                                .withSlotOption("publication_names", String.join(",", publications))
                                .withAutomaticFlush(false)
                                .withStatusInterval(1, TimeUnit.SECONDS)
                                .start());
            } catch (SQLException e) {
                if (System.nanoTime() - end > 0) {
                    connection.close();
                    throw e;
                }
            }
        }
    }

    /** Keeps it, for another {@code wal_sender_timeout}; true. */
    boolean keeps() {
        try {
            for (ByteBuffer change = stream.readPending(); change != null; ) {
                change = stream.readPending();
            }
            stream.forceUpdateStatus();
            return true;
        } catch (SQLException e) {
            throw new AssertionError("the thief has lost the slot", e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.abort(Runnable::run);
    }
}
