package dev.millrace.consume.postgres;

import dev.millrace.config.setting.DatabaseServer;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings of one PostgreSQL destination.
 *
 * @param pipeline whose destination this is
 */
record PostgresSettings(String pipeline, Settings values) implements DatabaseServer {
    static final List<Setting> DECLARED = DatabaseServer.declared(
            5432,
            "Database to load into.",
            "User to log in as; needs CREATE on the database, or on the schemas that are there.",
            Setting.optional(
                    "schema",
                    Type.TEXT,
                    null,
                    "Schema that all tables go into; without it the source's schemas are kept."),
            CONNECT_TIMEOUT,
            Setting.optional("statementTimeout", Type.DURATION, "1h", "How long one statement of a load may take."),
            Setting.optional(
                    "lockTimeout", Type.DURATION, "60s", "How long a statement may wait for another session's lock."),
            PEER_TIMEOUT,
            Setting.choice(
                    "consistency",
                    "transactional",
                    List.of("transactional", "fast"),
                    "Whether all tables of a window are committed together, or each by itself, several side by side."),
            Setting.bounded(
                    "maxRunners",
                    Type.INTEGER,
                    "4",
                    new Setting.Range(2, 64),
                    "How many tables are loaded side by side at most, each over a connection of its own; for consistency fast."),
            Setting.optional(
                    "runnerIdle",
                    Type.DURATION,
                    "60s",
                    "How long such a connection is kept while it has nothing to do; for consistency fast."));

    /** Where the bookkeeping table stands, and tables whose source has no schema. */
    String defaultSchema() {
        return values.optionalText("schema").orElse("public");
    }

    Duration statementTimeout() {
        return values.duration("statementTimeout");
    }

    boolean fast() {
        return values.optionalText("consistency").equals(Optional.of("fast"));
    }

    int maxRunners() {
        return values.integer("maxRunners");
    }

    Duration runnerIdle() {
        return values.duration("runnerIdle");
    }
}
