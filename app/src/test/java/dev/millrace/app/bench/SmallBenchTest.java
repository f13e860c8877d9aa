package dev.millrace.app.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The benchmark's whole machinery with next to no data, so that it works when it is wanted; what it measures means nothing. */
class SmallBenchTest {
    private static final int PARTS_AT_ONCE = 3;
    private static final long LONGEST_SECONDS = 1_200;

    @TempDir
    Path folder;

    @Test
    void everyFigureIsTakenAndWrittenDown() throws Exception {
        Settings settings = Settings.small();
        Measurements measurements = new Measurements();
        Report report = new Report(measure(settings, measurements), settings, measurements);

        List<String> missing = new ArrayList<>();
        for (Figure figure : Figures.all(settings)) {
            if (figure.of(measurements).isEmpty()) {
                missing.add(figure.letter() + " " + figure.title());
            }
        }
        assertEquals(List.of(), missing);
        for (String letter : Settings.ALL.split("")) {
            assertTrue(
                    Figures.all(settings).stream()
                            .anyMatch(figure -> figure.letter().equals(letter)),
                    letter);
        }

        Path file = folder.resolve("deep").resolve("run.json");
        report.write(file);
        JsonNode document = JsonMapper.shared().readTree(Files.readAllBytes(file));
        assertEquals(Figures.all(settings).size(), document.path("figures").size());
        assertEquals(settings.asMap().size(), document.path("settings").size());
        for (JsonNode figure : document.path("figures")) {
            assertTrue(figure.path("value").isNumber(), figure.toString());
            boolean growth =
                    figure.path("letter").asString().equals("j"); // of next to nothing, it may be less than none
            assertTrue(growth || figure.path("value").asDouble() >= 0, figure.toString());
        }
        assertTrue(document.path("measurements")
                        .path(LoadPart.TO_POSTGRES)
                        .get(0)
                        .path("rss")
                        .asDouble()
                > 50);
        assertEquals(
                2_000,
                document.path("measurements")
                        .path(LoadPart.COPY_TEXT)
                        .get(0)
                        .path("count")
                        .asInt());
        assertFalse(report.table().contains("NaN"), report.table());
        assertTrue(report.compared(file).contains("by 1.00"), report.compared(file));
    }

    /** All parts at once, for nobody looks at the times. */
    private Map<String, String> measure(Settings settings, Measurements measurements) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PARTS_AT_ONCE);
        try (Bench bench = new Bench(folder, settings.jvm())) {
            Map<String, String> circumstances = Circumstances.now(bench);
            Work work = new Work(settings, bench, new Clients(folder), measurements);
            List<Callable<Void>> parts = new ArrayList<>();
            for (BenchTest.Part part : BenchTest.parts(settings)) {
                parts.add(() -> {
                    part.measure(work);
                    return null;
                });
            }
            for (Future<Void> part : threads.invokeAll(parts, LONGEST_SECONDS, TimeUnit.SECONDS)) {
                part.get();
            }
            measurements.largest();
            return circumstances;
        } finally {
            threads.shutdownNow();
        }
    }
}
