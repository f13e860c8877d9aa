package dev.millrace.app.bench;

import dev.millrace.storage.testing.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Historical loads, (a) and (b): {@code run --once} on a table that nothing changes, less one on an empty table. */
final class LoadPart {
    static final String TO_POSTGRES = Measurements.OURS + "load into PostgreSQL";
    static final String TO_DUCKDB = Measurements.OURS + "load into DuckDB";
    static final String COPY_TEXT = "COPY | COPY, text";
    static final String COPY_BINARY = "COPY | COPY, binary";
    static final String COPY_CSV = "COPY csv | DuckDB's reader";

    private final Work work;
    private final TestDatabase source;
    private final TestDatabase empty;
    private int round;

    private LoadPart(Work work, TestDatabase source, TestDatabase empty) {
        this.work = work;
        this.source = source;
        this.empty = empty;
    }

    /** One way of moving the table. */
    private interface Way {
        void take() throws Exception;
    }

    static void measure(Work work) throws Exception {
        try (TestDatabase source = work.bench().source();
                TestDatabase empty = work.bench().source()) {
            MixedTable.create(source);
            MixedTable.fill(source, work.settings().rows());
            MixedTable.create(empty);
            new LoadPart(work, source, empty).rounds();
        }
    }

    private void rounds() throws Exception {
        List<Way> ways = new ArrayList<>();
        if (work.settings().any("a")) {
            ways.addAll(List.of(
                    () -> copy(COPY_TEXT, "text"), () -> copy(COPY_BINARY, "binary"), () -> load(TO_POSTGRES, false)));
        }
        if (work.settings().any("b")) {
            ways.addAll(List.of(this::csv, () -> load(TO_DUCKDB, true)));
        }
        for (round = 1; round <= work.settings().rounds(); round++) {
            for (Way way : ways) {
                way.take();
            }
            Collections.rotate(ways, 1); // so that none always follows the same other
        }
    }

    private void copy(String name, String format) throws Exception {
        try (TestDatabase target = work.bench().target();
                TestDatabase other = work.bench().target()) {
            MixedTable.create(target);
            MixedTable.create(other);
            Cost nothing = shortest(() -> work.clients().copy(empty, other, format));
            Bench.settle(source, target);
            Cost whole = work.clients().copy(source, target, format);
            MixedTable.requireSame(source, target);
            work.measurements().moved(name, whole, nothing, work.settings().rows());
        }
    }

    private void csv() throws Exception {
        int[] number = {0};
        Cost nothing = shortest(() -> work.clients().csv(empty, file("nothing" + ++number[0] + "x")));
        Bench.settle(source);
        Cost whole = work.clients().csv(source, file("all"));
        MixedTable.requireSame(source, file("all"), "main");
        work.measurements().moved(COPY_CSV, whole, nothing, work.settings().rows());
    }

    private Cost shortest(Cost.Try once) throws Exception {
        return Cost.shortest(work.settings().tries(), once);
    }

    private Cost nothing(String name, TestDatabase target) throws Exception {
        return work.bench().once(work.bench().pipeline(name, empty, target, name));
    }

    private Path file(String name) {
        return work.bench().folder().resolve("csv-" + name + round + ".duckdb");
    }

    private void load(String name, boolean duckdb) throws Exception {
        try (TestDatabase target = work.bench().target();
                TestDatabase other = work.bench().target()) {
            String suffix = (duckdb ? "duckdb" : "postgresql") + round;
            Path pipeline = work.bench().pipeline("load" + suffix, source, duckdb ? null : target);
            int[] number = {0};
            Cost nothing = shortest(() -> nothing("nothing" + suffix + "x" + ++number[0], duckdb ? null : other));
            Bench.settle(source, target);
            Cost whole = work.bench().once(pipeline);
            Path file = pipeline.resolve("warehouse.duckdb");
            if (duckdb) {
                MixedTable.requireSame(source, file, "public");
                MixedTable.requireTypes(file, "public");
            } else {
                MixedTable.requireSame(source, target);
            }
            work.measurements().moved(name, whole, nothing, work.settings().rows());
        } finally {
            Bench.dropSlots(source);
            Bench.dropSlots(empty);
        }
    }
}
