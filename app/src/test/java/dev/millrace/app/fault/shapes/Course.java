package dev.millrace.app.fault.shapes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.app.fault.MillraceProcess;
import dev.millrace.app.fault.Stage;
import dev.millrace.app.fault.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Shapes on their way: created, loaded, changed, followed, compared; the process's memory watched all the while. */
final class Course {
    private static final long SECONDS = 600;

    private final Trial trial;
    private final Stage stage;

    Course(Trial trial, Stage stage) {
        this.trial = trial;
        this.stage = stage;
    }

    void run(List<Shape> shapes) throws Exception {
        for (Shape shape : shapes) {
            shape.create(stage.source());
        }
        stage.objects(String.join(
                        ", ",
                        shapes.stream()
                                .map(shape -> '"' + shape.name() + ".*\"")
                                .toList()))
                .write();
        finish();
        for (Shape shape : shapes) {
            shape.change(stage.source());
        }
        finish();
        compare(shapes);
    }

    void compare(List<Shape> shapes) throws Exception {
        try (Connection source = stage.source().connect();
                Connection destination = stage.destination()) {
            for (Shape shape : shapes) {
                shape.compare(source, destination, stage.duckdb());
                trial.tally().add("shapes equal", 1);
            }
        }
    }

    /** {@code run --once} to its good end. */
    void finish() throws Exception {
        try (MillraceProcess process = stage.once("")) {
            assertEquals(0, awaitEnd(process), process::text);
        }
    }

    /** The exit code; tells the tally what the process took, and allows no lack of memory to go unhandled. */
    int awaitEnd(MillraceProcess process) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        int end = -1;
        while (end == -1 && System.nanoTime() < deadline) {
            watch(process);
            end = process.awaitMillis(50);
        }
        assertFalse(process.output().contains("OutOfMemoryError"), process::text);
        return end;
    }

    /** Tells the tally the most the process has had resident so far. */
    void watch(MillraceProcess process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return;
        }
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    long kilobytes = Long.parseLong(line.replaceAll("\\D", ""));
                    trial.tally().max("MB resident", kilobytes >> 10);
                }
            }
        } catch (IOException gone) {
            if (Files.exists(status)) {
                throw gone;
            }
        }
    }
}
