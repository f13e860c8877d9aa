package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.duckdb.DuckDBConnection;

/**
 * Applies one table's load by the cheapest way that is right: rows straight into a table that is empty (or has no key and loses none),
 * else a stage and set-wise statements.
 */
final class TableLoader {
    private final DuckDBConnection connection;
    private final RowsFunction function;
    private final TableLoad load;
    private final TargetName into;
    private final Set<String> generated;

    /**
     * @param function gives whole rows of large loads; null: all are appended
     * @param generated the table's columns that nobody can write, in lower case
     */
    TableLoader(
            DuckDBConnection connection,
            RowsFunction function,
            TableLoad load,
            TargetName into,
            Set<String> generated) {
        this.generated = generated;
        this.connection = connection;
        this.function = function;
        this.load = load;
        this.into = into;
    }

    long run() throws SQLException {
        if (load.target().mode() == LoadMode.HISTORY) {
            return history();
        }
        long truncated = load.truncated() ? truncate() : 0;
        if (load.rowCount() == 0) {
            return truncated;
        }
        boolean keyed = load.target().keyed();
        List<String> names = columns();
        List<TargetColumn> order = TableRows.inOrder(names, load.target().columns());
        if (load.target().mode() == LoadMode.APPEND) {
            new AppendStage(staging(), order).run();
        } else if (load.historical() && order != null && (!keyed || isEmpty() || areNew())) {
            appendStraight(order);
        } else if (keyed) {
            new KeyedStage(staging(), lacking(names), order).run();
        } else {
            new KeylessStage(staging()).run();
        }
        return truncated + load.rowCount();
    }

    private long history() throws SQLException {
        List<TargetColumn> order = TableRows.inOrder(columns(), load.target().columns());
        HistoryStage stage = new HistoryStage(staging());
        if (load.historical() && order != null && (isEmpty() || !stage.anyVersion())) {
            appendStraight(order);
            return load.rowCount();
        }
        return stage.run();
    }

    private long truncate() throws SQLException {
        if (load.shadow() || load.onDelete() == OnDelete.HARD) {
            return update("DELETE FROM " + Sql.name(into));
        }
        if (load.onDelete() == OnDelete.SOFT) {
            TargetColumn deleted = role(Role.DELETED);
            long at = load.truncatedAtMicros();
            return update("UPDATE " + Sql.name(into) + " SET " + Sql.quote(deleted.name()) + " = true, "
                    + Sql.quote(role(Role.LOADED_AT).name()) + " = " + instant(load.loadedAtMicros()) + ", "
                    + Sql.quote(role(Role.SOURCE_MODIFIED_AT).name()) + " = "
                    + (at == Long.MIN_VALUE ? "NULL" : instant(at)) + " WHERE NOT " + Sql.quote(deleted.name()));
        }
        return 0;
    }

    /** An expression of that instant. */
    static String instant(long micros) {
        long seconds = Math.floorDiv(micros, TimeUnit.SECONDS.toMicros(1));
        return "to_timestamp(" + seconds + ") + to_microseconds(" + Math.floorMod(micros, TimeUnit.SECONDS.toMicros(1))
                + ")";
    }

    private TargetColumn role(Role role) {
        return load.target().columns().stream()
                .filter(column -> column.role() == role)
                .findFirst()
                .orElseThrow();
    }

    private boolean isEmpty() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1 FROM " + Sql.name(into) + " LIMIT 1")) {
            return !rows.next();
        }
    }

    /** Whether rows of the same keys are in no way there yet, as far as that shows at once. */
    private boolean areNew() throws SQLException {
        return new KeyRanges(load, Sql.name(into)).areFree(connection);
    }

    /** The table's columns that the load's rows don't have. */
    private List<String> lacking(List<String> names) {
        List<String> lacking = new ArrayList<>(names);
        lacking.removeIf(name -> generated.contains(name.toLowerCase(Locale.ROOT)));
        for (TargetColumn column : load.target().columns()) {
            if (column.role() != Role.VALUE || column.sourceIndex() >= 0) {
                lacking.removeIf(column.name()::equalsIgnoreCase);
            }
        }
        return lacking;
    }

    /** The names of the table's columns, in its order; from the table itself, since DuckDB's catalogue functions walk through all tables. */
    private List<String> columns() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet none = statement.executeQuery("SELECT * FROM " + Sql.name(into) + " LIMIT 0")) {
            ResultSetMetaData columns = none.getMetaData();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                names.add(columns.getColumnName(i));
            }
        }
        return names;
    }

    private Staging staging() {
        return new Staging(connection, function, load, into);
    }

    private void appendStraight(List<TargetColumn> order) throws SQLException {
        staging().append(order, row -> row.kind() != RowCursor.Kind.CLOSE && row.kind() != RowCursor.Kind.REPLACE);
    }

    private long update(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }
}
