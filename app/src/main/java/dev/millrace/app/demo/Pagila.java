package dev.millrace.app.demo;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.zip.GZIPInputStream;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/**
 * Loads the Pagila sample database (github.com/devrimgunduz/pagila; its licence stands beside its files in this program): a film rental
 * shop with 1,000 films, 599 customers, 16,044 rentals and 16,049 payments in monthly partitions. Wants a role {@code postgres}.
 */
public final class Pagila {
    private Pagila() {}

    /**
     * Loads schema and data into an empty database, in one transaction, and analyses it; does nothing when it is there already. The
     * connection's own settings (search path, time-outs) are changed: close it afterwards.
     *
     * @return whether it was loaded now
     */
    public static boolean loadInto(Connection connection) throws SQLException, IOException {
        if (isLoadedIn(connection)) {
            return false;
        }
        CopyManager copy = new CopyManager(connection.unwrap(BaseConnection.class));
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            run(resource("pagila-schema.sql"), statement, copy);
            try (InputStream data = new GZIPInputStream(open("pagila-data.sql.gz"))) {
                run(new String(data.readAllBytes(), StandardCharsets.UTF_8), statement, copy);
            }
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("ANALYZE");
        } catch (SQLException | IOException e) {
            connection.rollback();
            throw e;
        }
        return true;
    }

    private static boolean isLoadedIn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('public.film') IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void run(String script, Statement statement, CopyManager copy) throws SQLException, IOException {
        for (SqlScript.Step step : SqlScript.steps(script)) {
            if (step.data() == null) {
                statement.execute(step.sql());
            } else {
                copy.copyIn(step.sql(), new StringReader(step.data()));
            }
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = open(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream open(String name) throws IOException {
        InputStream in = Pagila.class.getResourceAsStream("/pagila/" + name);
        if (in == null) {
            throw new FileNotFoundException("/pagila/" + name);
        }
        return in;
    }
}
