package dev.millrace.consume.postgres;

import static dev.millrace.consume.postgres.MappingScene.ID;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.mapping.MappedColumn;
import dev.millrace.consume.mapping.Promotion;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Columns whose types change at random, over and over, with rows of random values between: at the destination every value that was ever loaded is
 * what it was, in whatever type it stands by then, and no type is ever narrowed. {@code -Dseed=…} repeats a run.
 */
final class PromotionTest {
    private static final int COLUMNS = 4;

    @TempDir
    Path folder;

    /** A cell as it was loaded. */
    private record Loaded(DataType type, String value) {}

    @TestFactory
    Stream<DynamicTest> noValueChangesWhenItsColumnIsWidened() {
        int trials = Integer.getInteger("promotion.trials", 2);
        return Stream.generate(() -> MappingScene.inBoth(folder, PromotionTest::trial))
                .limit(trials)
                .flatMap(tests -> tests);
    }

    private static void trial(MappingScene scene) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        try {
            new Trial(scene, new SplittableRandom(seed)).run();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
        }
    }

    private static final class Trial {
        private final MappingScene scene;
        private final SplittableRandom random;
        private final DataType[] types = new DataType[COLUMNS];
        private final List<Loaded[]> rows = new ArrayList<>();
        private final List<String> history = new ArrayList<>();

        Trial(MappingScene scene, SplittableRandom random) {
            this.scene = scene;
            this.random = random;
        }

        void run() throws Exception {
            Map<String, DataType> before = new HashMap<>();
            int versions = 3 + random.nextInt(4);
            for (int version = 1; version <= versions; version++) {
                changeTypes(version);
                insert(1 + random.nextInt(4));
                if (version == versions || random.nextInt(3) > 0) {
                    scene.apply();
                    requireNothingParked();
                    compare();
                    requireNotNarrower(before);
                }
            }
        }

        private void changeTypes(int version) {
            Column[] columns = new Column[COLUMNS + 1];
            columns[0] = ID;
            for (int i = 0; i < COLUMNS; i++) {
                if (types[i] == null || random.nextInt(3) == 0) {
                    types[i] = RandomCells.type(random, types[i]);
                }
                columns[i + 1] = new Column("c" + i, types[i], true, 0, "", 2 + i);
            }
            history.add(List.of(types).toString());
            scene.t.schema(version, columns);
        }

        private void insert(int count) {
            for (int n = 0; n < count; n++) {
                Object[] cells = new Object[COLUMNS + 1];
                Loaded[] row = new Loaded[COLUMNS];
                cells[0] = rows.size();
                for (int i = 0; i < COLUMNS; i++) {
                    cells[i + 1] = random.nextInt(8) == 0 ? null : RandomCells.value(random, types[i]);
                    row[i] = new Loaded(types[i], RandomCells.canonical(types[i], cells[i + 1]));
                }
                scene.t.row(Operation.INSERT, cells);
                rows.add(row);
            }
        }

        private void requireNothingParked() {
            assertEquals(
                    List.of(),
                    scene.queue.list(FailedFilter.ALL, null, 10).stream()
                            .map(event -> event.failure() + " after " + history)
                            .toList());
        }

        private void compare() throws Exception {
            for (int i = 0; i < COLUMNS; i++) {
                List<String> found =
                        scene.warehouse.rows("SELECT coalesce(" + text("c" + i) + ", '∅') FROM public.t ORDER BY id");
                assertEquals(rows.size(), found.size());
                for (int n = 0; n < found.size(); n++) {
                    Loaded loaded = rows.get(n)[i];
                    assertEquals(
                            loaded.value(),
                            RandomCells.canonicalText(loaded.type(), found.get(n)),
                            "c" + i + " of row " + n + ", loaded as " + loaded.type() + ", stands as '" + found.get(n)
                                    + "' after " + history);
                }
            }
        }

        private String text(String column) throws Exception {
            boolean blob = scene.warehouse
                    .rows("SELECT data_type FROM information_schema.columns WHERE table_schema = 'public'"
                            + " AND table_name = 't' AND column_name = '" + column + "'")
                    .equals(List.of("BLOB"));
            return blob ? "hex(" + column + ")" : "CAST(" + column + " AS VARCHAR)";
        }

        private void requireNotNarrower(Map<String, DataType> before) {
            TableMapping mapping = scene.choices().mapping(MappingScene.T).orElseThrow();
            for (MappedColumn column : mapping.columns()) {
                DataType old = before.put(column.sourceName(), column.type());
                if (old != null) {
                    assertEquals(
                            column.type(),
                            Promotion.widest(old, column.type()),
                            column.sourceName() + " was " + old + "; " + history);
                }
                assertEquals(column.type(), Promotion.widest(column.type(), column.sourceType()), column.sourceName());
            }
        }
    }
}
