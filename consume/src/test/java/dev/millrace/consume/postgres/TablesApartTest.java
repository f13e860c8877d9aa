package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.FencedException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.consume.testing.Flaky;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are committed each by itself, with the order and the number of their rows kept through failures and changes of the setting. */
class TablesApartTest {
    private static final int BAGS = 4;
    private static final String ITEMS =
            "SELECT area, id, note, \"large\" FROM shop.\"Item\" WHERE NOT __millrace_deleted ORDER BY area || '|' || id";

    @TempDir
    Path folder;

    private final List<List<String>> bags = new ArrayList<>();
    private PostgresFixture fixture;
    private int transactions;

    @BeforeEach
    void open() {
        fixture = new PostgresFixture();
        for (int i = 0; i < BAGS; i++) {
            bags.add(new ArrayList<>());
        }
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void nothingIsLostDoubledOrOutOfOrderWhereTablesFailApartAndTheSettingChanges() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Pipe pipe = new Pipe(folder);
        SourceModel items = new SourceModel(random);
        int failures = 0;
        pipe.append(everyTable(items));
        for (int round = 0; round < 25; round++) {
            append(pipe, items, random);
            ConsumeOptions options = new ConsumeOptions(1 + random.nextInt(60), 1 << 20, 0, 1 + random.nextInt(3));
            boolean done = false;
            while (!done) {
                boolean fast = random.nextInt(3) > 0;
                try (Destination destination = new Flaky(destination(fast), random.split(), 25)) {
                    pipe.drain(pipe.consumer(destination, OnDelete.HARD, options));
                    done = true;
                } catch (MillraceException e) {
                    assertEquals(Category.EXTERNAL, e.category(), e.toString());
                    failures++;
                }
            }
            String told = "seed " + seed + " round " + round;
            List<String> expected =
                    items.rows().stream().map(row -> row.replace("|null", "|∅")).toList();
            assertEquals(expected, fixture.rows(ITEMS), told);
            for (int bag = 0; bag < BAGS; bag++) {
                assertEquals(
                        bags.get(bag),
                        fixture.rows("SELECT n FROM shop.bag" + bag + " ORDER BY n"),
                        told + " bag " + bag);
            }
        }
        assertTrue(failures > 0, "nothing ever failed");
        assertTrue(
                fixture.rows("SELECT 1 FROM public.__millrace_positions WHERE pipeline LIKE 'orders/%'")
                                .size()
                        > 1,
                "no table was ever committed by itself");
    }

    @Test
    void aTableIsFencedAsThePipelineIsAndItsPositionCountsUntilThePipelineHasPassedIt() {
        try (Destination first = destination(true);
                Destination second = destination(true)) {
            first.claim();
            TablesApart apart = (TablesApart) first;
            try (TablesApart.Lane lane = apart.lane();
                    TablesApart.Lane other = apart.lane()) {
                commit(lane.begin("4:shop.a"), 7);
                commit(other.begin("4:shop.b"), 9);
                assertEquals(Map.of("4:shop.a", 7L, "4:shop.b", 9L), apart.tablePositions());
                commit(first.begin(), 7);
                assertEquals(Map.of("4:shop.b", 9L), apart.tablePositions());
                LoadTransaction late = lane.begin("4:shop.a");
                second.claim();
                assertThrows(FencedException.class, () -> commit(late, 12));
                assertEquals(Map.of("4:shop.b", 9L), ((TablesApart) second).tablePositions());
            }
        }
    }

    private static void commit(LoadTransaction transaction, long index) {
        try (transaction) {
            transaction.commit(index);
        }
    }

    private Destination destination(boolean fast) {
        return fixture.open(
                "orders",
                Map.of(
                        "consistency",
                        fast ? "fast" : "transactional",
                        "maxRunners",
                        3L,
                        "runnerIdle",
                        Duration.ofMillis(20)));
    }

    /** A table is made with its first row, so each has one before they are compared. */
    private BatchWriter everyTable(SourceModel items) {
        BatchWriter writer = new BatchWriter();
        items.begun(writer);
        for (int bag = 0; bag < BAGS; bag++) {
            insert(writer, bag);
        }
        return writer;
    }

    private void append(Pipe pipe, SourceModel items, SplittableRandom random) {
        BatchWriter writer = new BatchWriter();
        for (int batch = random.nextInt(6); batch >= 0; batch--) {
            for (int event = random.nextInt(20); event >= 0; event--) {
                if (random.nextInt(BAGS + 1) == 0) {
                    items.change(writer);
                } else {
                    insert(writer, random.nextInt(BAGS));
                }
            }
            pipe.append(writer);
        }
    }

    private void insert(BatchWriter writer, int bag) {
        Schema schema = new Schema(
                new TableName("shop", "bag" + bag),
                1,
                List.of(new Column("n", DataType.of(Type.INTEGER), true, 0, "int4", 1)));
        transactions++;
        int number = bags.get(bag).size() + 100_000;
        bags.get(bag).add(Integer.toString(number));
        int place = writer.schema(schema);
        writer.beginTransaction(transactions, 1_700_000_000_000_000L + transactions, "0/" + transactions, 1);
        writer.beginRow(Operation.INSERT, place);
        writer.putLong(number);
        writer.endRow();
    }
}
