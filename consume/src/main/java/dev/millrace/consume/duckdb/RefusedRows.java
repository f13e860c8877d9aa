package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.duckdb.Constraints.Constraint;
import dev.millrace.storage.batch.Cells;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names the rows of a refused load: those with a value that its column can't hold, and those that break a constraint of
 * the table. DuckDB says neither which rows it refuses nor lets a transaction go on behind a refusal, so that finding them by loading parts would take a
 * transaction for each part. Confined to one thread.
 */
final class RefusedRows {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedRows.class);

    private final DuckDBConnection connection;
    private final TableLoad load;
    private final TargetName into;
    private final DoneSteps before;
    private final Staging staging;
    private final RowAppender values;
    private final RowAppender keys;
    private final Map<Integer, DataException.Row> found = new HashMap<>();

    /**
     * @param connection with nothing done in its transaction, which is rolled back
     * @param before what had been done in its transaction before the load
     */
    RefusedRows(DuckDBConnection connection, TableLoad load, TargetName into, DoneSteps before) {
        this.before = before;
        this.connection = connection;
        this.load = load;
        this.into = into;
        this.staging = new Staging(connection, null, load, into);
        this.values = staging.cells(staging.values());
        this.keys = staging.cells(staging.key());
    }

    /** The refusal with the rows that can be named; as it is where there are none. */
    DataException name(DataException refusal) throws SQLException {
        checkValues();
        try {
            Constraints constraints = constraints();
            if (before.haveLoaded(constraints.tables())) {
                before.again();
                constraints = constraints();
            }
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
        return new DataException(refusal.table(), rows);
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

    private Constraints constraints() throws SQLException {
        boolean emptied = load.truncated() && (load.shadow() || load.onDelete() == OnDelete.HARD);
        return Constraints.of(
                staging, into, connection, !emptied && (!staging.key().isEmpty() || !anyDeleted()));
    }

    private boolean anyDeleted() {
        RowCursor row = load.rows();
        while (row.next()) {
            if (row.kind() == RowCursor.Kind.DELETE_ONE) {
                return true;
            }
        }
        return false;
    }

    private void checkConstraints(Constraints constraints) throws SQLException {
        stageRows();
        stageLeaving();
        Map<Integer, Constraint> broken = new HashMap<>();
        for (Constraint constraint : constraints.ofRows()) {
            take(constraint, broken);
        }
        for (Constraint constraint : constraints.betweenRows()) {
            if (take(constraint, broken) > 0) {
                break; // which row was the first may change without these: the next try tells
            }
        }
        RowCursor row = load.rows();
        for (int place = 0; row.next(); place++) {
            Constraint constraint = broken.get(place);
            if (constraint != null) {
                found.putIfAbsent(
                        place,
                        new DataException.Row(
                                row.eventId(), constraint.column(), Reason.plain(constraint.why()), constraint.code()));
            }
        }
    }

    /** Takes the rows that break it out of the stage; how many there were. */
    private int take(Constraint constraint, Map<Integer, Constraint> broken) throws SQLException {
        List<Integer> places = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(constraint.broken())) {
            while (rows.next()) {
                places.add(rows.getInt(1));
            }
        }
        if (!places.isEmpty()) {
            places.forEach(place -> broken.putIfAbsent(place, constraint));
            staging.execute("DELETE FROM temp." + Constraints.ROWS + " WHERE " + Constraints.PLACE + " IN ("
                    + constraint.broken() + ")");
        }
        return places.size();
    }

    private void stageRows() throws SQLException {
        List<String> definitions = Staging.definitions(staging.written());
        definitions.add(Constraints.PLACE + " INTEGER");
        staging.create(Constraints.ROWS, definitions);
        MetadataAppender metadata = staging.metadataCells();
        try (BoundedAppender appender = staging.appender(Constraints.ROWS)) {
            RowCursor row = load.rows();
            for (int place = 0; row.next(); place++) {
                if (!found.containsKey(place) && isWhole(row)) {
                    appender.begin();
                    values.append(appender.cells(), row, row.values());
                    metadata.append(appender.cells(), row);
                    appender.row().append(place);
                    appender.end(BoundedAppender.bytes(row.values()));
                }
            }
        }
    }

    /** The keys of which rows go: those that are written anew, and those that are deleted and not just marked. */
    private void stageLeaving() throws SQLException {
        if (staging.key().isEmpty()) {
            return;
        }
        List<String> definitions = Staging.definitions(staging.key());
        definitions.add(Constraints.PLACE + " INTEGER");
        staging.create(Constraints.LEAVING, definitions);
        boolean hard = load.onDelete() == OnDelete.HARD;
        try (BoundedAppender appender = staging.appender(Constraints.LEAVING)) {
            RowCursor row = load.rows();
            for (int place = 0; row.next(); place++) {
                Cells moved = row.kind() == RowCursor.Kind.UPSERT ? row.origin() : null;
                if (row.kind() == RowCursor.Kind.UPSERT
                        || row.kind() == RowCursor.Kind.REPLACE
                        || hard && row.kind() == RowCursor.Kind.DELETE) {
                    leaving(appender, row, row.values(), place);
                }
                if (hard && moved != null && moved != row.values()) {
                    leaving(appender, row, moved, place);
                }
            }
        }
    }

    private void leaving(BoundedAppender appender, RowCursor row, Cells image, int place) throws SQLException {
        if (!found.containsKey(place)) {
            appender.begin();
            keys.append(appender.cells(), row, image);
            appender.row().append(place);
            appender.end(0);
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
