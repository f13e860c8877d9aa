package dev.millrace.storage.peer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches calls over the network. A call may be silent for as long as its server has to do, or waits for somebody's lock; but a network that
 * dies without a word looks the same, and the operating system notices after a quarter of an hour or two hours. So a call that has been
 * silent for some time has its server asked over another connection, and is cut where that shows that nothing can come any more: at once
 * when the server doesn't know the connection, on the second time of asking when both wait for each other or the server can't be reached.
 *
 * <p>Its one thread runs while there are connections to watch, and starts with the first of them. Thread-safe.
 */
public final class PeerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);
    private static final int LOOKS_IN_SILENCE = 4;

    private final String name;
    private final Duration silence;
    private final List<Watched> all = new CopyOnWriteArrayList<>();
    private Thread thread;
    private boolean closed;

    /**
     * @param name of the thread
     * @param silence how long a call may be silent before its server is asked
     */
    public PeerWatch(String name, Duration silence) {
        this.name = name;
        this.silence = silence;
    }

    /** A connection. Its calls are one thread's; a call cost nothing but two writes of a field. */
    public final class Watched implements AutoCloseable {
        private final Peer peer;
        private volatile boolean calling;
        private volatile long movedAtNanos = System.nanoTime();
        private volatile String reason = "";
        private long askedAboutNanos;
        private Peer.Pulse last = Peer.Pulse.AT_WORK;

        private Watched(Peer peer) {
            this.peer = peer;
        }

        /** A call begins that may wait for the peer. */
        public void begin() {
            movedAtNanos = System.nanoTime();
            calling = true;
        }

        /** Something came or went within the call. */
        public void moved() {
            movedAtNanos = System.nanoTime();
        }

        /** The call is over, well or not. */
        public void end() {
            calling = false;
        }

        /** Why the connection was cut, if it was. */
        public Optional<String> cutBecause() {
            return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
        }

        /** The connection is no longer used. */
        @Override
        public void close() {
            calling = false;
            all.remove(this);
        }

        private void look(long now) {
            long moved = movedAtNanos;
            if (moved != askedAboutNanos) {
                last = Peer.Pulse.AT_WORK; // another silence
            }
            if (!calling || !reason.isEmpty() || now - moved < silence.toNanos()) {
                return;
            }
            Peer.Pulse pulse = peer.pulse();
            boolean still = calling && movedAtNanos == moved;
            if (still && (pulse == Peer.Pulse.GONE || pulse != Peer.Pulse.AT_WORK && last != Peer.Pulse.AT_WORK)) {
                reason = "nothing has come for " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - moved)
                        + " s, and " + told(pulse);
                LOG.warn("{}: a connection is given up: {}", name, reason);
                peer.cut();
            }
            last = pulse;
            askedAboutNanos = moved;
        }
    }

    private static String told(Peer.Pulse pulse) {
        return switch (pulse) {
            case GONE -> "the server knows nothing of this connection any more";
            case WAITS_FOR_US -> "the server, asked over another connection, waits for us";
            case OUT_OF_REACH -> "the server can't be reached over another connection either";
            case AT_WORK -> "the server is at work";
        };
    }

    /** Watches a connection until it is closed. */
    public synchronized Watched watch(Peer peer) {
        Watched watched = new Watched(peer);
        all.add(watched);
        if (thread == null && !closed) {
            thread = new Thread(this::run, name);
            thread.setDaemon(true);
            thread.start();
        }
        return watched;
    }

    /** Watches no more; idempotent, doesn't wait. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        while (goOn()) {
            for (Watched watched : all) {
                watched.look(System.nanoTime());
            }
        }
    }

    /** Rests a while; false, and the thread is over, when there is nothing to watch. */
    private synchronized boolean goOn() {
        long end = System.nanoTime() + silence.toNanos() / LOOKS_IN_SILENCE;
        long left = end - System.nanoTime();
        try {
            while (!closed && left > 0) {
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
                left = end - System.nanoTime();
            }
        } catch (InterruptedException e) {
            closed = true; // nobody of ours interrupts it
        }
        if (closed || all.isEmpty()) {
            thread = null;
            return false;
        }
        return true;
    }
}
