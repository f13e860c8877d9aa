package dev.millrace.app.bench;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/** The least that can be done with a slot's changes: the driver reads them over the streaming protocol, and they are dropped. */
final class BareReader {
    private BareReader() {}

    /** Arguments: host, port, database, user, slot, publication, and after how many changes to end. */
    public static void main(String[] args) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", args[3]);
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        String url = "jdbc:postgresql://" + args[0] + ":" + args[1] + "/" + args[2];
        long changes = Long.parseLong(args[6]);
        try (Connection connection = DriverManager.getConnection(url, properties);
                PGReplicationStream stream = connection
                        .unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(args[4])
                        .withSlotOption("proto_version", "1")
                        .withSlotOption("publication_names", args[5])
                        .start()) {
            for (long seen = 0; seen < changes; ) {
                ByteBuffer message = stream.read();
                byte kind = message.get(message.position());
                seen += kind == 'I' || kind == 'U' || kind == 'D' ? 1 : 0;
            }
            Runtime.getRuntime().halt(0); // what is left to end is not part of reading
        }
    }
}
