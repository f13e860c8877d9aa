package dev.millrace.ingest.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A network to a server on this machine that can go dead: connections stay open, new ones are accepted, and nothing passes. Thread-safe. */
final class Wire implements AutoCloseable {
    private final ServerSocket listening;
    private final int serverPort;
    private final Map<String, Pair> pairs = new ConcurrentHashMap<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean allFrozen;

    /** Both ends of one connection, by the port the server sees. */
    private static final class Pair {
        private final Socket client;
        private final Socket server;
        private volatile boolean frozen;

        Pair(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }
    }

    Wire(int serverPort) throws IOException {
        this.serverPort = serverPort;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    void freezeAll() {
        allFrozen = true;
    }

    /** @param serverSeesPort the client's port as the server has it in client_port */
    void freeze(String serverSeesPort) {
        pairs.get(serverSeesPort).frozen = true;
    }

    private void accept() {
        while (end.getCount() > 0) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                Pair pair = new Pair(client, server);
                pairs.put(Integer.toString(server.getLocalPort()), pair);
                start(() -> pass(pair, client, server));
                start(() -> pass(pair, server, client));
            } catch (IOException e) {
                if (end.getCount() > 0) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    private void pass(Pair pair, Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (allFrozen || pair.frozen) {
                    end.await();
                    return;
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            pair.frozen = true; // one of the two hung up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "test-wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        end.countDown();
        listening.close();
        for (Pair pair : pairs.values()) {
            pair.client.close();
            pair.server.close();
        }
    }
}
