package dev.millrace.consume.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.peer.PeerWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A PostgreSQL database as a destination. One connection is kept for loads, on the consumer's thread, and one for
 * each lane; one more, under a lock, answers
 * questions from any thread; the position is read on one of its own. All but {@link #describe} is the consumer's thread.
 */
final class PostgresDestination implements Destination, TablesApart {
    private final PostgresSettings settings;
    private final Connections connections;
    private final Positions positions;
    private final Object askingLock = new Object();
    private final PeerWatch watch;
    private Connection asking;
    private final Left left = new Left();
    private final KnownTables tables = new KnownTables();
    private final LoadLane lane;
    private volatile long epoch;

    PostgresDestination(PostgresSettings settings) {
        this(settings, new TargetName(settings.defaultSchema(), Positions.TABLE));
    }

    /** @param bookkeeping the table in which the position is kept */
    PostgresDestination(PostgresSettings settings, TargetName bookkeeping) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.positions = new Positions(settings.pipeline(), bookkeeping);
        this.watch = new PeerWatch("peer-watch-" + settings.pipeline(), settings.peerTimeout());
        this.lane = newLane();
    }

    @Override
    public List<Finding> check() {
        return new PostgresCheck(connections).run();
    }

    @Override
    public NamingRules naming() {
        return new NamingRules(Quoted.MAX_NAME_BYTES, true, settings.defaultSchema());
    }

    @Override
    public String columnType(DataType type) {
        return ColumnType.of(type).sql();
    }

    @Override
    public Optional<ExistingTable> describe(TargetName table) {
        synchronized (askingLock) {
            boolean reused = asking != null;
            try {
                if (!reused) {
                    asking = connections.asking();
                }
                return Catalogue.describe(asking, table);
            } catch (SQLException e) {
                Connections.closeAfter(asking, e);
                asking = null;
                if (reused && PostgresErrors.isLost(e)) {
                    return describe(table);
                }
                throw PostgresErrors.of("Cannot describe table '" + table + "'", e);
            }
        }
    }

    @Override
    public Optional<Long> claim() {
        try (Connection connection = connections.asking()) {
            left.end(connection);
            Positions.Claim claim = positions.claim(connection);
            epoch = claim.epoch();
            tables.forget();
            return claim.logIndex();
        } catch (SQLException e) {
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't claim its position at " + settings.address(), e);
        }
    }

    @Override
    public Optional<Long> committedIndex() {
        try (Connection connection = connections.asking()) {
            left.end(connection);
            return positions.logIndex(connection);
        } catch (SQLException e) {
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't read its position at " + settings.address(), e);
        }
    }

    @Override
    public long replayed() {
        try (Connection connection = connections.asking()) {
            left.end(connection);
            return positions.replayed(connection);
        } catch (SQLException e) {
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't read its replays at " + settings.address(), e);
        }
    }

    @Override
    public LoadTransaction begin() {
        return lane.begin();
    }

    @Override
    public int runners() {
        return settings.fast() ? settings.maxRunners() : 1;
    }

    @Override
    public Duration runnerIdle() {
        return settings.runnerIdle();
    }

    @Override
    public Map<String, Long> tablePositions() {
        try (Connection connection = connections.asking()) {
            left.end(connection);
            return positions.tables(connection);
        } catch (SQLException e) {
            throw PostgresErrors.of(
                    "Pipeline '" + settings.pipeline() + "' can't read its tables' positions at " + settings.address(),
                    e);
        }
    }

    @Override
    public Lane lane() {
        return newLane();
    }

    private LoadLane newLane() {
        return new LoadLane(connections, positions, watch, left, () -> epoch, tables);
    }

    @Override
    public void close() {
        SQLException failure = new SQLException("closing");
        lane.discard(failure);
        watch.close();
        synchronized (askingLock) {
            Connections.closeAfter(asking, failure);
            asking = null;
        }
        if (failure.getSuppressed().length > 0) {
            throw PostgresErrors.of(
                    "Cannot close the connections to " + settings.address(), (SQLException) failure.getSuppressed()[0]);
        }
    }
}
