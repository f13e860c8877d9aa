package dev.millrace.consume.duckdb;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExhaustedException;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.ExistingTable.ExistingColumn;
import dev.millrace.consume.destination.FencedException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipeline's place in one database file. The file stays open, and so locked against other processes, from the first claim to {@link
 * #close}. The loading connection is thrown away when a transaction fails for anything but its rows, since DuckDB may have invalidated it.
 */
final class DuckDbDestination implements Destination {
    /** Identifiers have no limit in DuckDB; this one keeps them readable. */
    private static final NamingRules NAMING = new NamingRules(200, false, "main");

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbDestination.class);

    private final String pipeline;
    private final DuckDbFile file;
    private final DuckDbErrors errors;
    private final PositionTable positions;
    private final MemoryGrant memory;
    private final TableFacts<String> comments = TableMarks.comments();
    private final TableFacts<Declarations.Declaration> declarations = Declarations.all();
    private final int leastRows;
    private DuckDBConnection loading;
    /** Of the loading connection. */
    private RowsFunction function;

    private Checkpoints checkpoints;
    private Threads threads;
    /** Tables with texts that DuckDB doesn't take for JSON. */
    private final Set<TargetName> appended = new HashSet<>();

    private long epoch = -1;

    DuckDbDestination(String pipeline, DuckDbFile file) {
        this(pipeline, file, VectorRows.LEAST_ROWS);
    }

    /** @param leastRows loads of fewer rows are appended */
    DuckDbDestination(String pipeline, DuckDbFile file, int leastRows) {
        this.leastRows = leastRows;
        this.pipeline = pipeline;
        this.file = file;
        this.errors = file.errors();
        this.positions = new PositionTable(pipeline);
        this.memory = new MemoryGrant(file.memoryLimitBytes());
    }

    @Override
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        Path path = file.path().toAbsolutePath();
        boolean there = Files.exists(path);
        findings.add(Finding.ok("file", path + (there ? " exists" : " will be made")));
        try (DuckDBConnection connection = file.open();
                Statement statement = connection.createStatement()) {
            findings.add(Finding.ok("open", "opened and locked"));
            try (ResultSet version = statement.executeQuery("SELECT version()")) {
                version.next();
                findings.add(Finding.ok("version", "DuckDB " + version.getString(1)));
            }
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE main.__millrace_probe (probe INTEGER)");
            connection.rollback();
            findings.add(Finding.ok("write", "a table can be made"));
        } catch (SQLException e) {
            MillraceException explained = errors.explain(e, "");
            findings.add(Finding.failed(
                    "write", explained.code(), explained.what() + ": " + explained.why(), explained.remedy()));
        } catch (MillraceException e) {
            findings.add(Finding.failed("open", e.code(), e.what() + ": " + e.why(), e.remedy()));
            findings.add(Finding.skipped("version", "the file can't be opened"));
            findings.add(Finding.skipped("write", "the file can't be opened"));
        }
        return findings;
    }

    @Override
    public NamingRules naming() {
        return NAMING;
    }

    @Override
    public String columnType(DataType type) {
        return DuckDbTypes.name(type);
    }

    @Override
    public Optional<ExistingTable> describe(TargetName table) {
        // The catalogue's views and functions walk through all tables, which takes a tenth of a second where there are
        // thousands.
        try (DuckDBConnection connection = file.open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("DESCRIBE " + Sql.name(table))) {
            List<ExistingColumn> columns = new ArrayList<>();
            while (rows.next()) {
                columns.add(new ExistingColumn(rows.getString(1), rows.getString(2), "YES".equals(rows.getString(3))));
            }
            return Optional.of(new ExistingTable(table, columns, TableMarks.identity(comments.of(connection, table))));
        } catch (SQLException e) {
            if (DuckDbErrors.isNoSuchTable(e)) {
                return Optional.empty();
            }
            throw errors.explain(e, table.toString());
        }
    }

    @Override
    public Optional<Long> claim() {
        Connection connection = loading();
        try {
            connection.setAutoCommit(true);
            positions.make(connection);
            epoch = positions.claim(connection);
            return positions.committed(connection);
        } catch (SQLException e) {
            discard();
            throw errors.explain(e, "");
        }
    }

    @Override
    public Optional<Long> committedIndex() {
        try (DuckDBConnection connection = file.open()) {
            return positions.exists(connection) ? positions.committed(connection) : Optional.empty();
        } catch (SQLException e) {
            throw errors.explain(e, "");
        }
    }

    @Override
    public long replayed() {
        try (DuckDBConnection connection = file.open()) {
            return positions.exists(connection) ? positions.replayed(connection) : 0;
        } catch (SQLException e) {
            throw errors.explain(e, "");
        }
    }

    @Override
    public LoadTransaction begin() {
        if (epoch < 0) {
            throw new IllegalStateException("begin before claim");
        }
        DuckDBConnection connection = loading();
        try {
            connection.setAutoCommit(false);
            threads.together();
            if (positions.epoch(connection) != epoch) {
                connection.rollback();
                throw new FencedException(pipeline);
            }
            return new DuckDbTransaction(connection, this);
        } catch (SQLException e) {
            discard();
            throw errors.explain(e, "");
        }
    }

    /**
     * Commits what {@code connection} has done, the position, and the number of the replay it was, 0 where it was none.
     *
     * @param bulk whether it is a window of a historical load, of which more follow
     */
    void commit(Connection connection, long logIndex, long replay, boolean bulk) {
        try {
            checkpoints.bulk(bulk);
            if (replay > 0) {
                positions.replayed(connection, replay);
            }
            if (!positions.advance(connection, epoch, logIndex)) {
                throw new FencedException(pipeline);
            }
            connection.commit();
        } catch (SQLException e) {
            settle(e, logIndex, replay);
        }
    }

    /** A commit that failed: what the file says now decides. */
    private void settle(SQLException failure, long logIndex, long replay) {
        discard();
        try (DuckDBConnection connection = file.open()) {
            if (positions.epoch(connection) != epoch) {
                throw new FencedException(pipeline);
            }
            Optional<Long> committed = positions.committed(connection);
            if (committed.isEmpty()
                    || committed.get() != logIndex
                    || replay > 0 && positions.replayed(connection) != replay) {
                throw explain(failure, "");
            }
        } catch (SQLException e) {
            failure.addSuppressed(e);
            throw errors.explain(failure, "");
        }
    }

    /** What tables are known by. */
    TableFacts<String> comments() {
        return comments;
    }

    TableFacts<Declarations.Declaration> declarations() {
        return declarations;
    }

    /** After a commit that changed tables: what the write-ahead log would have to replay is kept small. */
    void checkpoint(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute("CHECKPOINT");
        } catch (SQLException e) {
            // another connection is writing: the next checkpoint will do
            LOG.debug("{}: no checkpoint now: {}", file.path(), e.getMessage());
        }
    }

    /** As {@link DuckDbErrors#explain}; a load that failed for want of memory finds more of it, up to the limit, when it is tried again. */
    MillraceException explain(SQLException error, String table) {
        MillraceException explained = errors.explain(error, table);
        if (explained instanceof ExhaustedException && memory.raise()) {
            LOG.info(
                    "{}: DuckDB gets {} MB of memory, a load needed more than it had: {}",
                    file.path(),
                    memory.grantedBytes() >> 20,
                    explained.why());
            return new ExhaustedException(explained.what(), explained.why(), explained.remedy(), error, true);
        }
        return explained;
    }

    /** Gives rows of large loads into the table; null where they are to be appended. */
    RowsFunction function(TargetName table) {
        return appended.contains(table) ? null : function;
    }

    /** DuckDB refused a text as JSON, which it takes as it is when rows are appended; so that is how the same load, tried again, is done. */
    MillraceException appendingFromNowOn(TargetName table, SQLException refusal) {
        appended.add(table);
        LOG.info("{}: rows of table '{}' are appended from now on", file.path(), table);
        return new ExhaustedException(
                "Rows of table '" + table + "' have to be loaded in another way",
                "DuckDB refuses a text as JSON",
                "That is done at once, by itself.",
                refusal,
                true);
    }

    private DuckDBConnection loading() {
        if (loading == null) {
            loading = file.open();
            comments.hold();
            declarations.hold();
            try {
                memory.apply(loading);
                inUtc(loading);
                threads = new Threads(loading, file.threads());
                threads.begin();
                function = RowsFunction.register(loading, leastRows, threads);
                checkpoints = new Checkpoints(loading);
            } catch (SQLException e) {
                discard();
                throw errors.explain(e, "");
            }
        }
        return loading;
    }

    /** Where a column's type is widened DuckDB makes instants of times, and texts of instants, by the session's zone, which is the machine's. */
    private static void inUtc(DuckDBConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION TimeZone = 'UTC'");
        }
    }

    /**
     * Rolls back what the loading connection has done.
     *
     * @param broken whether it isn't to be used again; else it stays, because the database is closed with the last connection, and what
     *     is refused would open it again for every part of a search
     */
    void takeBack(boolean broken) {
        if (loading == null || broken) {
            discard(); // closing it rolls back
            return;
        }
        try {
            loading.rollback();
        } catch (SQLException e) {
            LOG.debug("{}: rolling back failed, so the connection is closed: {}", file.path(), e.getMessage());
            discard();
        }
    }

    /** Closes the loading connection; the next use opens another. */
    void discard() {
        DuckDBConnection connection = loading;
        loading = null;
        function = null;
        checkpoints = null;
        threads = null;
        comments.letGo();
        declarations.letGo();
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.warn("{}: closing a connection failed: {}", file.path(), e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        discard();
    }
}
