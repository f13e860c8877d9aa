package dev.millrace.ingest.postgres;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a slot's changes piece by piece: one binary COPY of {@code pg_logical_slot_peek_binary_changes} after another, each up to a place in
 * the change log. A piece ends where no transaction is open. The server decodes a whole piece before it sends the first byte, and keeps it in
 * work_mem and temporary files meanwhile; so pieces are bounded, and their beginning is waited for on a thread of its own. The slot stays
 * where it is until {@link #begin} is told how far it may let go.
 *
 * <p>The server begins to read the log at the slot's restart_lsn each time, which only moves on with its own records of running transactions:
 * pieces grow with that distance, so that reading it again stays cheap against the piece.
 *
 * <p>Confined to the stream's thread, but for what {@code begin} starts.
 */
final class SlotPiece implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotPiece.class);
    private static final int LARGEST_FACTOR = 4;
    /** The first piece is this part of a usual one, each that follows twice the one before. */
    private static final int FIRST_PART = 4;

    private static final int READ_AT_ONCE = 63;
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int HEADER_BYTES = SIGNATURE.length + 8;
    /** Before a message: one field, and its length. */
    private static final int ROW_BYTES = 6;

    private static final String WHERE = "SELECT (CASE WHEN pg_catalog.pg_is_in_recovery() THEN"
            + " pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_flush_lsn() END)::text, s.restart_lsn::text"
            + " FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = ";

    /** A piece that the server has decoded: up to where, and its messages. */
    private record Decoded(long upTo, CopyOut copy) {}

    private final Connections connections;
    private final PostgresSettings settings;
    private volatile Connection connection;
    private volatile boolean closed;
    private FutureTask<Optional<Decoded>> decoding;
    private Decoded piece;
    private boolean headed;
    private int toReadAtOnce;
    /** Of the last piece; 0 before the first. */
    private long leastBytes;

    SlotPiece(Connections connections) {
        this.connections = connections;
        this.settings = connections.settings();
    }

    /** How much log waits behind {@code from}, in bytes. */
    static long waiting(Connection asked, PostgresSettings settings, long from) throws SQLException {
        try (Statement statement = asked.createStatement();
                ResultSet row = statement.executeQuery(WHERE + Quoted.literal(settings.slot()))) {
            return row.next() ? Lsn.parse(row.getString(1)) - from : 0;
        }
    }

    /**
     * Asks for the next piece, on a thread of its own.
     *
     * @param end where the last piece ended; there is none more when little waits behind it
     * @param release everything before is durable here: the slot may let go of it; 0 for nothing
     */
    void begin(long end, long release) {
        piece = null;
        decoding = new FutureTask<>(() -> decode(end, release));
        Thread thread = new Thread(decoding, settings.pipeline() + "-catch-up");
        thread.setDaemon(true);
        thread.start();
    }

    /** The server's process at work for us, 0 before there is one. */
    int process() throws SQLException {
        Connection open = connection;
        return open == null ? 0 : open.unwrap(PGConnection.class).getBackendPID();
    }

    /** Whether a piece was asked for and has not come to its end. */
    boolean underWay() {
        return decoding != null;
    }

    boolean decoded() {
        return piece != null;
    }

    /**
     * Waits for the server to have decoded the piece.
     *
     * @return whether there is one; empty while the server is at it
     */
    Optional<Boolean> await(long millis) throws InterruptedException, SQLException {
        try {
            Optional<Decoded> result = decoding.get(millis, TimeUnit.MILLISECONDS);
            piece = result.orElse(null);
            headed = false;
            toReadAtOnce = 0;
            if (piece == null) {
                decoding = null;
            } else {
                // What is sent now comes without long pauses, so a dead network shows.
                connection.setNetworkTimeout(Runnable::run, connections.answerMillis());
            }
            return Optional.of(piece != null);
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            decoding = null;
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /**
     * The next pgoutput message; null when none came within about a millisecond, or the piece has ended. Looking without waiting is a system
     * call each time; a piece that flows is read by waiting, which ends with the connection's time-out at the latest.
     */
    ByteBuffer next() throws SQLException {
        boolean flowing = toReadAtOnce > 0;
        byte[] message = piece.copy.readFromCopy(flowing);
        if (message == null) {
            toReadAtOnce = 0;
            return null;
        }
        LastRow.forget(piece.copy, message.length);
        toReadAtOnce = flowing ? toReadAtOnce - 1 : READ_AT_ONCE;
        int at = 0;
        if (!headed) {
            requireHeader(message);
            headed = true;
            at = HEADER_BYTES;
            if (message.length == at) {
                return null;
            }
        }
        if (message.length - at == 2 && message[at] == -1 && message[at + 1] == -1) {
            return null; // the end mark
        }
        if (message.length - at < ROW_BYTES
                || message[at] != 0
                || message[at + 1] != 1
                || BinaryDecoders.intAt(message, at + 2) != message.length - at - ROW_BYTES) {
            throw Malformed.copy("a message of " + (message.length - at) + " bytes is no row of one field");
        }
        return ByteBuffer.wrap(message, at + ROW_BYTES, message.length - at - ROW_BYTES);
    }

    private static void requireHeader(byte[] message) {
        if (message.length < HEADER_BYTES
                || !Arrays.equals(message, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)
                || BinaryDecoders.intAt(message, SIGNATURE.length) != 0
                || BinaryDecoders.intAt(message, SIGNATURE.length + 4) != 0) {
            throw Malformed.copy("its header is not that of the known version");
        }
    }

    /** Whether all of the piece was read; {@link #end} then says how far it went. */
    boolean ended() {
        return !piece.copy.isActive();
    }

    /** Ends a piece that was read to its end: no transaction that was committed before the returned place is still to come. */
    long end() {
        long upTo = piece.upTo;
        piece = null;
        decoding = null;
        return upTo;
    }

    private Optional<Decoded> decode(long end, long release) throws SQLException {
        Connection open = open();
        open.setNetworkTimeout(Runnable::run, 0); // the stream's thread watches over it
        String slot = Quoted.literal(settings.slot());
        try (Statement statement = open.createStatement()) {
            long present;
            long restart;
            try (ResultSet row = statement.executeQuery(WHERE + slot)) {
                if (!row.next()) {
                    throw Slot.missing(settings);
                }
                present = Lsn.parse(row.getString(1));
                restart = row.getString(2) == null ? end : Lsn.parse(row.getString(2));
            }
            if (release != 0) {
                statement.execute(
                        "SELECT pg_catalog.pg_replication_slot_advance(" + slot + ", '" + Lsn.text(release) + "')");
            }
            long usual = settings.catchUpBytes();
            if (present - end < usual / 4) {
                return Optional.empty();
            }
            // small at first: until the server has decoded one, log and destination have nothing to do
            leastBytes = leastBytes == 0 ? Math.max(1, usual / FIRST_PART) : Math.min(usual, 2 * leastBytes);
            long size = Math.max(leastBytes, Math.min(LARGEST_FACTOR * usual, end - restart));
            long upTo = Math.min(present, end + size);
            String copy = "COPY (SELECT data FROM pg_catalog.pg_logical_slot_peek_binary_changes(" + slot + ", '"
                    + Lsn.text(upTo) + "', NULL, 'proto_version', '" + PostgresStream.PROTOCOL
                    + "', 'publication_names', " + Quoted.literal(settings.publicationNames())
                    + ")) TO STDOUT (FORMAT binary)";
            return Optional.of(new Decoded(
                    upTo, open.unwrap(PGConnection.class).getCopyAPI().copyOut(copy)));
        }
    }

    private Connection open() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = connections.decoding();
            connection = open;
            if (closed) { // between the two lines above: then it was not seen there
                open.abort(Runnable::run);
            }
        }
        return open;
    }

    /** Breaks off what is under way. Bounded: the server is asked to end it, and the connection is cut. */
    @Override
    public void close() {
        closed = true;
        Connection open = connection;
        if (open == null) {
            return;
        }
        try {
            if (decoding == null) {
                open.close();
            } else {
                open.unwrap(PGConnection.class).cancelQuery();
            }
        } catch (SQLException e) {
            LOG.debug("postgres: ending a piece of slot {} failed", settings.slot(), e);
        }
        try {
            open.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("postgres: closing a connection failed", e);
        }
    }
}
