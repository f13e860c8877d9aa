package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the rows of a refused load: those with a value that its column can't hold, and those that break a NOT NULL or CHECK of the table.
 * DuckDB says neither which rows it refuses nor lets a transaction go on behind a refusal, so that finding them by loading parts would take a
 * transaction for each part. Constraints over several rows are not looked at. Confined to one thread.
 */
final class RefusedRows {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedRows.class);
    private static final String ROWS = "__millrace_stage_refused";
    private static final String PLACE = "__millrace_stage_place";

    private final DuckDBConnection connection;
    private final TableLoad load;
    private final TargetName into;
    private final Staging staging;
    private final RowAppender values;
    private final RowAppender keys;
    private final Map<Integer, DataException.Row> found = new HashMap<>();

    /**
     * What a row of the table must not be.
     *
     * @param broken a condition that is true of rows that are refused
     */
    private record Constraint(String broken, String column, String why) {
        /** @param check null: NOT NULL. A check that is neither true nor false is not broken */
        static Constraint of(String check, List<String> columns) {
            String column = columns.size() == 1 ? columns.get(0) : "";
            return check == null
                    ? new Constraint(Sql.quote(column) + " IS NULL", column, "column '" + column + "' can't be NULL")
                    : new Constraint("NOT (" + check + ")", column, "CHECK constraint failed: " + check);
        }
    }

    /** @param connection with nothing done in its transaction, which is rolled back */
    RefusedRows(DuckDBConnection connection, TableLoad load, TargetName into) {
        this.connection = connection;
        this.load = load;
        this.into = into;
        this.staging = new Staging(connection, load, into);
        this.values = staging.cells(staging.values());
        this.keys = staging.cells(staging.key());
    }

    /** The refusal with the rows that can be named; as it is where there are none. */
    DataException name(DataException refusal) throws SQLException {
        checkValues();
        try {
            List<Constraint> constraints = constraints();
            if (!constraints.isEmpty()) {
                checkConstraints(constraints);
            }
        } catch (SQLException e) { // then its rows are looked for
            LOG.debug("Table '{}': rows aren't held against its constraints: {}", into, e.getMessage());
        } finally {
            connection.rollback();
        }
        if (found.isEmpty()) {
            return refusal;
        }
        List<DataException.Row> rows = new ArrayList<>(refusal.rows());
        rows.addAll(found.values());
        return new DataException(refusal.table(), rows, refusal);
    }

    private void checkValues() {
        RowCursor row = load.rows();
        for (int place = 0; row.next(); place++) {
            try {
                boolean whole =
                        switch (row.kind()) {
                            case UPSERT, INSERT, APPEND, VERSION, DELETE_ONE -> true;
                            case DELETE, CLOSE, REPLACE -> false;
                        };
                (whole ? values : keys).check(row, row.values());
            } catch (DataException e) {
                found.put(place, e.rows().get(0));
            }
        }
    }

    /** Of single rows, on columns that the load's rows have. */
    private List<Constraint> constraints() throws SQLException {
        Set<String> written = new HashSet<>();
        staging.written().forEach(column -> written.add(column.name().toLowerCase(Locale.ROOT)));
        List<Constraint> constraints = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT expression, constraint_column_names FROM duckdb_constraints()"
                                + " WHERE database_name = current_database() AND " + Sql.isTable(into)
                                + " AND constraint_type IN ('NOT NULL', 'CHECK') ORDER BY constraint_index")) {
            while (rows.next()) {
                List<String> columns = names((Object[]) rows.getArray(2).getArray());
                if (columns.stream().allMatch(column -> written.contains(column.toLowerCase(Locale.ROOT)))) {
                    constraints.add(Constraint.of(rows.getString(1), columns));
                }
            }
        }
        return constraints;
    }

    private static List<String> names(Object[] columns) {
        return Arrays.stream(columns).map(String::valueOf).toList();
    }

    private void checkConstraints(List<Constraint> constraints) throws SQLException {
        List<String> definitions = Staging.definitions(staging.written());
        definitions.add(PLACE + " INTEGER");
        staging.create(ROWS, definitions);
        MetadataAppender metadata = staging.metadataCells();
        try (BoundedAppender appender = staging.appender(ROWS)) {
            RowCursor row = load.rows();
            for (int place = 0; row.next(); place++) {
                if (!found.containsKey(place) && isWhole(row)) {
                    appender.begin();
                    values.append(appender.row(), row, row.values());
                    metadata.append(appender.row(), row);
                    appender.row().append(place);
                    appender.end(BoundedAppender.bytes(row.values()));
                }
            }
        }
        Map<Integer, Constraint> broken = new HashMap<>();
        for (Constraint constraint : constraints) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT " + PLACE + " FROM temp." + ROWS + " WHERE " + constraint.broken())) {
                while (rows.next()) {
                    broken.putIfAbsent(rows.getInt(1), constraint);
                }
            }
        }
        RowCursor row = load.rows();
        for (int place = 0; row.next(); place++) {
            Constraint constraint = broken.get(place);
            if (constraint != null) {
                found.put(place, new DataException.Row(row.eventId(), constraint.column(), constraint.why()));
            }
        }
    }

    /** Whether it is written with just the cells it has. */
    private static boolean isWhole(RowCursor row) {
        return switch (row.kind()) {
            case UPSERT, INSERT, APPEND, VERSION -> !row.values().anyUnchanged();
            case DELETE, DELETE_ONE, CLOSE, REPLACE -> false;
        };
    }
}
