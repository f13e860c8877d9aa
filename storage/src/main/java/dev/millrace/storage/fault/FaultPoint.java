package dev.millrace.storage.fault;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A named point on a durability path. With {@code -Dmillrace.fault=NAME:COUNT[:ACTION]} the process halts without any clean-up (as if
 * killed) when the point is passed for the COUNT-th time; ACTION {@code halt} (default) or {@code io-error}.
 */
public enum FaultPoint {
    AFTER_SNAPSHOT,
    MID_CHUNK,
    AFTER_APPEND,
    BEFORE_SYNC,
    AFTER_SYNC,
    BEFORE_OFFSET,
    BEFORE_ACKNOWLEDGE,
    AFTER_ACKNOWLEDGE,
    AT_ROLL,
    MID_LOAD,
    BEFORE_DESTINATION_COMMIT,
    AFTER_DESTINATION_COMMIT,
    AT_START,
    AT_SHUTDOWN,
    AFTER_PARKING,
    BEFORE_REPLAY_COMMIT,
    AFTER_REPLAY_COMMIT;

    private static final String SETTING = System.getProperty("millrace.fault");
    private static final FaultPoint ARMED = SETTING == null ? null : valueOf(SETTING.split(":", -1)[0]);
    private static final int COUNT = SETTING == null ? 0 : Integer.parseInt(SETTING.split(":", -1)[1]);
    private static final boolean IO_ERROR = SETTING != null && SETTING.endsWith(":io-error");
    private static final AtomicInteger PASSED = new AtomicInteger();

    /** Passes the point; with the point armed and its count reached, halts the process or throws. */
    public void pass() {
        if (ARMED == this) {
            trip();
        }
    }

    private void trip() {
        if (PASSED.incrementAndGet() == COUNT) {
            if (IO_ERROR) {
                throw new java.io.UncheckedIOException(new java.io.IOException("injected I/O error at " + this));
            }
            Runtime.getRuntime().halt(137);
        }
    }
}
