package dev.millrace.web;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import org.junit.jupiter.api.function.Executable;

/** An installation that is asked over its control interface, as the command line asks it. */
record ServedInstallation(FakeInstallation installation, AdminServer server, ControlClient client)
        implements AutoCloseable {
    static ServedInstallation start() {
        FakeInstallation installation = new FakeInstallation();
        Secret token = ControlAddress.newToken();
        AdminServer server = new AdminServer("127.0.0.1", 0, token, installation);
        server.start();
        return new ServedInstallation(
                installation, server, new ControlClient(new ControlAddress(server.base(), token)));
    }

    /** The code of what a call is refused with. */
    static String refused(Executable call) {
        return assertThrows(MillraceException.class, call).code();
    }

    @Override
    public void close() {
        server.close();
    }
}
