package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
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
    private static final long WATCH_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long WATCH_SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long COMMIT_FOLLOWS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PUSH_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long PULSE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MISSES_BEFORE_REST = 250;
    private static final int LOOK_AT_CLOCK_EVERY = 64;
    /** Insert and flush positions may differ by a page's header without anything between them. */
    private static final String UNFLUSHED = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN false"
            + " ELSE pg_catalog.pg_current_wal_insert_lsn() - pg_catalog.pg_current_wal_flush_lsn() > 40 END";

    private final PostgresSettings settings;
    private final Connection connection;
    private final PGReplicationStream stream;
    private final CatalogueLink link;
    private final ChangeDecoder decoder;
    private final ContentWatch watch;
    private final Runnable refit;
    private final AtomicBoolean positionAwaited;
    private final Server server;

    private ByteBuffer ahead;
    private int misses;
    private long statusSentAt = System.nanoTime();
    private long watchedAt = System.nanoTime();
    private long pushedAt = System.nanoTime();
    private final int process;
    private Pulse pulse = Pulse.ALIVE;
    private long heardAt = System.nanoTime();
    private boolean heard;
    private boolean confirmationDue;
    private boolean watchSoon;
    private long flushed;
    private boolean closed;

    /** What a stream is made of; everything in it belongs to the stream from then on and is closed with it. */
    record Parts(
            Connection connection,
            PGReplicationStream stream,
            CatalogueLink link,
            ChangeDecoder decoder,
            ContentWatch watch,
            Server server) {}

    /**
     * @param refit fits the publications again and tells the listener which tables are new in them
     * @param positionAwaited set by any thread while somebody waits for the stream to pass a position; taken back here
     */
    PostgresStream(PostgresSettings settings, Parts parts, Runnable refit, AtomicBoolean positionAwaited)
            throws SQLException {
        this.settings = settings;
        this.connection = parts.connection;
        this.process = parts.connection.unwrap(PGConnection.class).getBackendPID();
        this.stream = parts.stream;
        this.link = parts.link;
        this.decoder = parts.decoder;
        this.watch = parts.watch;
        this.server = parts.server;
        this.refit = refit;
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
                .withSlotOption("proto_version", "1")
                .withSlotOption(
                        "publication_names",
                        Quoted.identifier(settings.publication()) + ","
                                + Quoted.identifier(settings.insertPublication()))
                .withAutomaticFlush(false)
                .withStatusInterval(5, TimeUnit.SECONDS)
                .start();
    }

    @Override
    public StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
            throws InterruptedException {
        long began = System.nanoTime();
        long firstAt = 0;
        boolean wasPart = decoder.partCommit() != 0;
        decoder.beginRead(out);
        try {
            for (int turn = 0; ; turn++) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                ByteBuffer message = next();
                if (message == null) {
                    long waited = System.nanoTime() - began;
                    if (paused(wasPart)
                            || waited
                                    > TimeUnit.MILLISECONDS.toNanos(decoder.written() == 0 ? idleMillis : maxMillis)) {
                        break;
                    }
                } else {
                    decoder.message(message.array(), message.arrayOffset() + message.position(), message.remaining());
                }
                if (firstAt == 0 && decoder.written() > 0) {
                    firstAt = System.nanoTime();
                }
                if (decoder.written() >= maxEvents || out.sizeBytes() >= maxBytes) {
                    takeCommit();
                    break;
                }
                if (turn % LOOK_AT_CLOCK_EVERY == 0 && late(began, firstAt, maxMillis, idleMillis)) {
                    break;
                }
            }
        } catch (SQLException e) {
            throw failed(e);
        }
        watchSoon |= decoder.described();
        return progress();
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
            throw failed(e);
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
        heard |= message != null;
        if (message == null) {
            decoder.idleAt(stream.getLastReceiveLSN().asLong());
            long now = System.nanoTime();
            confirm(now);
            feelPulse(now);
            if (!decoder.inTransaction()) {
                lookAtContent(now);
                pushLog(now);
            }
        }
        return message;
    }

    /** After some silence asks over the other connection, which has a time-out, whether the server still has this one. */
    private void feelPulse(long now) {
        if (heard) {
            heard = false;
            heardAt = now;
            pulse = Pulse.ALIVE;
        } else if (now - heardAt >= PULSE_EVERY_NANOS) {
            Pulse before = pulse;
            pulse = link.ask(
                    "Cannot ask whether the stream of slot '" + settings.slot() + "' is alive",
                    asked -> Pulse.of(asked, process));
            heardAt = System.nanoTime();
            if (pulse.dead(before)) {
                throw MillraceException.external(
                        "CONNECTION_LOST",
                        "Cannot read the changes of slot '" + settings.slot() + "'",
                        "nothing has come for more than " + TimeUnit.NANOSECONDS.toSeconds(PULSE_EVERY_NANOS)
                                + " s, and " + pulse.text(),
                        "Check the network between, and firewalls that forget connections; it is tried again.",
                        null);
            }
        }
    }

    /** Whether the source has nothing more at a transaction's end, and there is something to tell. */
    private boolean paused(boolean wasPart) {
        return !decoder.inTransaction() && (decoder.written() > 0 || wasPart && decoder.partCommit() == 0);
    }

    /** At the limits; without events only so that progress over what is left out gets told. */
    private boolean late(long began, long firstAt, long maxMillis, long idleMillis) {
        return firstAt == 0
                ? System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(idleMillis)
                : System.nanoTime() - firstAt > TimeUnit.MILLISECONDS.toNanos(maxMillis);
    }

    /** A batch that is full with the last change of its transaction ends with the transaction, if the commit is on its way. */
    private void takeCommit() throws SQLException {
        long until = System.nanoTime() + COMMIT_FOLLOWS_NANOS;
        while (decoder.inTransaction() && ahead == null && System.nanoTime() < until) {
            ahead = stream.readPending();
        }
        if (ahead != null
                && ChangeDecoder.isCommit(ahead.array(), ahead.arrayOffset() + ahead.position(), ahead.remaining())) {
            ByteBuffer commit = ahead;
            ahead = null;
            decoder.message(commit.array(), commit.arrayOffset() + commit.position(), commit.remaining());
        }
    }

    private StreamProgress progress() {
        boolean whole = !decoder.inTransaction() && decoder.partCommit() == 0;
        StreamOffset offset = new StreamOffset(
                decoder.end(),
                decoder.partCommit(),
                decoder.partEvents(),
                server.timeline(),
                server.systemId(),
                watch.marks());
        return new StreamProgress(offset.encode(), decoder.written(), whole, decoder.transactions());
    }

    private void confirm(long now) throws SQLException {
        long since = now - statusSentAt;
        if (confirmationDue && since >= CONFIRM_EVERY_NANOS || since >= STATUS_EVERY_NANOS) {
            stream.forceUpdateStatus();
            statusSentAt = now;
            confirmationDue = false;
        }
    }

    private void lookAtContent(long now) {
        if (now - watchedAt < (watchSoon ? WATCH_SOON_NANOS : WATCH_EVERY_NANOS)) {
            return;
        }
        watchSoon = false;
        try {
            link.ask("Cannot compare the catalogue with what it was", asked -> {
                watch.check(asked);
                return null;
            });
            if (watch.takePublicationsStale()) {
                refit.run();
            }
        } finally {
            watchedAt = System.nanoTime();
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

    private MillraceException failed(SQLException failure) {
        String what = "Cannot read the changes of slot '" + settings.slot() + "'";
        if (PostgresErrors.state(failure).equals("42704")) {
            return MillraceException.user(
                    "PUBLICATION_MISSING",
                    what,
                    failure.getMessage()
                            + ": the publication was dropped, or made after changes that are still to be read",
                    "Changes meanwhile were not published. " + settings.loadAnew());
        }
        return PostgresErrors.of(what, failure);
    }
}
