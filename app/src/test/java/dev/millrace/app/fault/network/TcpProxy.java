package dev.millrace.app.fault.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between Millrace and a PostgreSQL server, and does to their connections what a trial tells it to. Two threads a connection, one a
 * direction, each with one bounded buffer. {@link #heal} ends every fault for connections to come; one that has lost a byte stays silent
 * for good, as behind a firewall that forgot it.
 */
final class TcpProxy implements AutoCloseable {
    /** What is lost of a commit. */
    enum AtCommit {
        /** It never reaches the server. */
        REQUEST,
        /** The server does it, and its answer never arrives. */
        ANSWER,
        /** The connection is reset behind it: nobody knows. */
        EITHER
    }

    private final int target;
    private final ServerSocket listener;
    private final Thread acceptor;
    private final List<ProxyLink> links = new CopyOnWriteArrayList<>();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong cuts = new AtomicLong();
    final Faults faults = new Faults();
    private volatile boolean closed;

    /** What happens to the bytes, for all connections; read by every pump, written by the trial. */
    static final class Faults {
        private volatile boolean refused;
        private volatile boolean requestsLost;
        private volatile boolean answersLost;
        private volatile long bytesPerSecond;
        private volatile long delayMillis;
        private final AtomicLong requestBytesLeft = new AtomicLong(Long.MAX_VALUE);
        private final AtomicLong answerBytesLeft = new AtomicLong(Long.MAX_VALUE);
        private final AtomicLong commitsLeft = new AtomicLong(Long.MAX_VALUE);
        private volatile AtCommit atCommit = AtCommit.EITHER;

        boolean lost(boolean request) {
            return request ? requestsLost : answersLost;
        }

        long bytesPerSecond() {
            return bytesPerSecond;
        }

        long delayMillis() {
            return delayMillis;
        }

        /** How many of {@code bytes} may still pass before the cut that was asked for; all of them where none was. */
        int grant(boolean request, int bytes) {
            AtomicLong left = request ? requestBytesLeft : answerBytesLeft;
            if (left.get() == Long.MAX_VALUE) {
                return bytes;
            }
            long before =
                    left.getAndUpdate(now -> now == Long.MAX_VALUE ? now : now <= bytes ? Long.MAX_VALUE : now - bytes);
            return before <= bytes ? (int) before : bytes;
        }

        /** Whether this commit is the one. */
        boolean takeCommit() {
            return commitsLeft.get() != Long.MAX_VALUE
                    && commitsLeft.updateAndGet(left -> left <= 0 || left == Long.MAX_VALUE ? Long.MAX_VALUE : left - 1)
                            == 0
                    && commitsLeft.compareAndSet(0, Long.MAX_VALUE);
        }

        AtCommit atCommit() {
            return atCommit;
        }
    }

    private TcpProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        this.acceptor = new Thread(this::accept, "proxy-" + listener.getLocalPort());
    }

    /** Listens on a free port of the loopback address. */
    static TcpProxy to(int port) throws IOException {
        TcpProxy proxy = new TcpProxy(port);
        proxy.acceptor.setDaemon(true);
        proxy.acceptor.start();
        return proxy;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Connections that came since the start. */
    long accepted() {
        return accepted.get();
    }

    /** Faults that struck since the start. */
    long cuts() {
        return cuts.get();
    }

    /** Resets every connection. */
    void cut() {
        links.forEach(ProxyLink::reset);
    }

    /** Ends every connection in good order, as a server that goes down does. */
    void hangUp() {
        links.forEach(ProxyLink::close);
    }

    /** From now on new connections are reset at once. */
    void refuse() {
        faults.refused = true;
    }

    /** From now on what is sent disappears without a word; new connections are taken, and hear nothing. */
    void swallow(boolean requests, boolean answers) {
        faults.requestsLost = requests;
        faults.answersLost = answers;
    }

    /** From now on each direction of a connection carries this much, 0 for as much as it can. */
    void slow(long bytesPerSecond) {
        faults.bytesPerSecond = bytesPerSecond;
    }

    /** From now on everything arrives later, each way. */
    void delay(long millis) {
        faults.delayMillis = millis;
    }

    /** Resets the connection in which the next {@code bytes} bytes of a direction, over all connections, come to their end. */
    void cutAfter(boolean requests, long bytes) {
        (requests ? faults.requestBytesLeft : faults.answerBytesLeft).set(bytes);
    }

    /** Resets the connection of the {@code count}-th commit (or end of a COPY outside a transaction's control) from now. */
    void cutAtCommit(AtCommit how, int count) {
        faults.atCommit = how;
        faults.commitsLeft.set(count);
    }

    /** Ends all of it. */
    void heal() {
        faults.refused = false;
        faults.requestsLost = false;
        faults.answersLost = false;
        faults.bytesPerSecond = 0;
        faults.delayMillis = 0;
        faults.requestBytesLeft.set(Long.MAX_VALUE);
        faults.answerBytesLeft.set(Long.MAX_VALUE);
        faults.commitsLeft.set(Long.MAX_VALUE);
    }

    void ended(ProxyLink link, boolean cut) {
        if (links.remove(link) && cut) {
            cuts.incrementAndGet();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = listener.accept();
                accepted.incrementAndGet();
                if (faults.refused) {
                    client.setSoLinger(true, 0);
                    client.close();
                    continue;
                }
                ProxyLink link = new ProxyLink(this, client);
                links.add(link);
                link.start(target);
            } catch (IOException e) {
                if (!closed && listener.isClosed()) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    /** Resets what is open and listens no more; idempotent. */
    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        cut();
    }
}
