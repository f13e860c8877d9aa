package dev.millrace.consume.postgres;

import dev.millrace.consume.destination.TargetName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** What lasts from one load transaction to the next: the connection, its stages, and buffers. Confined to the consumer's thread. */
final class LoadSession {
    private final Connection connection;
    private final Stages stages;
    private final CopyStream out = new CopyStream();
    private final CellWriter cells = new CellWriter();

    /** Tables that a historical COPY met a row of: the next ones are staged at once. */
    private final Set<TargetName> mixed = new HashSet<>();

    LoadSession(Connection connection) throws SQLException {
        this.connection = connection;
        this.stages = new Stages(connection);

        connection.setAutoCommit(false);
    }

    Connection connection() {
        return connection;
    }

    Stages stages() {
        return stages;
    }

    CopyStream out() {
        return out;
    }

    CellWriter cells() {
        return cells;
    }

    Set<TargetName> mixed() {
        return mixed;
    }
}
