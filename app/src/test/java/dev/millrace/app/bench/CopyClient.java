package dev.millrace.app.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** {@code psql -c 'COPY …'} for machines without psql: to standard output or from standard input. */
final class CopyClient {
    private CopyClient() {}

    /** Arguments: host, port, database, user, statement. */
    public static void main(String[] args) throws SQLException, IOException {
        String url = "jdbc:postgresql://" + args[0] + ":" + args[1] + "/" + args[2];
        try (Connection connection = DriverManager.getConnection(url, args[3], "")) {
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            if (args[4].contains("TO STDOUT")) {
                OutputStream out = System.out;
                copy.copyOut(args[4], out);
                out.flush();
            } else {
                copy.copyIn(args[4], System.in, 1 << 16);
            }
        }
    }
}
