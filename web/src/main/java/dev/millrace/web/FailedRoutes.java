package dev.millrace.web;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /api/v1/pipelines/NAME/failed}: groups and a page of events (GET), one with its values ({@code /ID}, masked unless {@code clear=true}),
 * all as lines of JSON ({@code /export}; one that can't be decrypted as {@code event}, {@code unreadable} and {@code why}; where the rest can't be
 * told, a last line says why under {@value #BROKEN_OFF}), {@code /replay} and {@code /skip} (POST). {@code object}, {@code phase}, {@code code} and any number of
 * {@code id} choose events; for POST {@code all=true} where nothing else does.
 */
final class FailedRoutes {
    private static final String BASE = "/api/v1/pipelines/{pipeline}/failed";
    /** The one key of an export's last line when it is not whole: its status was sent long before. */
    static final String BROKEN_OFF = "brokenOff";

    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final FailedEventControl failed;

    FailedRoutes(FailedEventControl failed) {
        this.failed = failed;
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
                "true".equals(context.queryParam("givenUp")));
    }

    private static Optional<String> text(Context context, String name) {
        return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isBlank());
    }

    private void list(Context context) {
        List<FailedEventStatus> events =
                failed.list(pipeline(context), selection(context), text(context, "after"), limit(context));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("groups", failed.groups(pipeline(context)));
        document.put("events", events);
        AdminServer.json(context, document);
    }

    private static int limit(Context context) {
        String text = context.queryParam("limit");
        if (text == null) {
            return PAGE;
        }
        if (!text.matches("\\d{1,6}")) {
            throw MillraceException.user(
                    "BAD_LIMIT", "'" + text + "' is no limit", "", "Give a number up to " + MAX_PAGE + ".");
        }
        return Math.max(1, Math.min(MAX_PAGE, Integer.parseInt(text)));
    }

    private void show(Context context) {
        boolean clear = "true".equals(context.queryParam("clear"));
        AdminServer.json(context, failed.show(pipeline(context), context.pathParam("id"), clear));
    }

    private void export(Context context) throws IOException {
        boolean clear = "true".equals(context.queryParam("clear"));
        FailedSelection selection = selection(context);
        List<FailedEventStatus> page = failed.list(pipeline(context), selection, Optional.empty(), PAGE);
        context.contentType("application/x-ndjson");
        OutputStream out = context.outputStream();
        try {
            while (!page.isEmpty()) {
                page = write(pipeline(context), page, clear, out, selection);
            }
        } catch (MillraceException e) {
            line(Map.of(BROKEN_OFF, AdminServer.document(e)), out);
        }
    }

    /** Gives the page that follows. */
    private List<FailedEventStatus> write(
            String pipeline, List<FailedEventStatus> page, boolean clear, OutputStream out, FailedSelection selection)
            throws IOException {
        for (FailedEventStatus event : page) {
            Optional<Object> whole = whole(pipeline, event, clear);
            if (whole.isPresent()) {
                line(whole.get(), out);
            }
        }
        Optional<String> last = Optional.of(page.get(page.size() - 1).id());
        return failed.list(pipeline, selection, last, PAGE);
    }

    private static void line(Object document, OutputStream out) throws IOException {
        out.write(JsonMapper.shared().writeValueAsString(document).getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    /** One that is gone meanwhile is none any more; one that can't be read is told as such, and keeps no other from being exported. */
    private Optional<Object> whole(String pipeline, FailedEventStatus event, boolean clear) {
        try {
            return Optional.of(failed.values(pipeline, event.id(), clear));
        } catch (MillraceException e) {
            return e.category() == Category.USER
                    ? Optional.empty()
                    : Optional.of(Map.of("event", event, "unreadable", e.code(), "why", e.getMessage()));
        }
    }

    private void replay(Context context) {
        FailedReplay replay = failed.replay(pipeline(context), chosen(context));
        context.status(202);
        AdminServer.json(context, replay);
    }

    private void skip(Context context) {
        AdminServer.json(context, Map.of("events", failed.skip(pipeline(context), chosen(context))));
    }

    /** That a slip doesn't mean all. */
    private static FailedSelection chosen(Context context) {
        FailedSelection selection = selection(context);
        if (selection.isAll() && !"true".equals(context.queryParam("all"))) {
            throw MillraceException.user(
                    "NOTHING_CHOSEN",
                    "It is not said which failed events are meant",
                    "no event, object, phase or reason is named",
                    "Name one of them; every event is meant by --all on the command line, by all=true over HTTP.");
        }
        return selection;
    }
}
