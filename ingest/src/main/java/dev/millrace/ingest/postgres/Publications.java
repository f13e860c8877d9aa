package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.postgres.CatalogueTable.ReplicaIdentity;
import dev.millrace.storage.event.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The two publications of one pipeline, holding exactly its tables: one for the tables whose rows can be told apart (a key, or REPLICA
 * IDENTITY FULL), with all operations, and one with inserts and truncates for the others, because publishing updates of a table without
 * identity makes the server refuse its owner's UPDATE. Never FOR ALL TABLES. A table is touched only when it is to come or go.
 *
 * <p>Confined to the connection's thread.
 */
final class Publications {
    private static final String ALL = "insert, update, delete, truncate";
    private static final String INSERTS = "insert, truncate";

    private final Connection connection;
    private final PostgresSettings settings;

    /** @param connection one that may write */
    Publications(Connection connection, PostgresSettings settings) {
        this.connection = connection;
        this.settings = settings;
    }

    /** Whether all changes of the table can be followed, or inserts only. */
    static boolean followed(CatalogueTable table) {
        return table.keyed() || table.identity() == ReplicaIdentity.FULL;
    }

    /**
     * Makes and changes the publications so that they hold {@code tables}; unlogged ones can't be in any. A table whose changes were not all
     * published until now has another {@link Published membership} afterwards.
     *
     * @return the publications that were not there
     */
    List<String> fit(Collection<CatalogueTable> tables) {
        Set<TableName> all = new TreeSet<>();
        Set<TableName> inserts = new TreeSet<>();
        for (CatalogueTable table : tables) {
            if (!table.unlogged()) {
                (followed(table) ? all : inserts).add(table.name());
            }
        }
        List<String> created = new ArrayList<>();
        try {
            fitOne(settings.publication(), ALL, all, created);
            fitOne(settings.insertPublication(), INSERTS, inserts, created);
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot read publications of " + settings.address(), e);
        }
        return created;
    }

    /**
     * Has the server look up again what is published. Servers before 13.21, 14.18, 15.13, 16.9 and 17.5 go on with what a transaction has
     * found that began before a table came in, and publish nothing of it from then on.
     */
    void refresh() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT p.pubname FROM pg_catalog.pg_publication p WHERE p.pubname IN (?, ?) AND pg_catalog.pg_has_role(p.pubowner, 'USAGE')")) {
            statement.setString(1, settings.publication());
            statement.setString(2, settings.insertPublication());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(1);
                    change(name, options(name, name.equals(settings.publication()) ? ALL : INSERTS));
                }
            }
        }
    }

    /** The statements that make what {@link #fit} would, for a user who lacks the right to. */
    static List<String> statements(PostgresSettings settings, Collection<CatalogueTable> tables) {
        Set<TableName> all = new TreeSet<>();
        Set<TableName> inserts = new TreeSet<>();
        tables.stream().filter(table -> !table.unlogged()).forEach(table -> (followed(table) ? all : inserts)
                .add(table.name()));
        return List.of(
                create(settings.publication(), ALL, all), create(settings.insertPublication(), INSERTS, inserts));
    }

    /** The statements that add tables to publications that are there. */
    static List<String> additions(PostgresSettings settings, Collection<CatalogueTable> tables) {
        List<String> additions = new ArrayList<>();
        for (boolean all : new boolean[] {true, false}) {
            Set<TableName> some = new TreeSet<>();
            tables.stream()
                    .filter(table -> !table.unlogged() && followed(table) == all)
                    .forEach(table -> some.add(table.name()));
            if (!some.isEmpty()) {
                String name = all ? settings.publication() : settings.insertPublication();
                additions.add(alter(name) + "ADD TABLE " + list(some));
            }
        }
        return additions;
    }

    /** Drops both; what is not there is no error. */
    void drop() {
        for (String name : List.of(settings.publication(), settings.insertPublication())) {
            change(name, "DROP PUBLICATION IF EXISTS " + Quoted.identifier(name));
        }
    }

    /** The tables of one publication; null when it is not there. */
    Set<TableName> members(String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT p.puballtables, n.nspname, c.relname FROM pg_catalog.pg_publication p"
                        + " LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid"
                        + " LEFT JOIN pg_catalog.pg_class c ON c.oid = r.prrelid"
                        + " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = ?")) {
            statement.setString(1, name);
            Set<TableName> members = null;
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    members = members == null ? new TreeSet<>() : members;
                    if (row.getBoolean(1)) {
                        throw unsuitable(name, "it is FOR ALL TABLES");
                    }
                    if (row.getString(3) != null) {
                        members.add(new TableName(row.getString(2), row.getString(3)));
                    }
                }
            }
            return members;
        }
    }

    private void fitOne(String name, String operations, Set<TableName> wanted, List<String> created)
            throws SQLException {
        Set<TableName> members = members(name);
        if (members == null) {
            change(name, create(name, operations, wanted));
            created.add(name);
            return;
        }
        Set<TableName> missing = new TreeSet<>(wanted);
        Set<TableName> surplus = new TreeSet<>(members);
        String options = "";
        if (hasOptions(name, operations)) {
            missing.removeAll(members);
            surplus.removeAll(wanted);
        } else {
            options = options(name, operations) + ";"; // not everything was published of any member: all come in anew
        }
        String drop = surplus.isEmpty() ? "" : alter(name) + "DROP TABLE " + list(surplus) + ";";
        String add = missing.isEmpty() ? "" : alter(name) + "ADD TABLE " + list(missing) + ";";
        String statements = drop + options + add; // sent together, they are one transaction
        if (!statements.isEmpty()) {
            change(name, statements.substring(0, statements.length() - 1));
        }
    }

    private boolean hasOptions(String name, String operations) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pubinsert AND pubtruncate, pubupdate, pubdelete, pubviaroot FROM pg_catalog.pg_publication WHERE pubname = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                boolean all = operations.equals(ALL);
                return row.next()
                        && row.getBoolean(1)
                        && row.getBoolean(2) == all
                        && row.getBoolean(3) == all
                        && row.getBoolean(4);
            }
        }
    }

    private static String alter(String name) {
        return "ALTER PUBLICATION " + Quoted.identifier(name) + " ";
    }

    private static String options(String name, String operations) {
        return alter(name) + "SET (publish = '" + operations + "', publish_via_partition_root = true)";
    }

    private static String create(String name, String operations, Set<TableName> tables) {
        return "CREATE PUBLICATION "
                + Quoted.identifier(name)
                + (tables.isEmpty() ? "" : " FOR TABLE " + list(tables))
                + " WITH (publish = '"
                + operations
                + "', publish_via_partition_root = true)";
    }

    private static String list(Set<TableName> tables) {
        return tables.stream().map(Quoted::table).collect(Collectors.joining(", "));
    }

    private void change(String name, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            if (PostgresErrors.state(e).equals("42501")) {
                throw MillraceException.user(
                        "PUBLICATION_PRIVILEGE_MISSING",
                        "Cannot fit publication '" + name + "' to the chosen tables",
                        e.getMessage(),
                        "Have its owner, or an owner of the tables with CREATE on the database, run: " + sql + ";");
            }
            throw PostgresErrors.of("Cannot fit publication '" + name + "' to the chosen tables (" + sql + ")", e);
        }
    }

    private static MillraceException unsuitable(String name, String why) {
        return MillraceException.user(
                "PUBLICATION_UNSUITABLE",
                "Cannot use publication '" + name + "'",
                why + ", but this one has to hold the pipeline's tables only",
                "Name another one in the setting 'publication', or drop it: DROP PUBLICATION " + Quoted.identifier(name)
                        + ";");
    }
}
