package dev.millrace.consume.postgres;

import dev.millrace.config.setting.Secret;
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
record PostgresSettings(String pipeline, Settings values) {
    static final List<Setting> DECLARED = List.of(
            Setting.required("host", Type.TEXT, "Name or address of the server."),
            Setting.bounded("port", Type.INTEGER, "5432", Setting.Range.PORT, "Port of the server."),
            Setting.required("database", Type.TEXT, "Database to load into."),
            Setting.required(
                    "user",
                    Type.TEXT,
                    "User to log in as; needs CREATE on the database, or on the schemas that are there."),
            Setting.optional("password", Type.SECRET, null, "Password of the user; from ${env:...} or ${file:...}."),
            Setting.choice(
                    "sslMode",
                    "prefer",
                    List.of("disable", "prefer", "require", "verify-ca", "verify-full"),
                    "Encryption of the connection; verify-full also checks who the server is."),
            Setting.optional(
                    "sslRootCert",
                    Type.PATH,
                    null,
                    "Certificate of the authority that verify-ca and verify-full trust."),
            Setting.optional(
                    "schema",
                    Type.TEXT,
                    null,
                    "Schema that all tables go into; without it the source's schemas are kept."),
            Setting.optional(
                    "connectTimeout", Type.DURATION, "10s", "How long to wait for the server to accept a connection."),
            Setting.optional("statementTimeout", Type.DURATION, "1h", "How long one statement of a load may take."),
            Setting.optional(
                    "lockTimeout", Type.DURATION, "60s", "How long a statement may wait for another session's lock."),
            Setting.optional(
                    "peerTimeout",
                    Type.DURATION,
                    "15s",
                    "How long the server may be silent before it is asked, over another connection, whether it is at work; without one answer"
                            + " after twice the time the connection is given up and made anew."),
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

    String host() {
        return values.text("host");
    }

    int port() {
        return values.integer("port");
    }

    String database() {
        return values.text("database");
    }

    String user() {
        return values.text("user");
    }

    Optional<Secret> password() {
        return values.secret("password");
    }

    String sslMode() {
        return values.text("sslMode");
    }

    /** Where the bookkeeping table stands, and tables whose source has no schema. */
    String defaultSchema() {
        return values.optionalText("schema").orElse("public");
    }

    Duration connectTimeout() {
        return values.duration("connectTimeout");
    }

    Duration statementTimeout() {
        return values.duration("statementTimeout");
    }

    Duration lockTimeout() {
        return values.duration("lockTimeout");
    }

    Duration peerTimeout() {
        return values.duration("peerTimeout");
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

    /** For messages: {@code user@host:port/database}. */
    String address() {
        return user() + "@" + host() + ":" + port() + "/" + database();
    }
}
