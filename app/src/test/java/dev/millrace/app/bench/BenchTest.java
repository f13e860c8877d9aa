package dev.millrace.app.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark's command: {@code mvn -Pbench test}; app/docs/BENCHMARKS.md says what can be chosen by {@code -Dbench.…}. */
@Tag("bench")
class BenchTest {
    @TempDir
    Path folder;

    @Test
    void everythingArrivesAndTheTimeItTakesIsTold() throws Exception {
        Settings settings = Settings.fromProperties();
        Measurements measurements = new Measurements();
        Map<String, String> circumstances = measure(folder, settings, measurements);
        assertFalse(measurements.asMap().isEmpty(), "nothing was chosen by bench.only=" + settings.only());
        Report report = new Report(circumstances, settings, measurements);
        Path file = Path.of(System.getProperty(
                "bench.out", "target/bench/" + circumstances.get("when").replace(":", "") + ".json"));
        report.write(file);
        System.out.println(report.table());
        System.out.println("all of it: " + file.toAbsolutePath());
        String earlier = System.getProperty("bench.compare", "");
        if (!earlier.isBlank()) {
            System.out.println(report.compared(Path.of(earlier)));
        }
    }

    /** Takes what is chosen, one part after the other; what the figures depend on. */
    private static Map<String, String> measure(Path folder, Settings settings, Measurements measurements)
            throws Exception {
        try (Bench bench = new Bench(folder, settings.jvm())) {
            Map<String, String> circumstances = Circumstances.now(bench);
            Work work = new Work(settings, bench, new Clients(folder), measurements);
            for (Part part : parts(settings)) {
                part.measure(work);
            }
            measurements.largest();
            return circumstances;
        }
    }

    /** Figures that are taken together. */
    interface Part {
        void measure(Work work) throws Exception;
    }

    /** Those of which a figure is chosen. */
    static List<Part> parts(Settings settings) {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("ab", LoadPart::measure);
        parts.put("ckde", ChangePart::measure);
        parts.put("f", LatencyPart::measure);
        parts.put("gh", StartPart::measure);
        parts.put("j", GrowthPart::measure);
        return parts.entrySet().stream()
                .filter(part -> settings.any(part.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
