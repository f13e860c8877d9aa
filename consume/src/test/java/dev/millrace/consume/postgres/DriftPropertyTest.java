package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.FailedPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.consume.mapping.MappingView.MappedObject;
import dev.millrace.consume.postgres.MappingScene.Warehouse;
import dev.millrace.consume.testing.Flaky;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table that is dropped, renamed away, replaced and stripped of a column at the destination at random, passed over, moved and made again by choice, under
 * changes, loads, failures and new starts: once the last choice has had its effect, it equals the source. {@code -Dseed=…} repeats a run.
 */
final class DriftPropertyTest {
    private static final FailedPolicy PARK =
            new FailedPolicy(FailedPolicy.Action.PARK, Duration.ofDays(7), 1L << 30, 0, Duration.ofMinutes(5));
    private static final int ROUNDS = 14;

    @TempDir
    Path folder;

    /** What was done to the table that nobody has answered yet. */
    private enum Trouble {
        NONE,
        DROPPED,
        AWAY,
        STRIPPED,
        SKIPPED,
        /** Another, empty table has its name. */
        REPLACED
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTableEqualsTheSourceWhateverBecomesOfIt(boolean duckDb) throws Exception {
        int trials = Integer.getInteger("drift.trials", 2);
        for (int trial = 0; trial < trials; trial++) {
            long seed = Long.getLong("seed", System.nanoTime()) + trial;
            Path own = Files.createDirectory(folder.resolve("trial" + trial));
            Pipe pipe = new Pipe(own);
            try (Warehouse warehouse =
                    duckDb ? new MappingScene.InDuckDb(pipe) : new MappingScene.InPostgres(new PostgresFixture())) {
                new Trial(pipe, warehouse, new SplittableRandom(seed)).run();
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
            }
        }
    }

    private static final class Trial {
        private final Pipe pipe;
        private final Warehouse warehouse;
        private final SplittableRandom random;
        private final SourceModel source;
        private final BatchWriter writer = new BatchWriter();
        private final OnDelete onDelete;
        private Trouble trouble = Trouble.NONE;
        private int moves;

        Trial(Pipe pipe, Warehouse warehouse, SplittableRandom random) {
            this.pipe = pipe;
            this.warehouse = warehouse;
            this.random = random;
            this.source = new SourceModel(random.split()).reloading(10);
            this.onDelete = random.nextBoolean() ? OnDelete.HARD : OnDelete.SOFT;
        }

        void run() throws Exception {
            for (int round = 0; round < ROUNDS; round++) {
                change();
                if (trouble == Trouble.NONE && random.nextInt(2) == 0 && isThere()) {
                    harm();
                } else if (trouble != Trouble.NONE && random.nextInt(2) == 0) {
                    answer();
                }
                start(false);
            }
            if (trouble != Trouble.NONE) {
                answer();
            }
            start(false);
            source.endReload(writer);
            append(true);
            start(true);
            String live = "SELECT area, id, coalesce(note, 'null'), coalesce(\"large\", 'null') FROM " + target()
                    + " WHERE NOT __millrace_deleted";
            assertEquals(
                    source.rows().stream().sorted().toList(),
                    warehouse.rows(live).stream().sorted().toList());
        }

        private void change() {
            for (int batch = random.nextInt(6); batch >= 0; batch--) {
                for (int event = random.nextInt(15); event > 0; event--) {
                    source.change(writer);
                }
                append(random.nextInt(4) > 0);
            }
            append(true);
        }

        private void append(boolean whole) {
            pipe.topic.append(writer.finish(1, false, whole, OffsetDelta.NONE));
        }

        private String target() {
            MappedObject object = new ParkingPipe(pipe.topic, pipe.state, onDelete, Optional.empty(), options())
                    .view()
                    .objects()
                    .get(0);
            return "\"" + object.target().schema() + "\".\"" + object.target().name() + "\"";
        }

        /** Made, as far as it is remembered, and not about to be moved. */
        private boolean isThere() throws Exception {
            return !choices().mappings().isEmpty()
                    && (!inDuckDb() || pipe.file().toFile().exists())
                    && !warehouse
                            .rows(
                                    "SELECT 1 FROM information_schema.tables WHERE '\"' || table_schema || '\".\"' || table_name"
                                            + " || '\"' = '" + target() + "'")
                            .isEmpty();
        }

        private boolean inDuckDb() {
            return warehouse instanceof MappingScene.InDuckDb;
        }

        private void harm() throws Exception {
            trouble = Trouble.values()[1 + random.nextInt(5)];
            switch (trouble) {
                case DROPPED -> warehouse.execute("DROP TABLE " + target());
                case AWAY -> warehouse.execute("ALTER TABLE " + target() + " RENAME TO away");
                case STRIPPED -> warehouse.execute("ALTER TABLE " + target() + " DROP COLUMN \"large\"");
                case SKIPPED -> choices().skip(SourceModel.TABLE);
                case REPLACED ->
                    warehouse.execute(warehouse.makeLike("shop.again", target()) + "; DROP TABLE " + target()
                            + "; ALTER TABLE shop.again RENAME TO " + nameOf(target()));
                case NONE -> throw new IllegalStateException();
            }
        }

        private MappingChoices choices() {
            return new MappingChoices("orders", pipe.state);
        }

        private void answer() throws Exception {
            MappingChoices choices = choices();
            if (trouble == Trouble.SKIPPED) {
                choices.unskip(SourceModel.TABLE);
            } else if (trouble == Trouble.AWAY && random.nextBoolean() && !isThere()) {
                warehouse.execute("ALTER TABLE shop.away RENAME TO " + nameOf(target()));
            } else if (trouble != Trouble.STRIPPED && random.nextInt(3) == 0) {
                choices.moveTo(SourceModel.TABLE, new TargetName("shop", "moved" + ++moves));
            } else if (random.nextBoolean()) {
                choices.recreate(SourceModel.TABLE);
            } else {
                choices.reloadAsked(SourceModel.TABLE);
                load();
            }
            if (trouble == Trouble.AWAY) {
                warehouse.execute("DROP TABLE IF EXISTS shop.away");
            }
            trouble = Trouble.NONE;
        }

        private static String nameOf(String target) {
            return target.substring(target.indexOf('.') + 1);
        }

        private void load() {
            source.beginReload(writer);
            append(true);
        }

        private ConsumeOptions options() {
            return new ConsumeOptions(1 + random.nextInt(40), 1 << 20, 0, 1 + random.nextInt(3));
        }

        /** As many processes as it takes until all is applied, and where wanted nothing is parked any more. */
        private void start(boolean untilNothingIsParked) throws Exception {
            boolean replay = untilNothingIsParked || random.nextInt(3) == 0;
            while (true) {
                if (choices().awaited(MappingRules.DEFAULTS).contains(SourceModel.TABLE)) {
                    load(); // as every start does
                    if (untilNothingIsParked) {
                        source.endReload(writer);
                        append(true);
                    }
                }
                ParkingPipe parking =
                        new ParkingPipe(pipe.topic, pipe.state, onDelete, Optional.empty(), options()).policy(PARK);
                FailedQueue queue = parking.queue();
                if (replay) {
                    queue.replay(FailedFilter.ALL);
                }
                try (Destination destination = new Flaky(warehouse.open(), random.split(), 60, 1_000)) {
                    parking.run(
                            destination,
                            queue,
                            () -> !untilNothingIsParked || queue.counts().events() == 0);
                    if (!untilNothingIsParked
                            || choices().awaited(MappingRules.DEFAULTS).isEmpty()) {
                        return;
                    }
                } catch (MillraceException e) {
                    assertEquals(Category.EXTERNAL, e.category(), e.toString());
                }
            }
        }
    }
}
