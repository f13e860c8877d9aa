package dev.millrace.app.cli;

import dev.millrace.web.FailedSelection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which failed events are meant. */
final class FailedChoice {
    private static final int IDS_AT_ONCE = 100;

    @Mixin
    private PipelineOption pipeline = new PipelineOption();

    @Parameters(arity = "0..*", paramLabel = "ID", description = "Events, as 'failed list --events' names them.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--object", paramLabel = "OBJECT", description = "Those of one object, e.g. public.film.")
    private Optional<String> object = Optional.empty();

    @Option(
            names = "--phase",
            paramLabel = "PHASE",
            description = "Those that failed in validate, transform, map or load.")
    private Optional<String> phase = Optional.empty();

    @Option(names = "--reason", paramLabel = "CODE", description = "Those that failed for this reason.")
    private Optional<String> code = Optional.empty();

    @Option(names = "--all", description = "All of them.")
    private boolean all;

    PipelineOption pipeline() {
        return pipeline;
    }

    /** Whether all are meant where nothing else is said. */
    boolean all() {
        return all;
    }

    boolean namesEvents() {
        return !ids.isEmpty();
    }

    FailedSelection selection(boolean givenUp) {
        return new FailedSelection(object, phase, code, ids, givenUp);
    }

    /** As a request's query; ends in {@code &} where it isn't empty. */
    String query() {
        return query(ids);
    }

    /** The same for requests that are made one behind the other: no server takes a query of any length. */
    List<String> queries() {
        List<String> queries = new ArrayList<>();
        for (int from = 0; from == 0 || from < ids.size(); from += IDS_AT_ONCE) {
            queries.add(query(ids.subList(from, Math.min(ids.size(), from + IDS_AT_ONCE))));
        }
        return queries;
    }

    private String query(List<String> some) {
        StringBuilder query = new StringBuilder();
        some.forEach(id -> query.append(pair("id", id)));
        object.ifPresent(value -> query.append(pair("object", value)));
        phase.ifPresent(value -> query.append(pair("phase", value)));
        code.ifPresent(value -> query.append(pair("code", value)));
        return all ? query + pair("all", "true") : query.toString();
    }

    static String pair(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8) + "&";
    }
}
