package dev.millrace.storage.peer;

import dev.millrace.config.error.Finding;
import dev.millrace.config.setting.DatabaseServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The first looks at a server, before anybody logs in. Stateless; blocks for as long as name resolution and the connect time-out allow. */
public final class ServerProbe {
    private ServerProbe() {}

    /** Whether the server's host has an address. */
    public static Finding resolve(DatabaseServer server) {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(server.host());
            return Finding.ok(
                    "resolve",
                    server.host() + " is "
                            + Arrays.stream(addresses)
                                    .map(InetAddress::getHostAddress)
                                    .collect(Collectors.joining(", ")));
        } catch (UnknownHostException e) {
            return Finding.failed(
                    "resolve",
                    "HOST_UNKNOWN",
                    "no address is known for host '" + server.host() + "'",
                    "Check the setting 'host' and this machine's name resolution.");
        }
    }

    /** Whether its port accepts connections. */
    public static Finding connect(DatabaseServer server) {
        String address = server.host() + ":" + server.port();
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(server.host(), server.port()),
                    Math.toIntExact(server.connectTimeout().toMillis()));
            return Finding.ok("connect", address + " accepts connections");
        } catch (IOException e) {
            return Finding.failed(
                    "connect",
                    "CONNECTION_REFUSED",
                    address + ": " + e.getMessage(),
                    "Check host and port, that the server runs, its listen_addresses, and firewalls between.");
        }
    }
}
