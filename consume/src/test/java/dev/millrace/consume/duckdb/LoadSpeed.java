package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TenColumns;
import dev.millrace.storage.event.Operation;
import java.nio.file.Path;
import java.time.Duration;

/** Measures, by hand: a historical load and then upserts of a table of ten columns into DuckDB. Arguments: folder, rows. */
public final class LoadSpeed {
    private LoadSpeed() {}

    public static void main(String[] arguments) throws Exception {
        Pipe pipe = new Pipe(Path.of(arguments[0]));
        int rows = Integer.parseInt(arguments[1]);
        try (Destination destination = pipe.destination()) {
            Consumer consumer = pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
            for (int round = 0; round < 2; round++) {
                TenColumns.fill(pipe, rows, round == 0 ? Operation.READ : Operation.UPDATE);
                Consumer used =
                        round == 0 ? consumer : pipe.consumer(destination, OnDelete.HARD, ConsumeOptions.defaults());
                long start = System.nanoTime();
                Duration before = cpu();
                pipe.drain(used);
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf(
                        "%s: %,d rows in %.2f s = %,.0f rows/s, %d windows, %.2f s of CPU%n",
                        round == 0 ? "historical" : "upserts",
                        rows,
                        seconds,
                        rows / seconds,
                        used.status().windows(),
                        cpu().minus(before).toMillis() / 1e3);
            }
        }
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }
}
