package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.storage.batch.Cells;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.duckdb.DuckDBConnection;

/**
 * Asks a table whether any row stands in the ranges that a load's keys come from: a historical load brings them in a few runs, where mostly
 * nothing is yet. DuckDB knows least and most of each block of a column, so that the answer costs next to nothing, however large the
 * table has grown. Only for keys of one column of whole numbers.
 */
final class KeyRanges {
    /** More than this many runs are rather looked for key by key. */
    private static final int MAX_RANGES = 32;
    /** Two keys this many times further apart than they are on average are the end of one run and the begin of the next. */
    private static final long FIRST_SPREAD = 16;

    private static final long MAX_SPREAD = 1 << 16;

    private record Range(long first, long last) {}

    private final TableLoad load;
    private final String into;

    /** @param into the table's quoted name */
    KeyRanges(TableLoad load, String into) {
        this.load = load;
        this.into = into;
    }

    /** Whether no row of the table has a key of the load, as far as that shows: false says nothing. */
    boolean areFree(DuckDBConnection connection) throws SQLException {
        List<TargetColumn> key = load.target().key();
        if (key.size() != 1 || load.rowCount() == 0) {
            return false;
        }
        switch (DuckDbTypes.kind(key.get(0).dataType())) {
            case TINYINT, SMALLINT, INTEGER, BIGINT -> {}
            default -> {
                return false;
            }
        }
        String column = Sql.quote(key.get(0).name());
        List<Range> ranges = ranges(keys(key.get(0).sourceIndex()));
        try (Statement statement = connection.createStatement()) {
            for (Range range : ranges) {
                try (ResultSet row = statement.executeQuery("SELECT 1 FROM " + into + " WHERE " + column + " BETWEEN "
                        + range.first() + " AND " + range.last() + " LIMIT 1")) {
                    if (row.next()) {
                        return false;
                    }
                }
            }
        }
        return !ranges.isEmpty();
    }

    /** In ascending order. */
    private long[] keys(int source) {
        long[] keys = new long[load.rowCount()];
        int count = 0;
        RowCursor row = load.rows();
        while (row.next()) {
            Cells image = row.values();
            keys[count++] = image.longAt(source);
        }
        Arrays.sort(keys, 0, count);
        return count == keys.length ? keys : Arrays.copyOf(keys, count);
    }

    /** Few that have all of the keys in them and as little else as may be; none where they are too scattered. */
    private static List<Range> ranges(long[] keys) {
        double average = ((double) keys[keys.length - 1] - keys[0]) / keys.length;
        for (long spread = FIRST_SPREAD; spread <= MAX_SPREAD; spread *= 8) {
            List<Range> ranges = ranges(keys, average * spread);
            if (ranges.size() <= MAX_RANGES) {
                return ranges;
            }
        }
        return List.of();
    }

    private static List<Range> ranges(long[] keys, double gap) {
        List<Range> ranges = new ArrayList<>();
        long first = keys[0];
        for (int i = 1; i <= keys.length && ranges.size() <= MAX_RANGES; i++) {
            if (i == keys.length || (double) keys[i] - keys[i - 1] > gap) {
                ranges.add(new Range(first, keys[i - 1]));
                first = i < keys.length ? keys[i] : first;
            }
        }
        return ranges;
    }
}
