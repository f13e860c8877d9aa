package dev.millrace.app.fault.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** One connection through a {@link TcpProxy}. */
final class ProxyLink {
    private static final int BUFFER_BYTES = 16 << 10;

    private final TcpProxy proxy;
    private final Socket client;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final FrontendMessages requests = new FrontendMessages();
    private volatile Socket server;
    /** A byte has disappeared: nothing more will come through, and nobody is told. */
    private volatile boolean lost;
    /** A commit was let through whose answer must not be. */
    private volatile boolean answerAwaited;

    ProxyLink(TcpProxy proxy, Socket client) {
        this.proxy = proxy;
        this.client = client;
    }

    /** Pumps in both directions on threads of its own. */
    void start(int target) {
        thread("requests", () -> {
            try {
                server = new Socket(InetAddress.getLoopbackAddress(), target);
                server.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                if (ended.get()) {
                    server.close(); // reset meanwhile
                    return;
                }
            } catch (IOException e) {
                reset(); // the server is down, as a refused connection would tell
                return;
            }
            thread("answers", () -> pump(server, client, false));
            pump(client, server, true);
        });
    }

    private void thread(String name, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Both ends see a reset. */
    void reset() {
        end(true);
    }

    /** Both ends see the other's end. */
    void close() {
        end(false);
    }

    private void end(boolean reset) {
        if (ended.compareAndSet(false, true)) {
            endSocket(client, reset);
            endSocket(server, reset);
            proxy.ended(this, reset);
        }
    }

    private static void endSocket(Socket socket, boolean reset) {
        if (socket == null) {
            return;
        }
        try {
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void pump(Socket from, Socket to, boolean request) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length;
            while ((length = in.read(buffer)) >= 0) {
                if (lost || proxy.faults.lost(request)) {
                    lost = true;
                } else if (!pass(buffer, length, out, request)) {
                    reset();
                    return;
                }
            }
            if (!lost && !proxy.faults.lost(request)) {
                close();
            }
        } catch (IOException e) {
            if (!lost) {
                reset();
            }
        }
    }

    /** False when the connection is to be reset. */
    private boolean pass(byte[] buffer, int length, OutputStream out, boolean request) throws IOException {
        pace(length);
        if (!request && answerAwaited) {
            return false;
        }
        int granted = proxy.faults.grant(request, length);
        if (request) {
            if (hasCommit(buffer, granted)) {
                return atCommit(buffer, granted, out);
            }
        }
        out.write(buffer, 0, granted);
        return granted == length;
    }

    /** Whether the commit that was asked for ends in these bytes. */
    private boolean hasCommit(byte[] buffer, int length) {
        int from = 0;
        while (from < length) {
            int commit = requests.nextCommit(buffer, from, length);
            if (commit < 0) {
                return false;
            }
            if (proxy.faults.takeCommit()) {
                return true;
            }
            from = commit;
        }
        return false;
    }

    private boolean atCommit(byte[] buffer, int length, OutputStream out) throws IOException {
        switch (proxy.faults.atCommit()) {
            case REQUEST -> {
                return false;
            }
            case EITHER -> {
                out.write(buffer, 0, length);
                return false;
            }
            default -> {
                answerAwaited = true;
                out.write(buffer, 0, length);
                return true;
            }
        }
    }

    private void pace(int bytes) {
        long delay = proxy.faults.delayMillis();
        long rate = proxy.faults.bytesPerSecond();
        long nanos = TimeUnit.MILLISECONDS.toNanos(delay) + (rate == 0 ? 0 : bytes * 1_000_000_000L / rate);
        if (nanos > 0) {
            LockSupport.parkNanos(nanos);
        }
    }
}
