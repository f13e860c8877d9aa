package dev.millrace.consume.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.peer.ServerProbe;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Probes a destination from the name of its host to the right to write, each probe a finding; what follows a failure is skipped. */
final class PostgresCheck {
    private static final List<String> PROBES = List.of(
            "resolve", "connect", "TLS", "log in", "version", "writable", "temporary tables", "schema", "position");
    private static final int OLDEST_TESTED = 130_000;
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(20);

    private final Connections connections;
    private final PostgresSettings settings;
    private final List<Finding> findings = new ArrayList<>();

    PostgresCheck(Connections connections) {
        this.connections = connections;
        this.settings = connections.settings();
    }

    List<Finding> run() {
        if (passes(ServerProbe.resolve(settings)) && passes(ServerProbe.connect(settings))) {
            session();
        }
        String failed = findings.get(findings.size() - 1).probe();
        PROBES.subList(findings.size(), PROBES.size())
                .forEach(probe -> findings.add(Finding.skipped(probe, "'" + failed + "' failed")));
        return List.copyOf(findings);
    }

    private boolean passes(Finding finding) {
        findings.add(finding);
        return finding.status() != Finding.Status.FAILED;
    }

    private void session() {
        try (Connection connection = connections.connect(READ_TIMEOUT)) {
            tls(connection);
            findings.add(Finding.ok("log in", "as " + settings.user() + " to database " + settings.database()));
            version(connection);
            if (writable(connection)) {
                temporary(connection);
                schema(connection);
                position(connection);
            }
        } catch (SQLException e) {
            failed(e);
        }
    }

    private void failed(SQLException failure) {
        String probe = PROBES.get(findings.size());
        MillraceException told = PostgresErrors.of(probe, failure);
        // 08004 is the driver's word for a server that refuses TLS
        boolean refusedTls = PostgresErrors.state(failure).equals("08004")
                && !settings.sslMode().equals("disable");
        if (probe.equals("TLS") && !told.code().equals("TLS_FAILED") && !refusedTls) {
            findings.add(Finding.skipped("TLS", "the session was refused before or after it"));
            probe = "log in";
        }
        String remedy = refusedTls ? "Turn TLS on at the server (ssl = on), or set sslMode to prefer." : told.remedy();
        findings.add(Finding.failed(probe, refusedTls ? "TLS_FAILED" : told.code(), told.why(), remedy));
    }

    private void tls(Connection connection) throws SQLException {
        String protocol = text(
                connection, "SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl");
        if (protocol != null) {
            findings.add(Finding.ok("TLS", protocol));
        } else if (settings.sslMode().equals("disable")) {
            findings.add(Finding.ok("TLS", "not used, as set"));
        } else {
            findings.add(Finding.warning(
                    "TLS",
                    "TLS_OFF",
                    "the server offers no TLS; data travel in clear",
                    "Turn TLS on at the server (ssl = on), then set sslMode to require or verify-full."));
        }
    }

    private void version(Connection connection) throws SQLException {
        String version = text(connection, "SHOW server_version");
        int number = Integer.parseInt(text(connection, "SHOW server_version_num"));
        findings.add(
                number >= OLDEST_TESTED
                        ? Finding.ok("version", "PostgreSQL " + version)
                        : Finding.warning(
                                "version",
                                "VERSION_UNTESTED",
                                "PostgreSQL " + version + " is older than what is tested",
                                "Upgrade to 13 or later."));
    }

    private boolean writable(Connection connection) throws SQLException {
        if (text(connection, "SELECT 1 WHERE pg_is_in_recovery()") != null) {
            findings.add(Finding.failed(
                    "writable", "DESTINATION_READ_ONLY", "the server is a standby", "Connect to the primary."));
            return false;
        }
        if ("on".equals(text(connection, "SHOW default_transaction_read_only"))) {
            findings.add(Finding.failed(
                    "writable",
                    "DESTINATION_READ_ONLY",
                    "default_transaction_read_only is on",
                    "ALTER ROLE " + user() + " SET default_transaction_read_only = off;"));
            return false;
        }
        findings.add(Finding.ok("writable", "the server takes writes"));
        return true;
    }

    private void temporary(Connection connection) throws SQLException {
        if (text(connection, "SELECT 1 WHERE has_database_privilege(current_database(), 'TEMPORARY')") != null) {
            findings.add(Finding.ok("temporary tables", "may be made"));
        } else {
            findings.add(Finding.failed(
                    "temporary tables",
                    "PRIVILEGE_MISSING",
                    "user " + settings.user() + " may not make temporary tables",
                    "GRANT TEMPORARY ON DATABASE " + Quoted.identifier(settings.database()) + " TO " + user() + ";"));
        }
    }

    private void schema(Connection connection) throws SQLException {
        String schema = settings.defaultSchema();
        String quoted = Quoted.identifier(schema);
        boolean mayMakeSchemas =
                text(connection, "SELECT 1 WHERE has_database_privilege(current_database(), 'CREATE')") != null;
        String grant = "GRANT CREATE ON DATABASE " + Quoted.identifier(settings.database()) + " TO " + user() + ";";
        if (!exists(connection, schema)) {
            findings.add(
                    mayMakeSchemas
                            ? Finding.ok("schema", schema + " will be made")
                            : Finding.failed(
                                    "schema",
                                    "PRIVILEGE_MISSING",
                                    "there is no schema " + schema + " and user " + settings.user()
                                            + " may not make it",
                                    "CREATE SCHEMA " + quoted + " AUTHORIZATION " + user() + ";"));
        } else if (!mayUse(connection, schema)) {
            findings.add(Finding.failed(
                    "schema",
                    "PRIVILEGE_MISSING",
                    "user " + settings.user() + " may not make tables in schema " + schema,
                    "GRANT USAGE, CREATE ON SCHEMA " + quoted + " TO " + user() + ";"));
        } else if (!mayMakeSchemas && settings.values().optionalText("schema").isEmpty()) {
            findings.add(Finding.warning(
                    "schema",
                    "PRIVILEGE_MISSING",
                    "user " + settings.user() + " may not make schemas; only objects whose"
                            + " schema is there already can be loaded",
                    grant));
        } else {
            findings.add(Finding.ok("schema", "tables may be made in " + schema));
        }
    }

    /** The bookkeeping table may be another user's. */
    private void position(Connection connection) throws SQLException {
        TargetName table = new TargetName(settings.defaultSchema(), Positions.TABLE);
        if (!Catalogue.hasTable(connection, table)) {
            findings.add(Finding.ok("position", "table " + table + " will be made"));
        } else if (text(
                        connection,
                        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?"
                                + " AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')",
                        table.schema(),
                        table.name())
                == null) {
            findings.add(Finding.failed(
                    "position",
                    "PRIVILEGE_MISSING",
                    "user " + settings.user() + " may not write table " + table,
                    "GRANT SELECT, INSERT, UPDATE ON " + Quoted.table(table) + " TO " + user() + ";"));
        } else {
            findings.add(Finding.ok("position", "table " + table + " is there"));
        }
    }

    private String user() {
        return Quoted.identifier(settings.user());
    }

    private static boolean exists(Connection connection, String schema) throws SQLException {
        return text(connection, "SELECT 1 FROM pg_namespace WHERE nspname = ?", schema) != null;
    }

    private static boolean mayUse(Connection connection, String schema) throws SQLException {
        String sql = "SELECT 1 WHERE has_schema_privilege(?, 'USAGE') AND has_schema_privilege(?, 'CREATE')";
        return text(connection, sql, schema, schema) != null;
    }

    /** The first column of the first row, or null without a row. */
    private static String text(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }
}
