package dev.millrace.config.installation;

import java.util.Objects;

/**
 * The admin page and health endpoints.
 *
 * @param host a loopback address or name
 * @param port 0 takes a free one
 */
public record WebConfig(boolean enabled, String host, int port) {
    public static final WebConfig DEFAULT = new WebConfig(true, "127.0.0.1", 8420);

    public WebConfig {
        Objects.requireNonNull(host);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
    }
}
