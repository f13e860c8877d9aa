package dev.millrace.ingest.postgres;

import dev.millrace.ingest.source.ChangeTrial;
import dev.millrace.ingest.source.Source;
import dev.millrace.storage.event.TableName;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/**
 * A scratch table with slots and publications named like it. A session of its own holds an advisory lock by the trial's name as long as the process lives, by which the left-overs of others
 * are told from what they still use.
 */
final class PostgresChangeTrial implements ChangeTrial {
    private static final Pattern OURS = Pattern.compile("(" + PREFIX + "[a-z0-9]+_[a-z0-9]+)(?:_.*)?");
    private static final String BARE = "_bare";
    private static final int LOOK_EVERY = 1_024;

    private final PostgresSettings settings;
    private final Connections connections;
    private final Source source;
    private final String name;
    private final TableName table;
    private int rows;
    private boolean made;
    private Connection holder;

    PostgresChangeTrial(String schema, PostgresSettings settings) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.source = new PostgresSource(settings);
        this.name = settings.slot();
        this.table = new TableName(schema.isEmpty() ? "public" : schema, name);
    }

    @Override
    public TableName table() {
        return table;
    }

    @Override
    public Source source() {
        return source;
    }

    @Override
    public void make(int count) {
        rows = count;
        doing("make scratch table " + table, () -> {
            hold();
            made = true;
            execute("CREATE TABLE " + Quoted.table(table)
                    + " (id bigint PRIMARY KEY, n bigint NOT NULL, note text, changed_at timestamptz)");
            execute("INSERT INTO " + Quoted.table(table)
                    + " SELECT i, 0, md5(i::text) || md5((-i)::text), now() FROM generate_series(1, " + count + ") i");
        });
    }

    @Override
    public void keepForBare() {
        doing("make a slot", () -> {
            hold();
            execute("SELECT pg_create_logical_replication_slot(" + Quoted.literal(name + BARE) + ", 'pgoutput')");
        });
    }

    @Override
    public void change(int transactions) {
        doing("change scratch table " + table, () -> {
            hold();
            execute("SET synchronous_commit = off");
            execute("DO $$ BEGIN FOR t IN 1.." + transactions + " LOOP UPDATE " + Quoted.table(table)
                    + " SET n = n + 1, changed_at = clock_timestamp() WHERE id IN (SELECT 1 + (t::bigint * 10 + i) * 7919 % "
                    + rows + " FROM generate_series(0, 9) i); COMMIT; END LOOP; END $$");
            execute("RESET synchronous_commit");
        });
    }

    @Override
    public void beat() {
        doing(
                "change scratch table " + table,
                () -> execute("UPDATE " + Quoted.table(table) + " SET n = n + 1 WHERE id = 1"));
    }

    @Override
    public long readBare(long changes, BooleanSupplier goOn) {
        long[] read = new long[1];
        doing("read a slot's changes", () -> {
            Connection walsender = connections.replicating();
            try {
                PGReplicationStream stream = walsender
                        .unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(name + BARE)
                        .withSlotOption("proto_version", "1")
                        .withSlotOption("publication_names", settings.publicationNames())
                        .withAutomaticFlush(false)
                        .start();
                boolean more = true;
                while (more && read[0] < changes) {
                    ByteBuffer message = stream.read();
                    byte kind = message.get(message.position());
                    boolean change = kind == 'I' || kind == 'U' || kind == 'D';
                    read[0] += change ? 1 : 0;
                    more = !change || read[0] % LOOK_EVERY != 0 || goOn.getAsBoolean();
                }
                stream.setFlushedLSN(stream.getLastReceiveLSN());
                stream.setAppliedLSN(stream.getLastReceiveLSN());
                stream.forceUpdateStatus();
            } finally {
                walsender.abort(Runnable::run); // a close would first read what is still on its way
            }
            Slot.whenFree(holder, name + BARE);
        });
        return read[0];
    }

    @Override
    public List<String> removeLeftOvers() {
        List<String> removed = new ArrayList<>();
        doing("look for what earlier trials have left", () -> {
            hold();
            Set<String> trials = new LinkedHashSet<>();
            for (String each : left()) {
                Matcher ours = OURS.matcher(each);
                if (ours.matches() && !ours.group(1).equals(name)) {
                    trials.add(ours.group(1));
                }
            }
            for (String trial : trials) {
                if (lock("pg_try_advisory_lock", trial)) {
                    remove(trial);
                    lock("pg_advisory_unlock", trial);
                    removed.add("slot, publications and table " + trial + " at the source");
                }
            }
        });
        return removed;
    }

    /** Names of slots, publications and tables that a trial may have made; walks small catalogues only. */
    private List<String> left() throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = holder.prepareStatement(
                "SELECT slot_name::text FROM pg_catalog.pg_replication_slots WHERE starts_with(slot_name::text, ?)"
                        + " AND database = current_database() AND NOT temporary"
                        + " UNION SELECT pubname::text FROM pg_catalog.pg_publication WHERE starts_with(pubname::text, ?)"
                        + " UNION SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        + " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'changed_at' AND NOT a.attisdropped"
                        + " WHERE n.nspname = ? AND starts_with(c.relname::text, ?) AND c.relkind = 'r' AND c.relname::text !~ '_bare$'")) {
            statement.setString(1, PREFIX);
            statement.setString(2, PREFIX);
            statement.setString(3, table.schema());
            statement.setString(4, PREFIX);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
        }
        return names;
    }

    private void remove(String trial) throws SQLException {
        for (String slot : List.of(trial, trial + BARE)) {
            if (Slot.whenFree(holder, slot).isPresent()) {
                Slot.drop(holder, slot);
            }
        }
        execute("DROP PUBLICATION IF EXISTS " + Quoted.identifier(trial) + ", " + Quoted.identifier(trial + "_ins"));
        execute("DROP TABLE IF EXISTS " + Quoted.table(new TableName(table.schema(), trial)));
    }

    @Override
    public void close() {
        source.close();
        if (holder == null) {
            return;
        }
        try {
            if (made) {
                doing("remove scratch table " + table, () -> {
                    hold();
                    remove(name);
                });
            }
        } finally {
            end(holder);
            holder = null;
        }
    }

    private static void end(Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw PostgresErrors.of("Cannot close a connection", e);
            }
        }
    }

    private void hold() throws SQLException {
        if (holder == null || !holder.isValid(5)) {
            holder = connections.administering();
            lock("pg_try_advisory_lock", name);
        }
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

    private void execute(String sql) throws SQLException {
        try (Statement statement = holder.createStatement()) {
            statement.execute(sql);
        }
    }

    private interface Action {
        void run() throws SQLException;
    }

    private void doing(String what, Action action) {
        try {
            action.run();
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot " + what + " at " + settings.address(), e);
        }
    }
}
