package dev.millrace.app;

import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.config.installation.WebConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** For runs beside another one on the machine, which must not end for want of the health port: those take any free one. */
public final class FreePort {
    private FreePort() {}

    /** The same configuration; where its port is taken, with a port that the system chooses. */
    public static MillraceConfig instead(MillraceConfig config) {
        WebConfig web = config.web();
        return !web.enabled() || free(web) ? config : config.withWeb(new WebConfig(true, web.host(), 0));
    }

    private static boolean free(WebConfig web) {
        try (ServerSocket probe = new ServerSocket(web.port(), 1, InetAddress.getByName(web.host()))) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
