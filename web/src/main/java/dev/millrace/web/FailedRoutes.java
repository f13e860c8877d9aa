package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /api/v1/pipelines/NAME/failed}: groups and a page of events (GET), one with its values ({@code /ID}, masked unless {@code clear=true}),
 * all as lines of JSON ({@code /export}; one that can't be decrypted as {@code event}, {@code unreadable} and {@code why}; where the rest can't be
 * told, a last line says why under {@code brokenOff}: the status was sent long before), {@code /replay} and {@code /skip} (POST). {@code object}, {@code phase}, {@code code} and any number of
 * {@code id} choose events; for POST {@code all=true} where nothing else does.
 */
final class FailedRoutes {
    private static final String BASE = "/api/v1/pipelines/{pipeline}/failed";

    private final FailedRequests failed;

    FailedRoutes(FailedEventControl failed) {
        this.failed = new FailedRequests(failed);
    }

    void addTo(RoutesConfig routes) {
        routes.get(BASE, this::list);
        routes.get(BASE + "/export", this::export);
        routes.get(BASE + "/{id}", this::show);
        routes.post(BASE + "/replay", this::replay);
        routes.post(BASE + "/skip", this::skip);
    }

    private static String pipeline(Context context) {
        return context.pathParam("pipeline");
    }

    private static FailedSelection selection(Context context) {
        return new FailedSelection(
                text(context, "object"),
                text(context, "phase"),
                text(context, "code"),
                context.queryParams("id"),
                is(context, "givenUp"));
    }

    private static Optional<String> text(Context context, String name) {
        return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isBlank());
    }

    private void list(Context context) {
        AdminServer.json(
                context, failed.list(pipeline(context), selection(context), text(context, "after"), limit(context)));
    }

    private static int limit(Context context) {
        String text = context.queryParam("limit");
        if (text == null) {
            return FailedRequests.PAGE;
        }
        if (!text.matches("\\d{1,6}")) {
            throw MillraceException.user("BAD_LIMIT", "'" + text + "' is no limit", "", "Give a number up to 1,000.");
        }
        return Integer.parseInt(text);
    }

    private void show(Context context) {
        AdminServer.json(context, failed.show(pipeline(context), context.pathParam("id"), is(context, "clear")));
    }

    private void export(Context context) throws IOException {
        FailedRequests.Export export = failed.export(pipeline(context), selection(context), is(context, "clear"));
        context.contentType("application/x-ndjson");
        OutputStream out = context.outputStream();
        try {
            export.writeTo(out);
        } catch (MillraceException e) {
            FailedRequests.line(Map.of(FailedRequests.BROKEN_OFF, AdminServer.document(e)), out);
        }
    }

    private void replay(Context context) {
        FailedReplay replay = failed.replay(pipeline(context), selection(context), is(context, "all"));
        context.status(202);
        AdminServer.json(context, replay);
    }

    private void skip(Context context) {
        AdminServer.json(context, failed.skip(pipeline(context), selection(context), is(context, "all")));
    }

    private static boolean is(Context context, String name) {
        return "true".equals(context.queryParam(name));
    }
}
