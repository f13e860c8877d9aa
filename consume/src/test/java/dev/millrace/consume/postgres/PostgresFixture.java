package dev.millrace.consume.postgres;

import dev.millrace.config.setting.Secret;
import dev.millrace.config.setting.Settings;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.DestinationFixture;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A database of its own on the test server. */
final class PostgresFixture implements DestinationFixture {
    private final TestDatabase database;

    PostgresFixture() {
        try {
            this.database = TestPostgres.shared().createDatabase();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    TestDatabase database() {
        return database;
    }

    @Override
    public Destination open(String pipeline) {
        return open(pipeline, Map.of());
    }

    Destination open(String pipeline, Map<String, Object> more) {
        return new PostgresDestinationConnector().open(pipeline, settings(database, more));
    }

    static Settings settings(TestDatabase database, Map<String, Object> more) {
        Map<String, Object> values = new HashMap<>(Map.of(
                "host", database.host(),
                "port", (long) database.port(),
                "database", database.database(),
                "user", database.user(),
                "password", new Secret(database.password()),
                "sslMode", "prefer",
                "connectTimeout", Duration.ofSeconds(10),
                "statementTimeout", Duration.ofMinutes(2),
                "lockTimeout", Duration.ofSeconds(20),
                "peerTimeout", Duration.ofSeconds(20)));
        values.putAll(more);
        return new Settings(values);
    }

    @Override
    public List<String> rows(String sql) {
        try {
            return database.rows(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    void execute(String sql) {
        try {
            database.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        try {
            database.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
