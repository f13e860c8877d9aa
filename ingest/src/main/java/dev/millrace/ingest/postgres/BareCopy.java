package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.BareSource;
import dev.millrace.storage.event.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.LongPredicate;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** A binary COPY of the same rows that {@link PostgresChunkReader} reads, dropped as they come. Stateless. */
final class BareCopy {
    private static final int ROWS_BETWEEN_LOOKS = 1_024;
    /** The message at the end of the rows: a field count of -1. */
    private static final int TRAILER_BYTES = 2;

    private BareCopy() {}

    static BareSource.Read read(Connections connections, TableName name, byte[] upTo, LongPredicate goOn) {
        try (Connection connection = connections.reading()) {
            CatalogueTable table = new Catalogue(connection)
                    .table(name)
                    .orElseThrow(() -> MillraceException.user(
                            "TABLE_NOT_FOUND",
                            "Cannot read table " + name,
                            "the database has no such table, or it is a partition",
                            "Choose the objects again."));
            CopyOut copy = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut(ChunkStatements.copyRange(table, table.columns(), null, upTo));
            long rows = 0;
            long bytes = 0;
            for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
                bytes += message.length;
                if (message.length > TRAILER_BYTES && ++rows % ROWS_BETWEEN_LOOKS == 0 && !goOn.test(rows)) {
                    copy.cancelCopy();
                    break;
                }
            }
            return new BareSource.Read(rows, bytes);
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot read table " + name, e);
        }
    }
}
