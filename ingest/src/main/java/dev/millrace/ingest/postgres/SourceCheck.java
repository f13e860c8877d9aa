package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.peer.ServerProbe;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at a source before it is used: every probe a finding, every failure with the statement that repairs it. Changes nothing at the
 * server. Used once, by one thread.
 */
final class SourceCheck {
    private static final int OLDEST_VERSION = 130_000;
    private static final List<String> AFTER_CONNECT = List.of("TLS", "log in", "version", "tables", "privileges");
    private static final List<String> LOGICAL =
            List.of("replication", "wal_level", "free slots", "free senders", "publication");

    private final Connections connections;
    private final PostgresSettings settings;
    private final List<Finding> findings = new ArrayList<>();

    SourceCheck(Connections connections) {
        this.connections = connections;
        this.settings = connections.settings();
    }

    List<Finding> run(List<String> objects) {
        if (!passes(ServerProbe.resolve(settings))) {
            skip("the host has no address", List.of("connect"));
            skip("the host has no address", AFTER_CONNECT);
            skipLogical("the host has no address");
        } else if (!passes(ServerProbe.connect(settings))) {
            skip("the server can't be reached", AFTER_CONNECT);
            skipLogical("the server can't be reached");
        } else {
            logIn(objects);
        }
        return List.copyOf(findings);
    }

    /** What keeps tables from being streamed, as {@link #run} would find it; empty when nothing does. */
    List<Finding> failures(Connection connection, List<CatalogueTable> tables) throws SQLException {
        return Stream.of(privileges(connection, tables), publication(connection, tables))
                .filter(finding -> finding.status() == Finding.Status.FAILED)
                .toList();
    }

    private boolean passes(Finding finding) {
        findings.add(finding);
        return finding.status() != Finding.Status.FAILED;
    }

    private void logIn(List<String> objects) {
        try (Connection connection = connections.reading()) {
            tls(connection);
            findings.add(Finding.ok("log in", "as " + settings.user() + " to database " + settings.database()));
            probe("version", () -> version(connection));
            List<CatalogueTable> chosen = new ArrayList<>();
            probe("tables", () -> tables(connection, objects, chosen));
            probe("privileges", () -> privileges(connection, chosen));
            if (settings.logical()) {
                probe("replication", () -> replication(connection));
                probe("wal_level", () -> walLevel(connection));
                probe("free slots", () -> freeSlots(connection));
                probe("free senders", () -> freeSenders(connection));
                probe("publication", () -> publication(connection, chosen));
            }
        } catch (MillraceException e) {
            boolean tls = e.code().equals("TLS_FAILED");
            if (!tls) {
                findings.add(Finding.skipped("TLS", "no session to ask"));
            }
            findings.add(Finding.failed(tls ? "TLS" : "log in", e.code(), e.why(), e.remedy()));
            skip(
                    "not logged in",
                    tls
                            ? AFTER_CONNECT.subList(1, AFTER_CONNECT.size())
                            : AFTER_CONNECT.subList(2, AFTER_CONNECT.size()));
            skipLogical("not logged in");
        } catch (SQLException e) {
            MillraceException failure = PostgresErrors.of("Cannot check", e);
            findings.add(Finding.failed("log in", failure.code(), failure.why(), failure.remedy()));
        }
    }

    /** One probe; its failure is a finding like any other. */
    private void probe(String name, Probe probe) {
        try {
            findings.add(probe.run());
        } catch (MillraceException e) {
            findings.add(
                    Finding.failed(name, e.code(), e.what() + (e.why().isEmpty() ? "" : ": " + e.why()), e.remedy()));
        } catch (SQLException e) {
            MillraceException failure = PostgresErrors.of("Cannot ask", e);
            findings.add(Finding.failed(name, failure.code(), failure.why(), failure.remedy()));
        }
    }

    @FunctionalInterface
    private interface Probe {
        Finding run() throws SQLException;
    }

    private void tls(Connection connection) throws SQLException {
        String used = text(
                connection,
                "SELECT CASE WHEN ssl THEN version || ', ' || cipher ELSE '' END FROM pg_catalog.pg_stat_ssl"
                        + " WHERE pid = pg_catalog.pg_backend_pid()");
        if (used != null && !used.isEmpty()) {
            findings.add(Finding.ok("TLS", used));
        } else if (settings.sslMode().equals("disable")) {
            findings.add(Finding.ok("TLS", "not used (sslMode disable)"));
        } else {
            findings.add(Finding.warning(
                    "TLS",
                    "TLS_NOT_USED",
                    "the server offers none; the connection is not encrypted",
                    "Set ssl = on at the server and sslMode to verify-full."));
        }
    }

    private static Finding version(Connection connection) throws SQLException {
        String version = text(connection, "SELECT pg_catalog.current_setting('server_version')");
        int number = Integer.parseInt(text(connection, "SELECT pg_catalog.current_setting('server_version_num')"));
        return number >= OLDEST_VERSION
                ? Finding.ok("version", "PostgreSQL " + version)
                : Finding.failed(
                        "version",
                        "VERSION_TOO_OLD",
                        "PostgreSQL " + version,
                        "Version 13 is the oldest that can be read.");
    }

    private Finding tables(Connection connection, List<String> objects, List<CatalogueTable> chosen)
            throws SQLException {
        List<CatalogueTable> tables = new Catalogue(connection).tables();
        chosen.addAll(PostgresSource.choose(tables, objects));
        String detail = chosen.size() + " of " + tables.size() + " tables are chosen";
        List<String> noted = chosen.stream()
                .filter(table -> settings.logical() && (table.unlogged() || !Publications.followed(table)))
                .map(table -> table.name().toString())
                .toList();
        if (noted.isEmpty()) {
            return Finding.ok("tables", detail);
        }
        return Finding.warning(
                "tables",
                "TABLE_WITHOUT_KEY",
                detail + "; of these only inserts can be followed, for want of a key: " + String.join(", ", noted),
                "Give them a primary key, or run: "
                        + noted.stream()
                                .map(name -> "ALTER TABLE " + name + " REPLICA IDENTITY FULL;")
                                .collect(Collectors.joining(" ")));
    }

    private Finding privileges(Connection connection, List<CatalogueTable> chosen) throws SQLException {
        List<String> missing = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_catalog.has_schema_privilege(?, 'USAGE'), pg_catalog.has_table_privilege(?::bigint::oid, 'SELECT')")) {
            for (CatalogueTable table : chosen) {
                statement.setString(1, table.name().schema());
                statement.setLong(2, table.oid());
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (!row.getBoolean(1)) {
                        missing.add("GRANT USAGE ON SCHEMA "
                                + Quoted.identifier(table.name().schema()) + " TO " + user() + ";");
                    }
                    if (!row.getBoolean(2)) {
                        missing.add("GRANT SELECT ON " + Quoted.table(table.name()) + " TO " + user() + ";");
                    }
                }
            }
        }
        return missing.isEmpty()
                ? Finding.ok("privileges", "SELECT on " + chosen.size() + " tables")
                : Finding.failed(
                        "privileges",
                        "PRIVILEGE_MISSING",
                        settings.user() + " may not read all chosen tables",
                        missing.stream().distinct().collect(Collectors.joining(" ")));
    }

    private Finding replication(Connection connection) throws SQLException {
        boolean may = flag(
                connection,
                "SELECT rolreplication OR rolsuper OR coalesce((SELECT pg_catalog.pg_has_role(r.oid, 'USAGE')"
                        + " FROM pg_catalog.pg_roles r WHERE r.rolname IN ('rds_replication', 'cloudsqlsuperuser') LIMIT 1), false)"
                        + " FROM pg_catalog.pg_roles WHERE rolname = current_user");
        if (!may) {
            return Finding.failed(
                    "replication",
                    "REPLICATION_MISSING",
                    settings.user() + " may not replicate",
                    "ALTER ROLE " + user() + " REPLICATION;");
        }
        try (Connection walsender = connections.replicating()) {
            Server server = Server.identify(walsender);
            return Finding.ok(
                    "replication",
                    "system " + Long.toUnsignedString(server.systemId()) + ", timeline " + server.timeline());
        }
    }

    private static Finding walLevel(Connection connection) throws SQLException {
        Server.requireLogicalWal(connection);
        return Finding.ok("wal_level", "logical");
    }

    private Finding freeSlots(Connection connection) throws SQLException {
        var slot = Slot.find(connection, settings.slot());
        if (slot.isPresent()) {
            slot.get().requireUsable(settings);
            return Finding.ok("free slots", "slot " + slot.get().name() + " is there");
        }
        return counted(
                connection,
                "free slots",
                "max_replication_slots",
                "SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots",
                "OUT_OF_SLOTS",
                "Drop unused slots (SELECT slot_name, active FROM pg_replication_slots;) or run: ALTER SYSTEM SET max_replication_slots = ");
    }

    private static Finding freeSenders(Connection connection) throws SQLException {
        return counted(
                connection,
                "free senders",
                "max_wal_senders",
                "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'walsender'",
                "OUT_OF_SENDERS",
                "Stop unused replicas, or run: ALTER SYSTEM SET max_wal_senders = ");
    }

    private static Finding counted(
            Connection connection, String probe, String limitName, String usedQuery, String code, String remedy)
            throws SQLException {
        int limit = Integer.parseInt(
                text(connection, "SELECT pg_catalog.current_setting(" + Quoted.literal(limitName) + ")"));
        int used = Integer.parseInt(text(connection, usedQuery));
        String detail = used + " of " + limitName + " = " + limit + " are used";
        return used < limit
                ? Finding.ok(probe, detail)
                : Finding.failed(probe, code, detail, remedy + (limit + 10) + "; and restart the server.");
    }

    /** Whether the publications hold the tables, or this user may make them do so. */
    private Finding publication(Connection connection, List<CatalogueTable> chosen) throws SQLException {
        Publications publications = new Publications(connection, settings);
        boolean present = publications.members(settings.publication()) != null
                && publications.members(settings.insertPublication()) != null;
        List<String> grants = new ArrayList<>();
        if (!present
                && !flag(
                        connection,
                        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')")) {
            grants.add("GRANT CREATE ON DATABASE " + Quoted.identifier(settings.database()) + " TO " + user() + ";");
        }
        List<CatalogueTable> foreign = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_catalog.pg_has_role(relowner, 'USAGE') OR EXISTS (SELECT 1 FROM pg_catalog.pg_publication p"
                        + " JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid WHERE r.prrelid = c.oid AND p.pubname IN (?, ?))"
                        + " FROM pg_catalog.pg_class c WHERE oid = ?::bigint::oid")) {
            statement.setString(1, settings.publication());
            statement.setString(2, settings.insertPublication());
            for (CatalogueTable table : chosen) {
                statement.setLong(3, table.oid());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next() && !row.getBoolean(1)) {
                        foreign.add(table);
                    }
                }
            }
        }
        if (grants.isEmpty() && foreign.isEmpty()) {
            return Finding.ok(
                    "publication",
                    present ? settings.publication() + " is there" : settings.publication() + " can be made");
        }
        String detail = foreign.isEmpty()
                ? settings.user() + " may not create publications"
                : settings.user() + " does not own "
                        + foreign.stream().map(table -> table.name().toString()).collect(Collectors.joining(", "))
                        + " and can't publish them";
        String remedy = foreign.isEmpty()
                ? String.join(" ", grants)
                : "As a superuser: "
                        + (present
                                        ? Publications.additions(settings, foreign)
                                        : Publications.statements(settings, chosen))
                                .stream().map(sql -> sql + ";").collect(Collectors.joining(" "));
        return Finding.failed("publication", "PUBLICATION_PRIVILEGE_MISSING", detail, remedy);
    }

    private String user() {
        return Quoted.identifier(settings.user());
    }

    private void skip(String because, List<String> probes) {
        probes.forEach(name -> findings.add(Finding.skipped(name, because)));
    }

    private void skipLogical(String because) {
        if (settings.logical()) {
            skip(because, LOGICAL);
        }
    }

    private static boolean flag(Connection connection, String query) throws SQLException {
        return "t".equals(text(connection, query));
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
