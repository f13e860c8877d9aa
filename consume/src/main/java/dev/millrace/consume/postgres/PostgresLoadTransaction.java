package dev.millrace.consume.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.consume.destination.UnknownOutcomeException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One window's transaction, or one table's of it. */
final class PostgresLoadTransaction implements LoadTransaction {
    private static final RowFilter ROWS = (row, kind) ->
            kind == RowCursor.Kind.UPSERT || kind == RowCursor.Kind.INSERT || kind == RowCursor.Kind.VERSION;

    private final String pipeline;
    private final LoadSession session;
    private final Connection connection;
    private final Positions positions;
    private final Positions.Move move;
    private final long epoch;
    private final KnownTables.Used used;
    private final Consumer<Exception> discard;
    private boolean ended;

    /** What the server refused. Another session may be granted it: what is set for a user or a database counts for those that begin later. */
    private Exception refused;

    /**
     * @param move writes what is committed with the rows
     * @param discard is told when the session can't be used again
     */
    PostgresLoadTransaction(
            String pipeline,
            LoadSession session,
            Positions positions,
            Positions.Move move,
            long epoch,
            KnownTables.Used used,
            Consumer<Exception> discard) {
        this.used = used;
        this.pipeline = pipeline;
        this.positions = positions;
        this.session = session;
        this.connection = session.connection();
        this.move = move;
        this.epoch = epoch;
        this.discard = discard;
    }

    /** A literal of microseconds since 1970. */
    static String instant(long micros) {
        return "TIMESTAMP WITH TIME ZONE '" + Instant.EPOCH.plus(micros, ChronoUnit.MICROS) + "'";
    }

    /** As {@link #instant}; {@link Long#MIN_VALUE} as NULL. */
    private static String known(long micros) {
        return micros == Long.MIN_VALUE ? "NULL" : instant(micros);
    }

    @Override
    public void create(TargetTable table) {
        at(table, () -> {
            Catalogue.makeSchema(connection, table.name().schema());
            executeAll(TableStatements.create(table, table.name()));
            used.made(table.name());
        });
    }

    @Override
    public void addColumn(TargetTable table, TargetColumn column) {
        alter(table, name -> TableStatements.addColumn(name, column));
    }

    @Override
    public void widenColumn(TargetTable table, TargetColumn column) {
        alter(table, name -> TableStatements.widenColumn(name, column));
    }

    @Override
    public void renameColumn(TargetTable table, String from, String to) {
        alter(table, name -> TableStatements.renameColumn(name, from, to));
    }

    private void alter(TargetTable table, Function<TargetName, String> statement) {
        at(table, () -> {
            execute(statement.apply(table.name()));
            TargetName shadow = Quoted.shadow(table.name());
            if (Catalogue.hasTable(connection, shadow)) {
                execute(statement.apply(shadow));
            }
        });
    }

    @Override
    public void beginShadow(TargetTable table) {
        at(table, () -> {
            TargetName shadow = Quoted.shadow(table.name());
            execute(TableStatements.drop(shadow));
            executeAll(TableStatements.create(table, shadow));
            session.mixed().remove(shadow);
            session.onlyRead().remove(shadow);
        });
    }

    @Override
    public void completeShadow(TargetTable table, long completedAtMicros, long loadedAtMicros) {
        at(table, () -> {
            if (table.mode() == LoadMode.HISTORY) {
                session.onlyRead().remove(table.name());
                session.onlyRead().remove(Quoted.shadow(table.name()));
                executeAll(new ShadowHistory(
                                table, Quoted.shadow(table.name()), instant(completedAtMicros), instant(loadedAtMicros))
                        .statements());
                return;
            }
            execute("DELETE FROM " + Quoted.table(table.name()));
            Catalogue.PrimaryKey key = Catalogue.primaryKey(connection, table.name());
            executeAll(TableStatements.changeKey(table, key));
            executeAll(TableStatements.replace(table, Quoted.shadow(table.name())));
        });
    }

    @Override
    public void requireFit(TargetTable table, boolean replaced) {
        at(table, () -> TableFit.require(connection, table, replaced));
    }

    @Override
    public boolean hasShadow(TargetTable table) {
        boolean[] found = new boolean[1];
        at(table, () -> found[0] = Catalogue.hasTable(connection, Quoted.shadow(table.name())));
        return found[0];
    }

    @Override
    public boolean isEmpty(TargetTable table) {
        boolean[] empty = new boolean[1];
        at(table, () -> empty[0] = isEmpty(table.name()));
        return empty[0];
    }

    private boolean isEmpty(TargetName table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT NOT EXISTS (SELECT FROM " + Quoted.table(table) + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Override
    public long load(TableLoad load) {
        TargetName target = load.shadow()
                ? Quoted.shadow(load.target().name())
                : load.target().name();
        long[] written = new long[1];
        at(load.target(), () -> {
            if (!load.shadow()) {
                used.loads(connection, target);
            }
            if (load.truncated()) {
                written[0] = truncate(load, target);
            }
            boolean ends = load.target().mode() == LoadMode.HISTORY && load.truncatedAtMicros() != Long.MIN_VALUE;
            if (load.rowCount() > 0 || ends) {
                written[0] += rows(load, target);
            }
        });
        return written[0];
    }

    /** By DELETE, because readers with an older snapshot would find a truncated table empty. */
    private long truncate(TableLoad load, TargetName target) throws SQLException {
        OnDelete onDelete = load.shadow() ? OnDelete.HARD : load.onDelete();
        return switch (onDelete) {
            case HARD -> execute("DELETE FROM " + Quoted.table(target));
            case SOFT ->
                execute("UPDATE " + Quoted.table(target) + " SET "
                        + Stage.mark(load.target(), instant(load.loadedAtMicros()), known(load.truncatedAtMicros()))
                        + load.target().columns().stream()
                                .filter(column -> column.role() == TargetColumn.Role.DELETED)
                                .map(column -> " WHERE " + Quoted.identifier(column.name()) + " IS NOT TRUE")
                                .collect(Collectors.joining()));
            case IGNORE -> 0;
        };
    }

    private long rows(TableLoad load, TargetName target) throws SQLException {
        if (load.target().mode() == LoadMode.APPEND) {
            return new VersionLoad(session, load).append(target);
        }
        if (!load.target().keyed()) {
            return new KeylessMerge(session, load).run(target);
        }
        boolean named = session.refused().on(); // by the stage
        boolean history = load.target().mode() == LoadMode.HISTORY;
        boolean straight = load.historical() && !named && !session.mixed().contains(target);
        if (straight && (!history || onlyRead(target))) {
            long written = historical(load, target);
            if (written >= 0) {
                return written;
            }
            session.mixed().add(target);
        }
        if (history) {
            session.onlyRead().remove(target);
            return new VersionLoad(session, load).history(target);
        }
        return new KeyedMerge(session, load).run(target);
    }

    /**
     * Whether the table with a history holds nothing but rows that loads have read, so that no version of a key has ended: what a COPY meets no
     * conflict with.
     */
    private boolean onlyRead(TargetName target) throws SQLException {
        return session.onlyRead().contains(target)
                || isEmpty(target) && session.onlyRead().add(target);
    }

    /** Returns -1, with nothing changed, where a row is there already. */
    private long historical(TableLoad load, TargetName target) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            long written = new DirectCopy(session).copy(load, target, ROWS, Map.of());
            connection.releaseSavepoint(before);
            return written;
        } catch (SQLException e) {
            if (!PostgresErrors.isDuplicate(e)) {
                throw RowFailure.copy(load, ROWS, e);
            }
            connection.rollback(before);
            return -1;
        }
    }

    @Override
    public Optional<Mark> mark() {
        Savepoint place = called(() -> {
            session.refused().begin();
            return connection.setSavepoint();
        });
        Set<Stages.Form> made = session.stages().uncommitted();
        return Optional.of(new Mark() {
            @Override
            public void keep() {
                called(() -> {
                    connection.releaseSavepoint(place);
                    return place;
                });
            }

            @Override
            public void back() {
                called(() -> {
                    connection.rollback(place);
                    connection.releaseSavepoint(place);
                    return place;
                });
                session.stages().rolledBackTo(made);
            }
        });
    }

    @Override
    public void checkAtOnce(TargetTable table) {
        at(table, () -> executeAll(Catalogue.checkAtOnce(connection, table.name())));
    }

    private <T> T called(Asking<T> work) {
        List<T> answer = new ArrayList<>();
        try {
            session.call(() -> answer.add(work.ask()));
        } catch (SQLException e) {
            refused = e;
            throw PostgresErrors.of("Pipeline '" + pipeline + "' can't look for rows that are refused", e);
        }
        return answer.get(0);
    }

    /** Work that waits for the server's answer. */
    @FunctionalInterface
    private interface Asking<T> {
        T ask() throws SQLException;
    }

    @Override
    public void replayed(long number) {
        try {
            session.call(() -> positions.replayed(connection, number));
        } catch (SQLException e) {
            throw PostgresErrors.of("Pipeline '" + pipeline + "' can't note replay " + number, e);
        }
    }

    @Override
    public void commit(long logIndex) {
        String what = "Pipeline '" + pipeline + "' can't commit log index " + logIndex;
        try {
            session.call(() -> move.to(connection, epoch, logIndex, used));
        } catch (SQLException e) {
            refused = e;
            throw PostgresErrors.of(what, e);
        }
        try {
            session.call(connection::commit);
        } catch (SQLException e) {
            if (PostgresErrors.isLost(e)) {
                ended = true;
                discard.accept(e);
                throw new UnknownOutcomeException(pipeline, e);
            }
            throw refused(PostgresErrors.atCommit(what, e));
        }
        ended = true;
        session.refused().end();
        session.stages().committed();
        used.committed();
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        if (refused != null) {
            discard.accept(refused);
            return;
        }
        try {
            session.call(connection::rollback);
            session.refused().end();
            session.stages().rolledBack();
        } catch (SQLException e) {
            discard.accept(e);
        }
    }

    private long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return Math.max(0, statement.getLargeUpdateCount());
        }
    }

    private void executeAll(List<String> statements) throws SQLException {
        for (String sql : statements) {
            execute(sql);
        }
    }

    private void at(TargetTable table, LoadSession.Call work) {
        try {
            session.call(work);
        } catch (SQLException e) {
            throw refused(PostgresErrors.at(table.name(), e));
        } catch (MillraceException e) { // told where more was known of the row
            throw refused(e);
        }
    }

    /** A row that can't be is so in every session, and so is a table. */
    private MillraceException refused(MillraceException failure) {
        refused = failure instanceof DataException || failure instanceof TableRefusedException ? refused : failure;
        return failure;
    }
}
