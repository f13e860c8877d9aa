package dev.millrace.consume.duckdb;

import dev.millrace.storage.batch.Cells;
import java.sql.SQLException;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * An appender that hands its rows over by their bytes too. By itself it gathers 2,048 rows in memory that DuckDB does not count, whatever
 * they weigh.
 */
final class BoundedAppender implements AutoCloseable {
    private static final long FLUSH_BYTES = 4L << 20;

    private final DuckDBAppender appender;
    private final CellSink cells;
    private long gathered;

    BoundedAppender(DuckDBConnection connection, String catalogue, String schema, String table) throws SQLException {
        this.appender = catalogue.isEmpty()
                ? connection.createAppender(schema, table)
                : connection.createAppender(catalogue, schema, table);
        this.cells = new AppendedCells(appender);
    }

    /** For the cells of one row, between {@link #begin} and {@link #end}. */
    DuckDBAppender row() {
        return appender;
    }

    /** As {@link #row}. */
    CellSink cells() {
        return cells;
    }

    void begin() throws SQLException {
        appender.beginRow();
    }

    /** @param bytes about what the row weighs */
    void end(long bytes) throws SQLException {
        appender.endRow();
        gathered += bytes;
        if (gathered >= FLUSH_BYTES) {
            appender.flush();
            gathered = 0;
        }
    }

    /** The bytes of all cells of a row. */
    static int bytes(Cells image) {
        int last = image.schema().columns().size() - 1;
        return last < 0 ? 0 : image.encodedOffset(last) + image.encodedLength(last) - image.encodedOffset(0);
    }

    /** What the last rows are refused for is told by the flush; the driver's close would only tell that the transaction is aborted. */
    @Override
    public void close() throws SQLException {
        try {
            appender.flush();
        } catch (SQLException refused) {
            try {
                appender.close();
            } catch (SQLException again) {
                refused.addSuppressed(again);
            }
            throw refused;
        }
        appender.close();
    }
}
