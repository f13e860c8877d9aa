package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.ingest.source.ChangeTrial;
import dev.millrace.ingest.source.ObjectWatch;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Looks for tables that patterns choose, over a connection of its own that is kept between looks. As long as the names of all tables are
 * those of the look before, that is all a look asks for, in one row. A benchmark's tables never join. Reads the catalogue only, and so waits for
 * nobody's lock.
 */
final class NewTables implements ObjectWatch {
    private static final String AMONG =
            " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'"
                    + " AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";
    private static final String NAMES = "SELECT n.nspname, c.relname" + AMONG;
    private static final String SUM =
            "SELECT pg_catalog.count(*) || ' ' || coalesce(pg_catalog.sum(pg_catalog.hashtextextended("
                    + "pg_catalog.concat(n.nspname, '.', c.relname), 0)), 0)" + AMONG;

    private final PostgresSettings settings;
    private final ObjectPatterns patterns;
    private final SourceCheck check;
    private final CatalogueLink link;
    private String sum = "";
    private Set<TableName> allKnown = Set.of();

    NewTables(Connections connections, ObjectPatterns patterns) {
        this.settings = connections.settings();
        this.patterns = patterns;
        this.check = new SourceCheck(connections);
        this.link = new CatalogueLink(connections);
    }

    @Override
    public Duration every() {
        return settings.discoverEvery();
    }

    @Override
    public List<Arrival> arrivals(Set<TableName> known) {
        return link.ask("Cannot look for new tables", connection -> look(connection, known));
    }

    @Override
    public List<Arrival> misfits(List<SourceObject> objects) {
        return link.ask("Cannot judge new tables", connection -> {
            Map<TableName, SourceObject> asked =
                    objects.stream().collect(Collectors.toMap(SourceObject::table, Function.identity()));
            List<CatalogueTable> tables = new Catalogue(connection)
                    .tables().stream()
                            .filter(table -> asked.containsKey(table.name()))
                            .toList();
            List<Arrival> misfits = new ArrayList<>();
            if (!tables.isEmpty() && !check.failures(connection, tables).isEmpty()) {
                for (CatalogueTable table : tables) {
                    List<Finding> failures = check.failures(connection, List.of(table));
                    if (!failures.isEmpty()) {
                        misfits.add(new Arrival(asked.get(table.name()), failures));
                    }
                }
            }
            return misfits;
        });
    }

    @Override
    public void close() {
        link.close();
    }

    private List<Arrival> look(Connection connection, Set<TableName> known) throws SQLException {
        String now = sum(connection);
        if (now.equals(sum) && known.equals(allKnown)) {
            return List.of();
        }
        List<TableName> fresh = names(connection, known);
        if (fresh.isEmpty()) {
            sum = now;
            allKnown = Set.copyOf(known);
            return List.of();
        }
        List<Arrival> arrivals = new ArrayList<>();
        Catalogue catalogue = new Catalogue(connection);
        for (TableName name : fresh) {
            Optional<CatalogueTable> table = catalogue.table(name); // none: without columns yet, or gone again
            if (table.isPresent()) {
                arrivals.add(new Arrival(table.get().object(), check.failures(connection, List.of(table.get()))));
            }
        }
        return withoutBusy(connection, arrivals);
    }

    private static List<Arrival> withoutBusy(Connection connection, List<Arrival> arrivals) throws SQLException {
        List<TableName> fit = arrivals.stream()
                .filter(arrival -> arrival.failed().isEmpty())
                .map(arrival -> arrival.object().table())
                .toList();
        Map<TableName, Finding> busy = OlderWriters.busy(connection, fit);
        return arrivals.stream()
                .map(arrival -> Optional.ofNullable(busy.get(arrival.object().table()))
                        .map(finding -> new Arrival(arrival.object(), List.of(finding)))
                        .orElse(arrival))
                .toList();
    }

    private static String sum(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SUM)) {
            row.next();
            return row.getString(1);
        }
    }

    private List<TableName> names(Connection connection, Set<TableName> known) throws SQLException {
        Set<TableName> others = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(NAMES)) {
            while (row.next()) {
                others.add(new TableName(row.getString(1), row.getString(2)));
            }
        }
        others.removeAll(known);
        others.removeIf(name -> name.schema().startsWith(ChangeTrial.PREFIX));
        return patterns.matching(others).stream().limit(MOST).toList();
    }
}
