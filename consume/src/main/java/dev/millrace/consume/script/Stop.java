package dev.millrace.consume.script;

/** Ends a script for good: not an exception that JavaScript could catch. */
final class Stop extends Error {
    private static final long serialVersionUID = 1L;

    private final String code;

    Stop(String code, String why) {
        super(why, null, false, false);
        this.code = code;
    }

    String code() {
        return code;
    }
}
