package dev.millrace.config.setting;

import dev.millrace.config.setting.Setting.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a database server is and how to log in there: what sources and destinations over a network have in common. Immutable. */
public interface DatabaseServer {
    /** As {@link #declared} and parsed. */
    Settings values();

    /**
     * The settings of a connector with such a server.
     *
     * @param port by default
     * @param database help for it
     * @param user help for it
     * @param own the connector's other settings, {@code lockTimeout}, {@link #CONNECT_TIMEOUT} and {@link #PEER_TIMEOUT} among them
     */
    static List<Setting> declared(int port, String database, String user, Setting... own) {
        List<Setting> settings = new ArrayList<>(List.of(
                Setting.required("host", Type.TEXT, "Name or address of the server."),
                Setting.bounded(
                        "port", Type.INTEGER, Integer.toString(port), Setting.Range.PORT, "Port of the server."),
                Setting.required("database", Type.TEXT, database),
                Setting.required("user", Type.TEXT, user),
                Setting.optional(
                        "password", Type.SECRET, null, "Password of the user; from ${env:...} or ${file:...}."),
                Setting.choice(
                        "sslMode",
                        "prefer",
                        List.of("disable", "prefer", "require", "verify-ca", "verify-full"),
                        "Encryption of the connection; verify-full also checks who the server is."),
                Setting.optional(
                        "sslRootCert",
                        Type.PATH,
                        null,
                        "Certificate of the authority that verify-ca and verify-full trust.")));
        settings.addAll(List.of(own));
        return List.copyOf(settings);
    }

    /** How long a connection may take. */
    Setting CONNECT_TIMEOUT = Setting.optional(
            "connectTimeout", Type.DURATION, "10s", "How long to wait for the server to accept a connection.");

    /** How long a server may be silent. */
    Setting PEER_TIMEOUT = Setting.optional(
            "peerTimeout",
            Type.DURATION,
            "15s",
            "How long the server may be silent before it is asked, over another connection, whether it is at work; without one answer"
                    + " after twice the time the connection is given up and made anew.");

    default String host() {
        return values().text("host");
    }

    default int port() {
        return values().integer("port");
    }

    default String database() {
        return values().text("database");
    }

    default String user() {
        return values().text("user");
    }

    default Optional<Secret> password() {
        return values().secret("password");
    }

    default String sslMode() {
        return values().text("sslMode");
    }

    default Duration connectTimeout() {
        return values().duration("connectTimeout");
    }

    default Duration lockTimeout() {
        return values().duration("lockTimeout");
    }

    default Duration peerTimeout() {
        return values().duration("peerTimeout");
    }

    /** For messages: {@code user@host:port/database}. */
    default String address() {
        return user() + "@" + host() + ":" + port() + "/" + database();
    }
}
