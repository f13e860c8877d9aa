package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;

/** What every way of loading by temporary tables needs: the load's columns by their kind, temporary tables of them, and statements. */
final class Staging {
    private final DuckDBConnection connection;
    private final RowsFunction function;
    private final TableLoad load;
    private final TargetName target;
    private final List<TargetColumn> values;
    private final List<TargetColumn> metadata;
    private final List<TargetColumn> written;

    /** @param function gives whole rows of large loads; null: all are appended */
    Staging(DuckDBConnection connection, RowsFunction function, TableLoad load, TargetName into) {
        this.connection = connection;
        this.function = function;
        this.load = load;
        this.target = into;
        this.values = values(load);
        this.metadata = load.target().columns().stream()
                .filter(column -> column.role() != Role.VALUE)
                .toList();
        this.written = new ArrayList<>(values);
        this.written.addAll(metadata);
    }

    /** The value columns that the load's rows have. */
    static List<TargetColumn> values(TableLoad load) {
        return load.target().columns().stream()
                .filter(column -> column.role() == Role.VALUE && column.sourceIndex() >= 0)
                .toList();
    }

    TableLoad load() {
        return load;
    }

    /** The table's quoted name. */
    String into() {
        return Sql.name(target);
    }

    /** As {@link #values(TableLoad)}. */
    List<TargetColumn> values() {
        return values;
    }

    List<TargetColumn> metadata() {
        return metadata;
    }

    /** Both: all columns that the rows have. */
    List<TargetColumn> written() {
        return written;
    }

    List<TargetColumn> key() {
        return load.target().key();
    }

    /** For cells of these columns. */
    RowAppender cells(List<TargetColumn> columns) {
        return new RowAppender(load.target().name().toString(), columns);
    }

    MetadataAppender metadataCells() {
        return new MetadataAppender(metadata, load.loadedAtMicros());
    }

    /** Of a temporary table. */
    BoundedAppender appender(String table) throws SQLException {
        return new BoundedAppender(connection, "temp", "main", table);
    }

    /** Straight into the table, whose columns are in this order. */
    TableRows rows(List<TargetColumn> order) throws SQLException {
        return new TableRows(connection, load, target, order);
    }

    /** The load's rows that {@code chosen} takes go straight into the table. */
    void append(List<TargetColumn> order, Choice chosen) throws SQLException {
        if (function != null && function.isFor(load, order)) {
            new VectorRows(load, target, order, chosen).insert(connection, function);
            return;
        }
        try (TableRows rows = rows(order)) {
            RowCursor row = load.rows();
            while (row.next()) {
                if (chosen.takes(row)) {
                    rows.append(row);
                }
            }
        }
    }

    /** Some rows of a load; asked in order. */
    @FunctionalInterface
    interface Choice {
        boolean takes(RowCursor row);
    }

    /** Column definitions; may be added to. */
    static List<String> definitions(List<TargetColumn> columns) {
        List<String> definitions = new ArrayList<>();
        for (TargetColumn column : columns) {
            definitions.add(Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()));
        }
        return definitions;
    }

    /** Makes a temporary table. */
    void create(String name, List<String> definitions) throws SQLException {
        execute("CREATE OR REPLACE TEMP TABLE " + name + " (" + String.join(", ", definitions) + ")");
    }

    /** That {@code t} and {@code s} have the same key. */
    String sameKey() {
        return Sql.list(key(), " AND ", column -> Sql.column("t", column) + " = " + Sql.column("s", column));
    }

    /** Inserts the rows of {@code from}. */
    String insert(String from) {
        return "INSERT INTO " + into() + " (" + Sql.names(written) + ") SELECT " + Sql.names(written) + " FROM " + from;
    }

    /** Returns how many rows it changed. */
    long execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql) ? 0 : Math.max(0, statement.getUpdateCount());
        }
    }

    boolean any(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(query)) {
            return found.next();
        }
    }
}
