package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /api/v1/pipelines/NAME/mapping}: every object and where it goes (GET), one with its columns ({@code /object/OBJECT}); {@code /approve}
 * with any number of {@code object}, or {@code all=true}; {@code /reject} with one; {@code /set} with one and {@code choice}: {@code recreate},
 * {@code skip}, {@code unskip}, or {@code to} with {@code to=schema.name} (POST).
 */
final class MappingRoutes {
    private static final String BASE = "/api/v1/pipelines/{pipeline}/mapping";

    private final MappingControl mapping;

    MappingRoutes(MappingControl mapping) {
        this.mapping = mapping;
    }

    void addTo(RoutesConfig routes) {
        routes.get(BASE, this::list);
        routes.get(BASE + "/object/<object>", this::show);
        routes.post(BASE + "/approve", this::approve);
        routes.post(BASE + "/reject", this::reject);
        routes.post(BASE + "/set", this::set);
    }

    private static String pipeline(Context context) {
        return context.pathParam("pipeline");
    }

    private void list(Context context) {
        AdminServer.json(context, Map.of("objects", mapping.list(pipeline(context))));
    }

    private void show(Context context) {
        AdminServer.json(context, mapping.show(pipeline(context), context.pathParam("object")));
    }

    private void approve(Context context) {
        List<String> objects = context.queryParams("object");
        if (objects.isEmpty() && !"true".equals(context.queryParam("all"))) {
            throw MillraceException.user(
                    "NOTHING_CHOSEN",
                    "It is not said which objects are approved of",
                    "no object is named",
                    "Name some; all that wait are meant by --all on the command line, by all=true over HTTP.");
        }
        AdminServer.json(context, Map.of("answers", mapping.approve(pipeline(context), objects)));
    }

    private void reject(Context context) {
        answer(context, mapping.reject(pipeline(context), object(context)));
    }

    private void set(Context context) {
        answer(context, mapping.set(pipeline(context), object(context), wish(context)));
    }

    private static void answer(Context context, MappingAnswer answer) {
        AdminServer.json(context, Map.of("answers", List.of(answer)));
    }

    private static String object(Context context) {
        return text(context, "object")
                .orElseThrow(() -> MillraceException.user(
                        "NOTHING_CHOSEN", "It is not said which object is meant", "", "Give object=schema.table."));
    }

    private static MappingWish wish(Context context) {
        return switch (text(context, "choice").orElse("")) {
            case "recreate" -> new MappingWish.Recreate();
            case "skip" -> new MappingWish.Skip();
            case "unskip" -> new MappingWish.Unskip();
            case "to" -> new MappingWish.To(text(context, "to").orElse(""));
            default ->
                throw MillraceException.user(
                        "NO_SUCH_CHOICE",
                        "It is not said what becomes of the object",
                        "",
                        "Give choice=recreate, skip, unskip, or to with to=schema.name.");
        };
    }

    private static Optional<String> text(Context context, String name) {
        return Optional.ofNullable(context.queryParam(name)).filter(value -> !value.isBlank());
    }
}
