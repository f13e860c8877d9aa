package dev.millrace.web;

import dev.millrace.config.setting.Secret;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.UnauthorizedResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;

/**
 * Who may ask. A server on loopback answers only requests addressed to a loopback name, so that a web page whose name was made to point
 * at this machine (DNS rebinding) reads nothing; no answer carries a CORS header; the API wants the token, compared in constant time.
 */
final class Guard {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean loopbackOnly;
    private final byte[] expected;

    Guard(String host, Secret token) {
        this.loopbackOnly = isLoopback(host);
        this.expected = ("Bearer " + token.reveal()).getBytes(StandardCharsets.UTF_8);
    }

    void admit(Context context) {
        context.header("X-Content-Type-Options", "nosniff");
        context.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        context.header("Cache-Control", "no-store");
        if (loopbackOnly && !LOOPBACK.contains(name(context.host()))) {
            throw new ForbiddenResponse("this server answers only to localhost");
        }
    }

    void authenticate(Context context) {
        String given = context.header("Authorization");
        byte[] bytes = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(expected, bytes)) {
            throw new UnauthorizedResponse(
                    "the token is missing or wrong; it stands in the data folder's file 'control'");
        }
    }

    private static String name(String host) {
        if (host == null) {
            return "";
        }
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.toLowerCase(Locale.ROOT);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Such a server won't start either; until then the stricter rule holds.
            return true;
        }
    }
}
