package dev.millrace.ingest.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stream's second connection, for asking the catalogue: opened when first needed, and anew when it was lost. Confined to one thread. */
final class CatalogueLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueLink.class);

    /** A question to the catalogue. */
    @FunctionalInterface
    interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    private final Connections connections;
    private Connection connection;

    CatalogueLink(Connections connections) {
        this.connections = connections;
    }

    /**
     * @param what for the message when it fails: "Cannot read the catalogue"
     */
    <T> T ask(String what, Question<T> question) {
        boolean kept = connection != null;
        try {
            return question.ask(open());
        } catch (SQLException e) {
            close();
            // A connection that idled may have been cut without anyone noticing; a new one answers or tells why not.
            if (!kept
                    || !PostgresErrors.state(e).startsWith("08")
                            && !PostgresErrors.state(e).startsWith("57P")) {
                throw PostgresErrors.of(what, e);
            }
        }
        try {
            return question.ask(open());
        } catch (SQLException e) {
            close();
            throw PostgresErrors.of(what, e);
        }
    }

    private Connection open() {
        if (connection == null) {
            connection = connections.askingSoon();
        }
        return connection;
    }

    @Override
    public void close() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("postgres: closing the catalogue connection failed", e);
            }
            connection = null;
        }
    }
}
