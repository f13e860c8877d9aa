package dev.millrace.consume.postgres;

import static dev.millrace.consume.destination.TestTable.field;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TestLoad;
import dev.millrace.consume.destination.TestTable;
import dev.millrace.consume.testing.Flaky;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories end in the rows that a model of the source holds. */
class PostgresHistoryTest {
    private static final String LIVE =
            "SELECT area, id, note, \"large\" FROM shop.\"Item\" WHERE NOT __millrace_deleted ORDER BY area || '|' || id";

    /** {@code -Dhistory.rounds=n} makes more. */
    private static final int ROUNDS = Integer.getInteger("history.rounds", 12);

    @TempDir
    Path folder;

    private PostgresFixture fixture;

    @BeforeEach
    void open() {
        fixture = new PostgresFixture();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theDestinationEqualsTheSourceThroughFailuresAndCutSessions() throws Exception {
        for (OnDelete onDelete : new OnDelete[] {OnDelete.HARD, OnDelete.SOFT}) {
            follow(onDelete);
            fixture.execute("DROP TABLE shop.\"Item\", public.__millrace_positions");
        }
    }

    private void follow(OnDelete onDelete) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        BatchWriter writer = new BatchWriter();
        SourceModel source = new SourceModel(random)
                .reloading(20)
                .cutting(() -> pipe.topic.append(writer.finish(1, false, false, OffsetDelta.NONE)));
        source.begun(writer);
        int failures = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int batch = random.nextInt(6); batch >= 0; batch--) {
                for (int event = random.nextInt(20); event >= 0; event--) {
                    source.change(writer);
                }
                pipe.append(writer);
            }
            source.endReload(writer);
            pipe.append(writer);
            ConsumeOptions options = new ConsumeOptions(1 + random.nextInt(40), 1 << 20, 0, 1 + random.nextInt(3));
            boolean done = false;
            while (!done) {
                try (Destination destination = new Flaky(fixture.open("orders"), random.split(), 12)) {
                    if (random.nextInt(3) == 0) {
                        destination.claim();
                        destination.begin().close();
                        fixture.rows(
                                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'millrace-orders'"
                                        + " AND datname = current_database()");
                    }
                    pipe.drain(pipe.consumer(destination, onDelete, options));
                    done = true;
                } catch (MillraceException e) {
                    assertEquals(Category.EXTERNAL, e.category(), e.toString());
                    failures++;
                }
            }
            List<String> expected = source.rows().stream()
                    .map(row -> row.replace("|null", "|∅"))
                    .toList();
            assertEquals(expected, fixture.rows(LIVE), "seed " + seed + " round " + round);
        }
        assertTrue(failures > 0, "nothing ever failed");
    }

    @Test
    void tablesWithoutAKeyEndAsIfEveryRowWereAppliedInOrder() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        TestTable table =
                TestTable.of("bag", field("a", DataType.of(Type.STRING)), field("b", DataType.of(Type.INTEGER)));
        List<Row> model = new ArrayList<>();
        try (Destination destination = fixture.open("bag")) {
            destination.claim();
            for (int window = 1; window <= 40; window++) {
                TestLoad load = TestLoad.into(table);
                if (window > 1) {
                    for (int i = random.nextInt(30); i >= 0; i--) {
                        Row row = new Row(
                                random.nextInt(4) == 0 ? null : "x" + random.nextInt(2),
                                random.nextInt(3) == 0 ? null : random.nextInt(2));
                        if (random.nextInt(5) < 3) {
                            load.insert(row.a(), row.b());
                            model.add(row);
                        } else {
                            load.deleteOne(row.a(), row.b());
                            model.remove(row);
                        }
                    }
                }
                try (LoadTransaction transaction = destination.begin()) {
                    if (window == 1) {
                        transaction.create(table.target());
                    }
                    transaction.load(load);
                    transaction.commit(window);
                }
                List<String> expected = model.stream()
                        .map(Row::text)
                        .sorted(Comparator.naturalOrder())
                        .toList();
                List<String> found = fixture.rows("SELECT a, b FROM sales.bag").stream()
                        .sorted()
                        .toList();
                assertEquals(expected, found, "seed " + seed + " window " + window);
            }
        }
    }

    private record Row(String a, Integer b) {
        String text() {
            return Objects.requireNonNullElse(a, "∅") + "|" + (b == null ? "∅" : b.toString());
        }
    }
}
