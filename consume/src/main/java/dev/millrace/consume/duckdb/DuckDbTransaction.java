package dev.millrace.consume.duckdb;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import dev.millrace.storage.event.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.duckdb.DuckDBConnection;

/** One window in DuckDB. An error closes its statement and aborts the transaction there, so each step has a statement of its own. */
final class DuckDbTransaction implements LoadTransaction {
    private static final String SHADOW = "__millrace_shadow_";

    private final DuckDBConnection connection;
    private final DuckDbDestination destination;
    /** Whether tables' shadows are there, as far as that was asked or decided in this transaction. */
    private final Map<TargetName, Boolean> shadows = new HashMap<>();

    private final DoneSteps done = new DoneSteps();
    /** The comments of tables that have got one. */
    private final Map<TargetName, String> commented = new HashMap<>();

    private boolean tablesChanged;
    private boolean bulk;
    private long replay;
    private boolean open = true;
    /** Something else than a row was at fault: the connection isn't used again. */
    private boolean broken;

    DuckDbTransaction(DuckDBConnection connection, DuckDbDestination destination) {
        this.connection = connection;
        this.destination = destination;
    }

    static TargetName shadowOf(TargetName table) {
        return new TargetName(table.schema(), SHADOW + table.name());
    }

    @Override
    public void create(TargetTable table) {
        change(table, "CREATE SCHEMA IF NOT EXISTS " + Sql.quote(table.name().schema()));
        change(
                table,
                "CREATE TABLE " + Sql.name(table.name()) + " ("
                        + Sql.list(
                                table.columns(),
                                ", ",
                                column -> Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()))
                        + ")");
        comment(table, TableMarks.marked(""));
    }

    @Override
    public Identity identify(TargetTable table, Identity now) {
        if (TableMarks.isMark(now)) {
            return now;
        }
        String comment = TableMarks.marked(commentOf(table));
        comment(table, comment);
        return TableMarks.identity(comment);
    }

    private String commentOf(TargetTable table) {
        String comment = commented.get(table.name());
        try {
            return comment == null ? destination.comments().of(connection, table.name()) : comment;
        } catch (SQLException e) {
            broken = true;
            throw destination.explain(e, table.name().toString());
        }
    }

    private void comment(TargetTable table, String comment) {
        change(table, TableMarks.statement(table.name(), comment));
        commented.put(table.name(), comment);
    }

    @Override
    public void addColumn(TargetTable table, TargetColumn column) {
        alter(table, "ADD COLUMN " + Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()));
    }

    @Override
    public void widenColumn(TargetTable table, TargetColumn column) {
        String name = Sql.quote(column.name());
        String type = DuckDbTypes.name(column.dataType());
        boolean text = column.dataType().type() == Type.STRING;
        // bytes become the hexadecimal text that later rows get as well
        String value = text && isBlob(table, column) ? "hex(" + name + ")" : "CAST(" + name + " AS " + type + ")";
        alter(table, "ALTER COLUMN " + name + " SET DATA TYPE " + type + " USING " + value);
    }

    private boolean isBlob(TargetTable table, TargetColumn column) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT 1 FROM duckdb_columns() WHERE database_name = current_database() AND data_type = 'BLOB'"
                                + " AND " + Sql.isTable(table.name()) + " AND lower(column_name) = lower("
                                + Sql.literal(column.name()) + ")")) {
            return rows.next();
        } catch (SQLException e) {
            broken = true;
            throw destination.explain(e, table.name().toString());
        }
    }

    @Override
    public void renameColumn(TargetTable table, String from, String to) {
        alter(table, "RENAME COLUMN " + Sql.quote(from) + " TO " + Sql.quote(to));
    }

    private void alter(TargetTable table, String what) {
        boolean shadow = hasShadow(table);
        change(table, "ALTER TABLE " + Sql.name(table.name()) + " " + what);
        if (shadow) {
            change(table, "ALTER TABLE " + Sql.name(shadowOf(table.name())) + " " + what);
        }
    }

    @Override
    public void beginShadow(TargetTable table) {
        String shadow = Sql.name(shadowOf(table.name()));
        shadows.put(shadowOf(table.name()), true);
        change(table, "DROP TABLE IF EXISTS " + shadow);
        change(table, "CREATE TABLE " + shadow + " AS FROM " + Sql.name(table.name()) + " LIMIT 0");
    }

    /** DuckDB has no grants, and its views find a table by name. */
    @Override
    public void completeShadow(TargetTable table, long completedAtMicros, long loadedAtMicros) {
        shadows.put(shadowOf(table.name()), false);
        if (table.mode() == LoadMode.HISTORY) {
            new ShadowHistory(
                            table,
                            shadowOf(table.name()),
                            TableLoader.instant(completedAtMicros),
                            TableLoader.instant(loadedAtMicros))
                    .statements()
                    .forEach(sql -> change(table, sql));
            return;
        }
        if (declaration(table.name()).bound()) { // what was made of the table stays with it
            String columns = Sql.names(table.columns());
            change(table, "DELETE FROM " + Sql.name(table.name()));
            change(
                    table,
                    "INSERT INTO " + Sql.name(table.name()) + " (" + columns + ") SELECT " + columns + " FROM "
                            + Sql.name(shadowOf(table.name())));
            change(table, "DROP TABLE " + Sql.name(shadowOf(table.name())));
            return;
        }
        String comment = commentOf(table);
        change(table, "DROP TABLE " + Sql.name(table.name()));
        change(
                table,
                "ALTER TABLE " + Sql.name(shadowOf(table.name())) + " RENAME TO "
                        + Sql.quote(table.name().name()));
        comment(table, comment); // it is known by what it was known by
    }

    @Override
    public void requireFit(TargetTable table, boolean replaced) {
        Declarations.Declaration declared = declaration(table.name());
        if (declared.view()) {
            throw differs(table, "it is a view");
        }
        Set<String> ours = new HashSet<>();
        for (TargetColumn column : table.columns()) {
            String name = column.name().toLowerCase(Locale.ROOT);
            ours.add(name);
            if (declared.generated().contains(name)) {
                throw differs(table, "column '" + column.name() + "' is generated there, and takes no values");
            }
            if ((column.inKey() || !table.keyed()) && declared.collated().contains(name)) {
                throw differs(
                        table,
                        "column '" + column.name()
                                + "' has a collation there, so that rows that differ at the source may be taken for one");
            }
        }
        for (String needed : declared.needed()) {
            if (!ours.contains(needed)) {
                throw differs(table, "its column '" + needed + "', which isn't loaded, is NOT NULL and has no default");
            }
        }
    }

    private static TableRefusedException differs(TargetTable table, String why) {
        return new TableRefusedException(
                "TABLE_DIFFERS",
                "Table '" + table.name() + "' at the destination can't be loaded as it is",
                why,
                "Change that, and its events are loaded by themselves; or rename or drop the table, and run 'millrace reload' for the object"
                        + " that is loaded into it, which 'millrace mapping list' names.");
    }

    private Declarations.Declaration declaration(TargetName table) {
        try {
            return destination.declarations().of(connection, table);
        } catch (SQLException e) {
            broken = true;
            throw destination.explain(e, table.toString());
        }
    }

    @Override
    public boolean hasShadow(TargetTable table) {
        TargetName shadow = shadowOf(table.name());
        return shadows.computeIfAbsent(
                shadow, name -> destination.describe(name).isPresent());
    }

    @Override
    public boolean isEmpty(TargetTable table) {
        return !any(table, "SELECT 1 FROM " + Sql.name(table.name()) + " LIMIT 1");
    }

    @Override
    public long load(TableLoad load) {
        TargetName into =
                load.shadow() ? shadowOf(load.target().name()) : load.target().name();
        bulk |= load.historical();
        try {
            long written = run(load, into);
            done.loaded(into, () -> run(load, into));
            return written;
        } catch (DataException e) {
            throw refused(e, load, into);
        } catch (SQLException e) {
            if (VectorRows.isRefusedJson(e) && destination.function(into) != null) {
                throw destination.appendingFromNowOn(into, e);
            }
            MillraceException explained =
                    destination.explain(e, load.target().name().toString());
            if (explained instanceof DataException refused) {
                throw refused(refused, load, into);
            }
            broken = true;
            throw explained;
        }
    }

    private long run(TableLoad load, TargetName into) throws SQLException {
        Set<String> generated = declaration(into).generated();
        return new TableLoader(connection, destination.function(into), load, into, generated).run();
    }

    /** DuckDB can't go on in a transaction in which a row was refused; so all the rows that are at fault are named at once. */
    private DataException refused(DataException refused, TableLoad load, TargetName into) {
        try {
            connection.rollback();
            return new RefusedRows(connection, load, into, done).name(refused);
        } catch (SQLException e) {
            broken = true;
            refused.addSuppressed(e);
            return refused;
        }
    }

    @Override
    public void replayed(long number) {
        replay = number;
    }

    @Override
    public void commit(long logIndex) {
        destination.commit(connection, logIndex, replay, bulk);
        open = false;
        destination.comments().changed(commented);
        if (tablesChanged) {
            destination.checkpoint(connection);
        }
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            destination.takeBack(broken);
        }
    }

    private boolean any(TargetTable table, String query) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        } catch (SQLException e) {
            broken = true;
            throw destination.explain(e, table.name().toString());
        }
    }

    private void change(TargetTable table, String sql) {
        tablesChanged = true;
        try {
            execute(sql);
            done.changed(() -> execute(sql));
        } catch (SQLException e) {
            broken = true;
            throw destination.explain(e, table.name().toString());
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
