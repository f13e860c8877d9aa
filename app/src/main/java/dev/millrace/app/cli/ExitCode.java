package dev.millrace.app.cli;

import dev.millrace.config.error.Category;

/** What the process tells its caller. Signals end it with 130 (INT) and 143 (TERM), as the JVM does by itself. */
final class ExitCode {
    static final int OK = 0;
    static final int INTERNAL = 1;
    static final int USER = 2;
    static final int EXTERNAL = 3;
    static final int FINDING = 4;

    private ExitCode() {}

    static int of(Category category) {
        return switch (category) {
            case USER -> USER;
            case EXTERNAL, RESOURCE -> EXTERNAL;
            case INTERNAL -> INTERNAL;
        };
    }
}
