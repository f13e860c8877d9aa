package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.RenamedTables;
import dev.millrace.consume.destination.Scratch;
import dev.millrace.consume.destination.TargetName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Scratch tables in the schema that the object's table would go to. A session of its own holds an advisory lock by the trial's name as long
 * as the process lives, by which the left-overs of others are told from what they still use.
 */
final class PostgresScratch implements Scratch {
    private static final Pattern OURS = Pattern.compile("(" + PREFIX + "[a-z0-9]+_[a-z0-9]+)(?:_.*)?");
    private static final String SCHEMA_NOTE = "made for a trial by millrace bench";
    private static final int BUFFER_BYTES = 1 << 18;

    private final PostgresSettings settings;
    private final Connections connections;
    private final String name;
    private final TargetName table;
    private final TargetName bare;
    private Connection holder;
    private Destination destination;

    PostgresScratch(String name, String schema, PostgresSettings settings) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.name = name;
        String target = settings.values().optionalText("schema").orElse(schema.isEmpty() ? "public" : schema);
        this.table = new TargetName(target, name);
        this.bare = new TargetName(target, name + "_bare");
    }

    @Override
    public Destination fresh() {
        closeDestination();
        doing("make a scratch table in schema '" + table.schema() + "'", () -> {
            hold();
            makeSchema();
            drop(List.of(table.name(), Quoted.shadow(table).name(), positions().name()));
        });
        destination = new RenamedTables(new PostgresDestination(settings, positions()), table);
        return destination;
    }

    private TargetName positions() {
        return new TargetName(table.schema(), name + "_position");
    }

    @Override
    public void spool(Path file) {
        doing("read the scratch table", () -> {
            try (Connection connection = connections.loading();
                    Statement statement = connection.createStatement();
                    OutputStream out = Files.newOutputStream(file)) {
                statement.execute("DROP TABLE IF EXISTS " + Quoted.table(bare));
                statement.execute(
                        "CREATE TABLE " + Quoted.table(bare) + " (LIKE " + Quoted.table(table) + " INCLUDING ALL)");
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("COPY " + Quoted.table(table) + " TO STDOUT (FORMAT binary)", out);
            }
        });
    }

    @Override
    public void prepareBare() {
        doing("empty the scratch table", () -> execute("TRUNCATE " + Quoted.table(bare)));
    }

    @Override
    public long loadBare(Path file) {
        long[] rows = new long[1];
        doing("load by COPY into the scratch table", () -> {
            try (Connection connection = connections.loading();
                    InputStream in = Files.newInputStream(file)) {
                CopyIn copy = connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY " + Quoted.table(bare) + " FROM STDIN (FORMAT binary)");
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    copy.writeToCopy(buffer, 0, read);
                }
                rows[0] = copy.endCopy();
            }
        });
        return rows[0];
    }

    @Override
    public List<String> removeLeftOvers() {
        List<String> removed = new ArrayList<>();
        doing("look for scratch tables in schema '" + table.schema() + "'", () -> {
            hold();
            Map<String, List<String>> found = new LinkedHashMap<>();
            for (String each : tables(PREFIX)) {
                Matcher ours = OURS.matcher(each);
                if (ours.matches() && !ours.group(1).equals(name)) {
                    found.computeIfAbsent(ours.group(1), key -> new ArrayList<>())
                            .add(each);
                }
            }
            for (Map.Entry<String, List<String>> trial : found.entrySet()) {
                if (lock("pg_try_advisory_lock", trial.getKey())) {
                    drop(trial.getValue());
                    lock("pg_advisory_unlock", trial.getKey());
                    removed.addAll(trial.getValue());
                }
            }
        });
        return removed.stream()
                .map(each -> new TargetName(table.schema(), each).toString())
                .toList();
    }

    @Override
    public void close() {
        closeDestination();
        if (holder == null) {
            return;
        }
        try {
            doing("remove the scratch tables", () -> {
                hold();
                drop(tables(name));
                dropSchema();
            });
        } finally {
            Connection ended = holder;
            holder = null;
            SQLException failure = new SQLException("closing");
            Connections.closeAfter(ended, failure);
        }
    }

    private void closeDestination() {
        if (destination != null) {
            destination.close();
            destination = null;
        }
    }

    /** The session that holds the name, a new one where the old has ended. */
    private void hold() throws SQLException {
        if (holder != null && holder.isValid(5)) {
            return;
        }
        Connections.closeAfter(holder, new SQLException("ended"));
        holder = connections.asking();
        lock("pg_try_advisory_lock", name);
    }

    private boolean lock(String function, String key) throws SQLException {
        try (PreparedStatement statement = holder.prepareStatement("SELECT " + function + "(hashtextextended(?, 0))")) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private void makeSchema() throws SQLException {
        if (schemaNote() != null) {
            return;
        }
        Catalogue.makeSchema(holder, table.schema());
        execute("COMMENT ON SCHEMA " + Quoted.identifier(table.schema()) + " IS '" + SCHEMA_NOTE + "'");
    }

    /** The schema's comment, empty without one; null where there is no such schema. */
    private String schemaNote() throws SQLException {
        try (PreparedStatement statement = holder.prepareStatement(
                "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, table.schema());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    /** A schema that was made for a trial goes with the last one, unless something else lives there by now. */
    private void dropSchema() throws SQLException {
        if (SCHEMA_NOTE.equals(schemaNote()) && tables("").isEmpty()) {
            execute("DROP SCHEMA IF EXISTS " + Quoted.identifier(table.schema()) + " RESTRICT");
        }
    }

    private List<String> tables(String prefix) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = holder.prepareStatement(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND starts_with(c.relname, ?) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1")) {
            statement.setString(1, table.schema());
            statement.setString(2, prefix);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    private void drop(List<String> names) throws SQLException {
        for (String each : names) {
            execute("DROP TABLE IF EXISTS " + Quoted.table(new TargetName(table.schema(), each)));
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = holder.createStatement()) {
            statement.execute(sql);
        }
    }

    private interface Action {
        void run() throws SQLException, IOException;
    }

    private void doing(String what, Action action) {
        try {
            action.run();
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot " + what + " at " + settings.address(), e);
        } catch (IOException e) {
            throw MillraceException.resource(
                    "BENCH_FILE_FAILED", "Cannot " + what, e.toString(), "Look after the data folder's disk.", e);
        }
    }
}
