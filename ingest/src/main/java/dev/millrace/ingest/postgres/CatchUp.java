package dev.millrace.ingest.postgres;

import dev.millrace.config.error.HeapExhausted;
import dev.millrace.ingest.source.StreamProgress;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.storage.batch.BatchWriter;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream that begins far behind: reads the slot's changes by its SQL function in pieces, which spares the server a send for each of them, and
 * goes over to streaming when little is left, or where the server can't do it that way. What comes out is the same either way, down to the
 * events' ids: pgoutput writes the same messages, and a batch's offset is where its last transaction ended.
 *
 * <p>The slot lets go only of what {@link #acknowledge} got, between two pieces; the next one is asked for when all of the last one is
 * acknowledged, because the server would send the rest again.
 *
 * <p>Confined to the stream's thread.
 */
final class CatchUp implements StreamReader {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);
    private static final int LOOK_AT_CLOCK_EVERY = 64;
    private static final long AWAIT_MILLIS = 5;
    private static final long REST_NANOS = TimeUnit.MICROSECONDS.toNanos(300);
    /** A piece that is not read holds a snapshot at the server: after so long it is given up, and read again later. */
    private static final long LEFT_ALONE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Connections connections;
    private final PostgresSettings settings;
    private final CatalogueLink link;
    private final ChangeDecoder decoder;
    private final ContentRounds rounds;
    private final Server server;
    private final Supplier<StreamReader> streaming;
    private final Heartbeat heartbeat;
    private SlotPiece pieces;
    private StreamReader stream;
    private ByteBuffer ahead;
    /** The offset behind the last events handed on. */
    private long handedOn;

    private byte[] acknowledged;
    private long acknowledgedEnd;
    private long released;
    private long readAt = System.nanoTime();
    private boolean closed;

    /** What the reader is made of; all of it passes on to the stream that follows. */
    record Parts(
            Connections connections, CatalogueLink link, ChangeDecoder decoder, ContentRounds rounds, Server server) {}

    /**
     * @param from where it begins; everything before is durable
     * @param streaming opens the stream that goes on where the decoder stands, and takes over the parts
     */
    CatchUp(Parts parts, StreamOffset from, Supplier<StreamReader> streaming) {
        this.connections = parts.connections;
        this.settings = parts.connections.settings();
        this.link = parts.link;
        this.decoder = parts.decoder;
        this.rounds = parts.rounds;
        this.server = parts.server;
        this.streaming = streaming;
        this.heartbeat = new Heartbeat(settings, parts.link);
        this.pieces = new SlotPiece(parts.connections);
        this.handedOn = from.end();
        this.acknowledgedEnd = from.end();
    }

    @Override
    public StreamProgress read(BatchWriter out, int maxEvents, int maxBytes, long maxMillis, long idleMillis)
            throws InterruptedException {
        if (stream != null) {
            return stream.read(out, maxEvents, maxBytes, maxMillis, idleMillis);
        }
        long began = System.nanoTime();
        long untilFirst = began + TimeUnit.MILLISECONDS.toNanos(idleMillis);
        long until = 0;
        BatchEnd end = new BatchEnd(decoder, out, maxEvents, maxBytes);
        decoder.beginRead(out);
        try {
            for (int turn = 0; stream == null; turn++) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                boolean pieceEnded = step();
                boolean some = decoder.written() > 0;
                if (end.full()) {
                    takeRest(end);
                    break;
                }
                if (end.restTaken() || pieceEnded && some) {
                    break;
                }
                if (turn % LOOK_AT_CLOCK_EVERY == 0 || !pieces.decoded()) {
                    long now = System.nanoTime();
                    until = some && until == 0 ? now + TimeUnit.MILLISECONDS.toNanos(maxMillis) : until;
                    if (now - (some ? until : untilFirst) > 0) {
                        break;
                    }
                }
            }
        } catch (SQLException e) {
            throw PostgresErrors.streaming(settings, e);
        } catch (OutOfMemoryError e) {
            throw HeapExhausted.of("Cannot read the changes of replication slot '" + settings.slot() + "'", e);
        }
        readAt = System.nanoTime();
        rounds.soonIf(decoder.described());
        if (decoder.written() > 0) {
            handedOn = decoder.end();
        }
        return decoder.progress(server, rounds.marks());
    }

    /** One message, one wait, or the way to the next piece; true at a piece's end. */
    private boolean step() throws SQLException, InterruptedException {
        if (pieces.decoded()) {
            return message();
        }
        if (pieces.underWay()) {
            awaitPiece();
        } else if (Long.compareUnsigned(acknowledgedEnd, handedOn) < 0 || decoder.written() > 0) {
            LockSupport.parkNanos(REST_NANOS); // the log is being synced, which takes some milliseconds
        } else {
            rounds.lookIfDue(System.nanoTime());
            // before it is asked to move on, which the server refuses with other words where somebody has moved it
            // further
            Slot.requireStillBehind(link, settings, decoder.end());
            pieces.begin(decoder.end(), acknowledgedEnd == released ? 0 : acknowledgedEnd);
            released = acknowledgedEnd;
        }
        return false;
    }

    private boolean message() throws SQLException {
        ByteBuffer message = ahead != null ? ahead : pieces.next();
        ahead = null;
        if (message != null) {
            heartbeat.heard();
            decoder.message(message.array(), message.arrayOffset() + message.position(), message.remaining());
        } else if (pieces.ended()) {
            if (decoder.inTransaction()) {
                throw MessageBytes.malformed("a piece of the slot ends inside a transaction");
            }
            decoder.idleAt(pieces.end());
            return true;
        } else {
            heartbeat.feel(System.nanoTime(), 0);
        }
        return false;
    }

    private void awaitPiece() throws SQLException, InterruptedException {
        Optional<Boolean> there;
        try {
            there = pieces.await(AWAIT_MILLIS);
        } catch (SQLException e) {
            if (!cannot(e)) {
                throw e;
            }
            LOG.warn(
                    "postgres: slot {} is streamed, although {} could be read faster by its SQL function: {}",
                    settings.slot(),
                    settings.address(),
                    e.getMessage());
            goOver();
            return;
        }
        if (there.isEmpty()) {
            heartbeat.of(pieces.process());
            heartbeat.feel(System.nanoTime(), 0);
        } else if (there.get()) {
            heartbeat.of(pieces.process());
            // between two pieces the slot is free, and one that was moved leaves out changes without a word
            Slot.requireStillBehind(link, settings, decoder.end());
        } else {
            goOver();
        }
    }

    /** Whether this server lacks the means (temporary space, memory, the right to call the function) for what streaming does without. */
    private static boolean cannot(SQLException failure) {
        String state = PostgresErrors.state(failure);
        return state.startsWith("53") || state.startsWith("54") || state.equals("42501") || state.startsWith("0A");
    }

    private void goOver() {
        pieces.close();
        stream = streaming.get();
        if (acknowledged != null) {
            stream.acknowledge(acknowledged);
        }
    }

    /** What a full batch's last transaction lacks; the rest of a piece is there. */
    private void takeRest(BatchEnd end) throws SQLException {
        while (decoder.inTransaction() && pieces.decoded() && !end.alone()) {
            if (ahead == null) {
                ahead = pieces.next();
            }
            if (ahead == null || !end.takes(ahead)) {
                return;
            }
            message();
        }
    }

    @Override
    public void acknowledge(byte[] offset) {
        if (stream != null) {
            stream.acknowledge(offset);
            return;
        }
        long end = StreamOffset.decode(offset).end();
        if (Long.compareUnsigned(end, acknowledgedEnd) > 0) {
            acknowledgedEnd = end;
            acknowledged = offset;
        }
        if (pieces.underWay() && System.nanoTime() - readAt > LEFT_ALONE_NANOS) {
            LOG.info(
                    "postgres: a piece of slot {} is given up, because nobody takes it; it is read again",
                    settings.slot());
            pieces.close();
            pieces = new SlotPiece(connections);
            decoder.brokenOff();
            ahead = null;
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        pieces.close();
        if (stream == null) {
            link.close();
        } else {
            stream.close();
        }
    }
}
