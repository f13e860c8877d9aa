package dev.millrace.consume.postgres;

import static dev.millrace.consume.postgres.MappingScene.COUNT;
import static dev.millrace.consume.postgres.MappingScene.ID;
import static dev.millrace.consume.postgres.MappingScene.T;
import static dev.millrace.consume.postgres.MappingScene.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.mapping.MappingView.Status;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.storage.event.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are dropped and changed at the destination, and what users choose then: in DuckDB and PostgreSQL. Made again: {@link MadeAgainTest}. */
final class DriftTest {
    @TempDir
    Path folder;

    private static void dropped(MappingScene scene) throws Exception {
        scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
        scene.apply();
        assertEquals(Status.AUTO_MAPPED, scene.status());
        scene.warehouse.execute("DROP TABLE public.t");
        scene.t.row(Operation.INSERT, 3, "c").row(Operation.UPDATE, 1, "d");
        scene.other.row(Operation.INSERT, 1, "u");
        scene.apply();
        assertEquals(List.of("t TABLE_MISSING", "t BEHIND"), scene.codes());
        assertEquals(List.of("1=u"), scene.notes("u"), "other tables go on");
        assertEquals(Status.WAITING, scene.status());
        assertEquals("TABLE_MISSING", scene.object().code());
        assertEquals(1, scene.parking.view().waiting());
    }

    @TestFactory
    Stream<DynamicTest> aDroppedTableIsNotMadeAgainUntilItIsLoadedAgain() {
        return MappingScene.inBoth(folder, scene -> {
            dropped(scene);
            scene.load(row(1, "x"));
            scene.apply();
            assertEquals(5, scene.codes().size(), "a load that nobody has asked for makes no table");
            scene.choices().reloadAsked(T);
            scene.load(row(1, "d"), row(2, "b"), row(3, "c"));
            scene.t.row(Operation.UPDATE, 3, "e");
            scene.apply();
            assertEquals(List.of(), scene.codes(), "what was parked before the load is superseded");
            assertEquals(List.of("1=d", "2=b", "3=e"), scene.notes("t"));
            assertEquals(Status.AUTO_MAPPED, scene.status());
        });
    }

    @TestFactory
    Stream<DynamicTest> aLoadThatWasChosenMakesTheTableThoughItsWindowHasRowsBefore() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.warehouse.execute("DROP TABLE public.t");
            scene.choices().recreate(T);
            assertTrue(scene.awaitsLoad());
            assertEquals(Status.IN_PROGRESS, scene.status());
            scene.t.row(Operation.UPDATE, 1, "b");
            scene.load(row(1, "b"), row(2, "c"));
            scene.t.row(Operation.UPDATE, 2, "d");
            scene.apply();
            assertEquals(List.of(), scene.codes());
            assertEquals(List.of("1=b", "2=d"), scene.notes("t"));
            assertTrue(!scene.awaitsLoad(), "the load has begun");
        });
    }

    @TestFactory
    Stream<DynamicTest> aTableThatIsPutBackGetsItsEventsByItself() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.warehouse.execute("ALTER TABLE public.t RENAME TO away");
            scene.t.row(Operation.UPDATE, 1, "b").row(Operation.INSERT, 2, "c").row(Operation.UPDATE, 1, "d");
            scene.apply();
            assertEquals(3, scene.codes().size());
            scene.warehouse.execute("ALTER TABLE public.away RENAME TO t");
            scene.t.row(Operation.UPDATE, 2, "e");
            scene.parking.clock().forward(Duration.ofMinutes(2).toMillis());
            scene.queue = scene.parking.queue();
            try (Destination destination = scene.warehouse.open()) {
                scene.parking.run(
                        destination, scene.queue, () -> scene.queue.counts().events() == 0);
            }
            assertEquals(List.of("1=d", "2=e"), scene.notes("t"));
            assertEquals(Status.AUTO_MAPPED, scene.status());
        });
    }

    @TestFactory
    Stream<DynamicTest> aSkippedObjectIsPassedOverAndComesBackWhole() {
        return MappingScene.inBoth(folder, scene -> {
            dropped(scene);
            scene.choices().skip(T);
            scene.applyAll();
            scene.t.row(Operation.INSERT, 4, "passed").control(Operation.TRUNCATE);
            scene.apply();
            assertEquals(List.of(), scene.codes());
            assertEquals(Status.SKIPPED, scene.status());
            assertTrue(!scene.awaitsLoad());
            scene.choices().unskip(T);
            assertTrue(scene.awaitsLoad());
            scene.t.row(Operation.INSERT, 5, "before the load");
            scene.load(row(5, "five"));
            scene.t.row(Operation.INSERT, 6, "six");
            scene.apply();
            assertEquals(List.of("5=five", "6=six"), scene.notes("t"));
            assertEquals(List.of(), scene.codes());
        });
    }

    @TestFactory
    Stream<DynamicTest> anObjectMovesToAnotherTableWhereItsLoadBegins() {
        return MappingScene.inBoth(folder, scene -> {
            dropped(scene);
            scene.choices().moveTo(T, new TargetName("public", "elsewhere"));
            assertTrue(scene.awaitsLoad());
            scene.t.row(Operation.UPDATE, 1, "not yet");
            scene.load(row(1, "d"), row(2, "b"));
            scene.t.row(Operation.UPDATE, 2, "e");
            scene.applyAll();
            assertEquals(List.of("1=d", "2=e"), scene.notes("elsewhere"));
            assertEquals(Status.MAPPED, scene.status());
            assertEquals("elsewhere", scene.object().target().name());
        });
    }

    @TestFactory
    Stream<DynamicTest> aColumnDroppedAtTheDestinationIsMadeAgainByALoad() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.apply();
            scene.warehouse.execute("ALTER TABLE public.t DROP COLUMN note");
            scene.t.row(Operation.UPDATE, 1, "c");
            scene.apply();
            assertEquals(List.of("t COLUMN_MISSING"), scene.codes());
            assertTrue(scene.object().why().contains("note"), scene.object().why());
            scene.choices().recreate(T);
            scene.load(row(1, "c"), row(2, "b"));
            scene.apply();
            assertEquals(List.of("1=c", "2=b"), scene.notes("t"));
            assertEquals(List.of(), scene.codes());
        });
    }

    @TestFactory
    Stream<DynamicTest> aTypeThatWasAlteredIsTakenOverWhereItHoldsEveryValue() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.schema(1, ID, COUNT).row(Operation.INSERT, 1, 10);
            scene.apply();
            scene.warehouse.execute("ALTER TABLE public.t ALTER COLUMN \"count\" TYPE BIGINT");
            scene.t.row(Operation.INSERT, 2, 20);
            scene.apply();
            assertEquals(List.of(), scene.codes());
            assertEquals("long", scene.object().columns().get(1).type());
            assertEquals("integer", scene.object().columns().get(1).sourceType());
            scene.warehouse.execute("ALTER TABLE public.t ALTER COLUMN \"count\" TYPE SMALLINT");
            scene.t.row(Operation.INSERT, 3, 30);
            scene.apply();
            assertEquals(List.of("t TABLE_DIFFERS"), scene.codes());
            scene.warehouse.execute("ALTER TABLE public.t ALTER COLUMN \"count\" TYPE BIGINT");
            scene.applyAll();
            assertEquals(
                    List.of("1=10", "2=20", "3=30"),
                    scene.warehouse.rows("SELECT id || '=' || \"count\" FROM public.t ORDER BY id"));
        });
    }

    @TestFactory
    Stream<DynamicTest> aTableOfAnotherDestinationIsNotMissingInANewOne() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            try (PostgresFixture fresh = new PostgresFixture();
                    Destination destination = fresh.open("orders")) {
                scene.parking.run(destination, scene.parking.queue(), () -> true);
                assertEquals(List.of("1|a"), fresh.rows("SELECT id, note FROM public.t"));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> aTableDroppedUnderARunningPipelineIsFoundMissing() {
        return Stream.of(dynamicTest("PostgreSQL", () -> {
            Pipe pipe = new Pipe(Files.createTempDirectory(folder, "pipe"));
            try (PostgresFixture fixture = new PostgresFixture()) {
                MappingScene scene = new MappingScene(pipe, new MappingScene.InPostgres(fixture));
                scene.t.row(Operation.INSERT, 1, "a");
                scene.other.row(Operation.INSERT, 1, "a");
                int[] step = new int[1];
                try (Destination destination = fixture.open("orders")) {
                    scene.parking.run(destination, scene.queue, () -> {
                        step[0]++;
                        if (step[0] == 1) {
                            fixture.execute("DROP TABLE public.t; ALTER TABLE public.u DROP COLUMN note");
                            scene.t.row(Operation.UPDATE, 1, "b");
                            scene.other.row(Operation.UPDATE, 1, "b");
                        } else if (step[0] == 2) {
                            assertEquals(Set.of("t TABLE_MISSING", "u COLUMN_MISSING"), Set.copyOf(scene.codes()));
                            scene.choices().reloadAsked(T);
                            scene.load(row(1, "c"));
                        } else if (step[0] == 3) {
                            fixture.execute("ALTER TABLE public.u ADD COLUMN note text");
                            scene.queue.replay(FailedFilter.ALL);
                        }
                        return step[0] > 3 && scene.queue.counts().events() == 0;
                    });
                }
                assertEquals(List.of("1=c"), scene.notes("t"));
                assertEquals(List.of("1=b"), scene.notes("u"));
            }
        }));
    }
}
