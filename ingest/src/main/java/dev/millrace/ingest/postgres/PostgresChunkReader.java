package dev.millrace.ingest.postgres;

import dev.millrace.config.error.HeapExhausted;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.peer.PeerWatch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads chunks by binary COPY, each in a REPEATABLE READ READ ONLY transaction of its own: its snapshot is the transaction's. Rows come in
 * no particular order, because a chunk is applied as a whole and a sort would be paid by the source.
 *
 * <p>After a failure the connection is thrown away and the next call opens another; a snapshot that was open is gone then. Confined to one
 * thread. {@link #read} obeys interruption within a few milliseconds: it cancels the query and throws away the connection.
 *
 * <p>What the source bears: one connection, one snapshot as long as one chunk, an ACCESS SHARE lock as any reader holds it; no parallel
 * workers, no JIT compilation, and never more than lockTimeout in a lock's queue. Row-level security that would hide rows is an error,
 * never a smaller table. No row is given out that a crash of the server could take back.
 */
final class PostgresChunkReader implements ChunkReader {
    private static final String SESSION =
            "SELECT pg_catalog.set_config('row_security', 'off', false), pg_catalog.set_config('jit', 'off', false),"
                    + " pg_catalog.set_config('max_parallel_workers_per_gather', '0', false)";

    /** One statement: its snapshot stands before its functions are called, so the position is never before what the snapshot sees. */
    private static final String SNAPSHOT =
            "SELECT pg_catalog.pg_current_snapshot()::text, (CASE WHEN pg_catalog.pg_is_in_recovery() THEN"
                    + " pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_insert_lsn() END)::text, pg_catalog.pg_is_in_recovery()";

    private static final int ROWS_BETWEEN_INTERRUPT_CHECKS = 1024;

    private final Connections connections;
    private final PeerWatch watch;
    private final Map<TableName, CatalogueTable> tables = new HashMap<>();
    private Connection connection;
    private PeerWatch.Watched watched;
    private PostgresSnapshot snapshot;
    /** What the snapshot sees would outlive a crash of the server. */
    private boolean lasting;

    /** @param watch cuts a connection whose server has died without a word */
    PostgresChunkReader(Connections connections, PeerWatch watch) {
        this.connections = connections;
        this.watch = watch;
    }

    @Override
    public Optional<byte[]> boundary(TableName table, byte[] after, long rows) {
        return attempt("Cannot find the next chunk of table " + table, () -> {
            CatalogueTable catalogued = catalogued(table);
            int width = catalogued.keyColumns().size();
            if (width == 0) {
                return Optional.empty();
            }
            try (Statement statement = connection().createStatement();
                    ResultSet row = statement.executeQuery(ChunkStatements.boundary(catalogued, after, rows))) {
                if (!row.next()) {
                    return Optional.empty();
                }
                List<String> key = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    key.add(row.getString(i));
                }
                return Optional.of(KeyForm.encode(key));
            }
        });
    }

    @Override
    public Snapshot begin() {
        end();
        return attempt("Cannot open a snapshot", () -> {
            try (Statement statement = connection().createStatement()) {
                statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
                try (ResultSet row = statement.executeQuery(SNAPSHOT)) {
                    row.next();
                    boolean standby = row.getBoolean(3);
                    if (standby && connections.settings().logical()) {
                        throw MillraceException.user(
                                "SERVER_READ_ONLY",
                                "Cannot load tables under a stream from "
                                        + connections.settings().address(),
                                "it is a standby, whose snapshots do not tell which transactions are under way",
                                "Connect to the primary, or use mode table.");
                    }
                    snapshot = PostgresSnapshot.parse(row.getString(1), row.getString(2), standby);
                    lasting = standby; // there all that is visible has been written
                }
            }
            return snapshot;
        });
    }

    /** {@inheritDoc} From here to {@link #end} the table can't be altered; who wants to waits for that long. */
    @Override
    public List<Column> columns(TableName table) {
        requireSnapshot();
        return attempt("Cannot read table " + table, () -> hold(table).eventColumns());
    }

    @Override
    public long read(Schema schema, byte[] after, byte[] upTo, BatchWriter out, int maxBytes, Runnable full)
            throws InterruptedException {
        requireSnapshot();
        return attempt("Cannot read table " + schema.table(), () -> {
            requireLasting();
            CatalogueTable table = hold(schema.table());
            List<CatalogueColumn> columns = columnsOf(schema, table);
            return copy(ChunkStatements.copyRange(table, columns, after, upTo), schema, columns, out, maxBytes, full);
        });
    }

    @Override
    public long readKey(Schema schema, byte[] key, BatchWriter out) throws InterruptedException {
        requireSnapshot();
        return attempt("Cannot read a row of table " + schema.table(), () -> {
            requireLasting();
            CatalogueTable table = hold(schema.table());
            List<CatalogueColumn> columns = columnsOf(schema, table);
            return copy(
                    ChunkStatements.copyKey(table, columns, key), schema, columns, out, Integer.MAX_VALUE, () -> {});
        });
    }

    /** Not at once, because the snapshot then is in flight already, so that waiting doesn't make it too old for that. */
    private void requireLasting() throws SQLException, InterruptedException {
        if (!lasting) {
            WrittenLog.await(connection(), connections, snapshot.lsn());
            lasting = true;
        }
    }

    private long copy(
            String statement,
            Schema schema,
            List<CatalogueColumn> columns,
            BatchWriter out,
            int maxBytes,
            Runnable full)
            throws SQLException, InterruptedException {
        CellDecoder[] decoders =
                columns.stream().map(column -> column.type().copied()).toArray(CellDecoder[]::new);
        CopyRows rows = new CopyRows(decoders, schema, out, maxBytes, () -> apart(full));
        // Between two rows the server may be silent as long as it likes, which the loop below is for, but not within
        // one.
        connection().setNetworkTimeout(Runnable::run, connections.answerMillis());
        CopyOut copy = connection().unwrap(PGConnection.class).getCopyAPI().copyOut(statement);
        int messages = 0;
        boolean silent = false;
        while (copy.isActive()) {
            boolean taken = rows.acceptNext(copy);
            boolean look = !taken || ++messages % ROWS_BETWEEN_INTERRUPT_CHECKS == 0;
            if (taken ? look || silent : !silent) {
                watched.moved();
            }
            silent = !taken;
            if (look && Thread.interrupted()) {
                throw cancelled(schema.table());
            }
        }
        connection().setNetworkTimeout(Runnable::run, Connections.ROWS_SILENCE_MILLIS);
        rows.finish();
        return rows.rows();
    }

    /** What is done with the rows doesn't wait for the server, which may well wait for us meanwhile. */
    private void apart(Runnable work) {
        watched.end();
        work.run();
        watched.begin();
    }

    private InterruptedException cancelled(TableName table) throws SQLException {
        InterruptedException interruption = new InterruptedException("interrupted while reading table " + table);
        try {
            connection().unwrap(PGConnection.class).cancelQuery();
        } catch (
                SQLException
                        e) { // the connection is cut anyway, at which the server ends the query too, a little later
            interruption.addSuppressed(e);
        }
        return interruption;
    }

    /** The schema's columns, by attnum, as this snapshot has them. */
    private static List<CatalogueColumn> columnsOf(Schema schema, CatalogueTable table) {
        if (!schema.columns().equals(table.eventColumns())) {
            throw MillraceException.external(
                    "TABLE_CHANGED",
                    "Cannot read table " + schema.table(),
                    "its columns are not those of version " + schema.version() + " of its schema",
                    "It is read again with its present columns.",
                    null);
        }
        return table.columns();
    }

    /** The table as the snapshot sees it, locked against being altered or rewritten. */
    private CatalogueTable hold(TableName name) throws SQLException {
        CatalogueTable known = tables.get(name);
        if (known != null) {
            return known;
        }
        try (Statement statement = connection().createStatement()) {
            statement.execute("LOCK TABLE " + Quoted.table(name) + " IN ACCESS SHARE MODE");
            CatalogueTable table = catalogued(name);
            refuseRewritten(statement, table);
            tables.put(name, table);
            return table;
        }
    }

    /**
     * A table that was rewritten or truncated after the snapshot was taken looks empty to it (PostgreSQL manual, "Caveats" of MVCC); its file
     * is another then than the one the snapshot's catalogue names.
     */
    private static void refuseRewritten(Statement statement, CatalogueTable table) throws SQLException {
        String rewritten =
                "SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM"
                        + " pg_catalog.pg_relation_filenode(c.oid) AND c.oid IN (SELECT "
                        + table.oid()
                        + "::oid UNION ALL SELECT p.relid FROM pg_catalog.pg_partition_tree("
                        + table.oid()
                        + "::oid::regclass) p)";
        try (ResultSet row = statement.executeQuery(rewritten)) {
            row.next();
            if (row.getLong(1) > 0) {
                throw MillraceException.external(
                        "TABLE_CHANGED",
                        "Cannot read table " + table.name(),
                        "it was rewritten or truncated since the snapshot was taken",
                        "It is read again in a new snapshot.",
                        null);
            }
        }
    }

    private CatalogueTable catalogued(TableName name) throws SQLException {
        Optional<CatalogueTable> table = new Catalogue(connection()).table(name);
        return table.orElseThrow(() -> MillraceException.user(
                "TABLE_NOT_FOUND",
                "Cannot read table " + name,
                "the database has no such table, or it is a partition",
                "Choose the objects again."));
    }

    @Override
    public void end() {
        if (snapshot == null) {
            return;
        }
        attempt("Cannot end a snapshot", () -> {
            try (Statement statement = connection().createStatement()) {
                statement.execute("ROLLBACK");
            }
            forget();
            return null;
        });
    }

    @Override
    public void close() {
        discard();
    }

    private void requireSnapshot() {
        if (snapshot == null) {
            throw new IllegalStateException("no snapshot is open");
        }
    }

    private Connection connection() throws SQLException {
        if (connection == null) {
            connection = connections.reading();
            try (Statement statement = connection.createStatement()) {
                statement.execute(SESSION);
            }
            watched = watch.watch(new ReaderPeer(connections, connection));
            watched.begin();
        }
        return connection;
    }

    private void forget() {
        snapshot = null;
        lasting = false;
        tables.clear();
    }

    /** With a snapshot open, and so maybe a query under way, cuts the connection: then nothing the server does can keep us waiting. */
    private void discard() {
        boolean idle = snapshot == null;
        forget();
        Connection old = connection;
        connection = null;
        if (watched != null) {
            watched.close();
            watched = null;
        }
        if (old != null) {
            try {
                if (idle) {
                    old.close();
                } else {
                    old.abort(Runnable::run);
                }
            } catch (SQLException e) {
                throw PostgresErrors.of("Cannot close a connection", e);
            }
        }
    }

    private interface Attempt<T, E extends Exception> {
        T run() throws SQLException, E;
    }

    private <T, E extends Exception> T attempt(String what, Attempt<T, E> action) throws E {
        if (watched != null) {
            watched.begin();
        }
        try {
            return action.run();
        } catch (SQLException e) {
            MillraceException failure = PostgresErrors.of(what, told(e));
            discardAfter(failure);
            throw failure;
        } catch (OutOfMemoryError e) {
            MillraceException failure = HeapExhausted.of(what, e);
            discardAfter(failure);
            throw failure;
        } catch (Throwable e) {
            discardAfter(e);
            throw e;
        } finally {
            if (watched != null) {
                watched.end();
            }
        }
    }

    /** With the reason, where the connection had to be cut. */
    private SQLException told(SQLException failure) {
        return watched == null
                ? failure
                : watched.cutBecause()
                        .map(reason -> new SQLException(reason, "08006", failure))
                        .orElse(failure);
    }

    private void discardAfter(Throwable failure) {
        try {
            discard();
        } catch (MillraceException e) {
            failure.addSuppressed(e);
        }
    }
}
