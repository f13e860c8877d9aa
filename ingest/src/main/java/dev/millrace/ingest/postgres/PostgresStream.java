package dev.millrace.ingest.postgres;

import dev.millrace.config.error.HeapExhausted;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.storage.batch.BatchWriter;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open stream of one slot.
 *
 * <p>Waiting: {@code readPending} of the driver looks for a message for at most a millisecond, blocked on the socket, and returns when its
 * first byte comes. So a loop of it wakes at once for data, keeps time, answers the server's keepalives as they come, and never breaks off
 * inside a message, as a socket time-out on {@code read} would. Each look costs a
 * timer exception of the socket, so a stream that has been quiet for a while rests some milliseconds between two of them.
 *
 * <p>Confirming: the server is told of nothing but what {@link #acknowledge} got; what the driver adds of its own accord is only where it has
 * received to, which frees nothing. Outside transactions the server's own position (in its keepalives) becomes the offset, so an idle
 * database's log is let go of too.
 *
 * <p>Confined to the stream's thread.
 */
final class PostgresStream implements StreamReader {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresStream.class);
    private static final long STATUS_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long CONFIRM_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long REST_FOLLOWS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PUSH_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final int MISSES_BEFORE_REST = 250;
    private static final int LOOK_AT_CLOCK_EVERY = 64;
    /** Insert and flush positions may differ by a page's header without anything between them. */
    private static final String UNFLUSHED = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN false"
            + " ELSE pg_catalog.pg_current_wal_insert_lsn() - pg_catalog.pg_current_wal_flush_lsn() > 40 END";

    /** pgoutput's oldest protocol: whole transactions only, in the order of their commits. */
    static final String PROTOCOL = "1";

    private final PostgresSettings settings;
    private final Connection connection;
    private final PGReplicationStream stream;
    private final CatalogueLink link;
    private final ChangeDecoder decoder;
    private final ContentRounds rounds;
    private final AtomicBoolean positionAwaited;
    private final Server server;
    private final Heartbeat heartbeat;

    private ByteBuffer ahead;
    private int misses;
    private long statusSentAt = System.nanoTime();
    private long pushedAt = System.nanoTime();
    private boolean confirmationDue;
    private long flushed;
    private boolean closed;

    /** What a stream is made of; everything in it belongs to the stream from then on and is closed with it. */
    record Parts(
            Connection connection,
            PGReplicationStream stream,
            CatalogueLink link,
            ChangeDecoder decoder,
            ContentRounds rounds,
            Server server) {}

    /**
     * @param positionAwaited set by any thread while somebody waits for the stream to pass a position; taken back here
     */
    PostgresStream(PostgresSettings settings, Parts parts, AtomicBoolean positionAwaited) throws SQLException {
        this.settings = settings;
        this.connection = parts.connection;
        this.stream = parts.stream;
        this.link = parts.link;
        this.decoder = parts.decoder;
        this.rounds = parts.rounds;
        this.server = parts.server;
        this.heartbeat = new Heartbeat(settings, parts.link);
        heartbeat.of(parts.connection.unwrap(PGConnection.class).getBackendPID());
        this.positionAwaited = positionAwaited;
    }

    /** Starts the slot's stream on a walsender. */
    static PGReplicationStream start(Connection walsender, PostgresSettings settings, StreamOffset from)
            throws SQLException {
        return walsender
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(settings.slot())
                .withStartPosition(LogSequenceNumber.valueOf(from.end()))
                .withSlotOption("proto_version", PROTOCOL)
                .withSlotOption("publication_names", settings.publicationNames())
                .withAutomaticFlush(false)
                .withStatusInterval(5, TimeUnit.SECONDS)
                .start();
    }

    @Override
    public StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
            throws InterruptedException {
        long began = System.nanoTime();
        long firstAt = 0;
        BatchEnd end = new BatchEnd(decoder, out, maxEvents, maxBytes);
        decoder.beginRead(out);
        try {
            for (int turn = 0; ; turn++) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (!take()) {
                    long waited = System.nanoTime() - began;
                    if (end.paused()
                            || waited
                                    > TimeUnit.MILLISECONDS.toNanos(decoder.written() == 0 ? idleMillis : maxMillis)) {
                        break;
                    }
                }
                if (firstAt == 0 && decoder.written() > 0) {
                    firstAt = System.nanoTime();
                }
                if (end.restTaken()) {
                    break;
                }
                if (end.full() || turn % LOOK_AT_CLOCK_EVERY == 0 && late(began, firstAt, maxMillis, idleMillis)) {
                    takeRest(end);
                    break;
                }
            }
        } catch (SQLException e) {
            throw PostgresErrors.streaming(settings, e);
        } catch (OutOfMemoryError e) {
            throw HeapExhausted.of("Cannot read the changes of replication slot '" + settings.slot() + "'", e);
        }
        rounds.soonIf(decoder.described());
        return decoder.progress(server, rounds.marks());
    }

    @Override
    public void acknowledge(byte[] offset) {
        long end = StreamOffset.decode(offset).end();
        if (Long.compareUnsigned(end, flushed) > 0) {
            flushed = end;
            LogSequenceNumber lsn = LogSequenceNumber.valueOf(end);
            stream.setFlushedLSN(lsn);
            stream.setAppliedLSN(lsn);
            confirmationDue = true;
        }
        try {
            confirm(System.nanoTime());
        } catch (SQLException e) {
            throw PostgresErrors.streaming(settings, e);
        }
    }

    /** Bounded: the driver's farewell is cut short by closing its socket first when it does not go through. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        link.close();
        try {
            // The server ends the walsender when the socket goes; waiting for it to finish a large transaction first
            // would take unbounded time.
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("postgres: closing the stream of slot {} failed", settings.slot(), e);
        }
    }

    /** Decodes the next message; false when none came within about a millisecond. Holds it no longer than that: it may be outsize. */
    private boolean take() throws SQLException {
        ByteBuffer message = next();
        if (message == null) {
            return false;
        }
        decoder.message(message.array(), message.arrayOffset() + message.position(), message.remaining());
        return true;
    }

    /** The next message, null when none came within about a millisecond. */
    private ByteBuffer next() throws SQLException {
        ByteBuffer message = ahead;
        if (message != null) {
            ahead = null;
            return message;
        }
        if (misses > MISSES_BEFORE_REST) {
            LockSupport.parkNanos(REST_NANOS);
        }
        message = stream.readPending();
        misses = message == null ? misses + 1 : 0;
        if (message != null) {
            heartbeat.heard();
        } else {
            decoder.idleAt(stream.getLastReceiveLSN().asLong());
            long now = System.nanoTime();
            confirm(now);
            heartbeat.feel(now, stream.getLastReceiveLSN().asLong());
            if (!decoder.inTransaction()) {
                rounds.lookIfDue(now);
                pushLog(now);
            }
        }
        return message;
    }

    /** At the limits; without events only so that progress over what is left out gets told. */
    private boolean late(long began, long firstAt, long maxMillis, long idleMillis) {
        return firstAt == 0
                ? System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(idleMillis)
                : System.nanoTime() - firstAt > TimeUnit.MILLISECONDS.toNanos(maxMillis);
    }

    /** What a full batch's last transaction lacks, if it is on its way. */
    private void takeRest(BatchEnd end) throws SQLException {
        long until = System.nanoTime() + REST_FOLLOWS_NANOS;
        while (decoder.inTransaction() && !end.alone()) {
            if (ahead == null) {
                ahead = stream.readPending();
            }
            if (ahead == null) {
                if (System.nanoTime() >= until) {
                    return;
                }
            } else if (end.takes(ahead)) {
                ByteBuffer message = ahead;
                ahead = null;
                decoder.message(message.array(), message.arrayOffset() + message.position(), message.remaining());
            } else {
                return;
            }
        }
    }

    private void confirm(long now) throws SQLException {
        long since = now - statusSentAt;
        if (confirmationDue && since >= CONFIRM_EVERY_NANOS || since >= STATUS_EVERY_NANOS) {
            stream.forceUpdateStatus();
            statusSentAt = now;
            confirmationDue = false;
        }
    }

    /**
     * Log without a commit (hint bits of a table just read, for one) stays in the server's buffers for up to fifteen seconds, and a
     * position taken there is not reached until then. While someone waits for one, a message of our own, which nobody's decoding shows,
     * brings it out.
     */
    private void pushLog(long now) {
        if (now - pushedAt < PUSH_EVERY_NANOS || !positionAwaited.getAndSet(false)) {
            return;
        }
        pushedAt = now;
        link.ask("Cannot bring out the server's log", asked -> {
            try (Statement statement = asked.createStatement();
                    ResultSet row = statement.executeQuery(UNFLUSHED)) {
                if (row.next() && row.getBoolean(1)) {
                    statement.execute("SELECT pg_catalog.pg_logical_emit_message(true, 'millrace', '')");
                }
            }
            return null;
        });
    }
}
