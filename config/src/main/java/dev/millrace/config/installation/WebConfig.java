package dev.millrace.config.installation;

import java.util.Objects;

/**
 * The admin page and health endpoints.
 *
 * @param host a loopback address or name
 * @param port 0 takes a free one
 * @param orAnyPort whether a free one will do where the port is taken
 */
public record WebConfig(boolean enabled, String host, int port, boolean orAnyPort) {
    public static final WebConfig DEFAULT = new WebConfig(true, "127.0.0.1", 8420);

    public WebConfig(boolean enabled, String host, int port) {
        this(enabled, host, port, false);
    }

    public WebConfig {
        Objects.requireNonNull(host);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
    }

    /** For a run beside others on the machine, which must not end for want of the health port. */
    public WebConfig withAnyPort() {
        return new WebConfig(enabled, host, port, true);
    }
}
