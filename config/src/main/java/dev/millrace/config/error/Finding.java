package dev.millrace.config.error;

/**
 * The outcome of one probe of a check: {@code probe} names it ("resolve", "connect", "TLS", "log in", "version", "wal_level", …),
 * {@code detail} says what was seen, {@code remedy} is the statement or step that repairs a failure (empty when {@code ok}).
 */
public record Finding(String probe, Status status, String code, String detail, String remedy) {
    /** SKIPPED: not tried because an earlier probe failed. */
    public enum Status {
        OK,
        WARNING,
        FAILED,
        SKIPPED
    }

    public static Finding ok(String probe, String detail) {
        return new Finding(probe, Status.OK, "", detail, "");
    }

    public static Finding warning(String probe, String code, String detail, String remedy) {
        return new Finding(probe, Status.WARNING, code, detail, remedy);
    }

    public static Finding failed(String probe, String code, String detail, String remedy) {
        return new Finding(probe, Status.FAILED, code, detail, remedy);
    }

    public static Finding skipped(String probe, String because) {
        return new Finding(probe, Status.SKIPPED, "", because, "");
    }
}
