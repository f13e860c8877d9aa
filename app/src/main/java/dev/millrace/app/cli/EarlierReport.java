package dev.millrace.app.cli;

import dev.millrace.config.error.MillraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an earlier benchmark has printed as JSON. Immutable. */
final class EarlierReport {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, Double> speeds;
    private final String object;

    private EarlierReport(String object, Map<String, Double> speeds) {
        this.object = object;
        this.speeds = speeds;
    }

    /** @throws MillraceException USER when the file can't be read or is something else */
    static EarlierReport read(Path file) {
        try {
            JsonNode report = JSON.readTree(Files.readString(file));
            if (!report.path("figures").isArray()) {
                throw unreadable(file, "it has no figures");
            }
            Map<String, Double> speeds = new HashMap<>();
            for (JsonNode figure : report.path("figures")) {
                double rows = figure.path("rowsPerSecond").asDouble(0);
                double megabytes = figure.path("megabytesPerSecond").asDouble(0);
                speeds.put(figure.path("measure").asString(""), rows > 0 ? rows : megabytes);
            }
            return new EarlierReport(report.path("object").asString(""), speeds);
        } catch (IOException | JacksonException e) {
            throw unreadable(file, e.toString());
        }
    }

    private static MillraceException unreadable(Path file, String why) {
        return MillraceException.user(
                "BENCH_COMPARE_UNREADABLE",
                "The earlier figures in '" + file + "' can't be read",
                why,
                "Give a file that 'millrace bench --json' has written.");
    }

    /** The object it had read. */
    String object() {
        return object;
    }

    /** Rows a second, or MB where there are no rows; empty when it was not measured. */
    Optional<Double> speed(String measure) {
        return Optional.ofNullable(speeds.get(measure)).filter(speed -> speed > 0);
    }
}
