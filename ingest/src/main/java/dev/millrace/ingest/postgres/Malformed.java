package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;

/** The failure for bytes from the server that are not in the form its documentation tells. Never names the value: it may be private. */
final class Malformed {
    private Malformed() {}

    static MillraceException value(String type, int length) {
        return MillraceException.internal(
                "SOURCE_VALUE_MALFORMED",
                "Cannot read a value of type " + type,
                "its " + length + " bytes are not in a known form",
                null);
    }

    static MillraceException copy(String why) {
        return MillraceException.internal("COPY_MALFORMED", "Cannot read the server's binary COPY data", why, null);
    }
}
