package dev.millrace.web;

import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * How much a request may bring: {@value #TRIAL_BYTES} bytes where a transformation is tried, {@value #OTHER_BYTES} elsewhere, where no body is
 * asked for. More is answered with status 413, whether its length was announced or not. Any thread.
 */
final class BodyLimit {
    static final int TRIAL_BYTES = 1_048_576;
    static final int OTHER_BYTES = 16_384;
    /** So much is read of what is refused, since many a client reads no answer before all is sent. */
    private static final int DRAINED_BYTES = 16 * TRIAL_BYTES;

    private BodyLimit() {}

    /** Refuses what is announced to be too long. */
    static void admit(Context context) {
        int limit = context.path().endsWith("/transform/test") ? TRIAL_BYTES : OTHER_BYTES;
        if (context.req().getContentLengthLong() > limit) {
            drain(context);
            throw tooLarge(limit);
        }
    }

    private static void drain(Context context) {
        byte[] some = new byte[8_192];
        try (InputStream in = context.bodyInputStream()) {
            for (long left = DRAINED_BYTES; left > 0; ) {
                int read = in.read(some);
                left = read < 0 ? 0 : left - read;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body of a trial. */
    static String trial(Context context) {
        try (InputStream in = context.bodyInputStream()) {
            byte[] body = in.readNBytes(TRIAL_BYTES + 1);
            if (body.length > TRIAL_BYTES) {
                throw tooLarge(TRIAL_BYTES);
            }
            return new String(body, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ContentTooLargeResponse tooLarge(int limit) {
        return new ContentTooLargeResponse("its body has more than " + limit + " bytes");
    }
}
