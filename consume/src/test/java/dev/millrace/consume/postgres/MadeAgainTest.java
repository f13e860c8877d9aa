package dev.millrace.consume.postgres;

import static dev.millrace.consume.postgres.MappingScene.BIG_COUNT;
import static dev.millrace.consume.postgres.MappingScene.COUNT;
import static dev.millrace.consume.postgres.MappingScene.ID;
import static dev.millrace.consume.postgres.MappingScene.NOTE;
import static dev.millrace.consume.postgres.MappingScene.T;
import static dev.millrace.consume.postgres.MappingScene.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.NamingRules;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.mapping.MappingView.Status;
import dev.millrace.consume.mapping.TableMapping;
import dev.millrace.consume.mapping.TableMappings;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that somebody drops at the destination and makes again under their names, and what isn't to be taken for that. */
final class MadeAgainTest {
    @TempDir
    Path folder;

    /** Puts another, empty table in the place of {@code t}, which is called {@code before} from then on. */
    private static String madeAgain(MappingScene scene) {
        return scene.warehouse.makeLike("public.again", "public.t")
                + "; ALTER TABLE public.t RENAME TO before; ALTER TABLE public.again RENAME TO t";
    }

    private void inPostgres(MappingScene.Play play) throws Exception {
        Pipe pipe = new Pipe(Files.createTempDirectory(folder, "pipe"));
        try (PostgresFixture fixture = new PostgresFixture()) {
            play.on(new MappingScene(pipe, new MappingScene.InPostgres(fixture)));
        }
    }

    private void inDuckDb(MappingScene.Play play) throws Exception {
        Pipe pipe = new Pipe(Files.createTempDirectory(folder, "pipe"));
        play.on(new MappingScene(pipe, new MappingScene.InDuckDb(pipe)));
    }

    @TestFactory
    Stream<DynamicTest> aTableThatWasMadeAgainEmptyIsNoMoreTakenForTheOneBefore() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.apply();
            scene.warehouse.execute(madeAgain(scene));
            scene.t.row(Operation.UPDATE, 1, "c");
            scene.other.row(Operation.INSERT, 1, "u");
            scene.apply();
            assertEquals(List.of("t TABLE_REPLACED"), scene.codes());
            assertEquals(List.of("1=u"), scene.notes("u"), "other tables go on");
            assertEquals(Status.WAITING, scene.status());
            assertTrue(scene.object().why().contains("public.t"), scene.object().why());
            scene.choices().recreate(T);
            scene.load(row(1, "c"), row(2, "b"));
            scene.t.row(Operation.UPDATE, 2, "d");
            scene.apply();
            assertEquals(List.of(), scene.codes());
            assertEquals(List.of("1=c", "2=d"), scene.notes("t"));
            assertEquals(Status.AUTO_MAPPED, scene.status());
            scene.t.row(Operation.UPDATE, 2, "e");
            scene.apply();
            assertEquals(List.of("1=c", "2=e"), scene.notes("t"));
        });
    }

    @TestFactory
    Stream<DynamicTest> aTableThatWasMadeAgainWithItsRowsGetsItsEventsByItself() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.apply();
            scene.warehouse.execute(madeAgain(scene));
            scene.t.row(Operation.UPDATE, 1, "c");
            scene.apply();
            assertEquals(List.of("t TABLE_REPLACED"), scene.codes());
            scene.warehouse.execute("INSERT INTO public.t SELECT * FROM public.before");
            scene.applyAll();
            assertEquals(List.of("1=c", "2=b"), scene.notes("t"));
            scene.warehouse.execute("DELETE FROM public.t");
            scene.t.row(Operation.INSERT, 3, "d");
            scene.apply();
            assertEquals(List.of("3=d"), scene.notes("t"), "it is the one that is known now");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTableThatIsMadeAgainUnderARunningPipelineGetsNoRowBeforeItIsLookedAt(boolean fast) throws Exception {
        Pipe pipe = new Pipe(Files.createTempDirectory(folder, "pipe"));
        try (PostgresFixture fixture = new PostgresFixture()) {
            MappingScene scene = new MappingScene(pipe, new MappingScene.InPostgres(fixture));
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.other.row(Operation.INSERT, 1, "u");
            int[] step = new int[1];
            Map<String, Object> settings = Map.of(
                    "consistency",
                    fast ? "fast" : "transactional",
                    "maxRunners",
                    3L,
                    "runnerIdle",
                    Duration.ofSeconds(10));
            try (Destination destination = fixture.open("orders", settings)) {
                scene.parking.run(destination, scene.queue, () -> {
                    step[0]++;
                    if (step[0] == 1) {
                        scene.t.row(Operation.UPDATE, 1, "c");
                        scene.other.row(Operation.INSERT, 2, "v");
                    } else if (step[0] == 2) {
                        fixture.execute(madeAgain(scene));
                        scene.t.row(Operation.UPDATE, 1, "d");
                        scene.other.row(Operation.INSERT, 3, "w");
                    } else if (step[0] == 3) {
                        assertEquals(List.of("t TABLE_REPLACED"), scene.codes());
                        fixture.execute("INSERT INTO public.t SELECT * FROM public.before");
                        scene.queue.replay(FailedFilter.ALL);
                    }
                    return step[0] > 3 && scene.queue.counts().events() == 0;
                });
            }
            assertEquals(List.of("1=d", "2=b"), scene.notes("t"));
            assertEquals(List.of("1=u", "2=v", "3=w"), scene.notes("u"));
        }
    }

    private static void requireTaken(MappingScene scene, List<String> byHand) throws Exception {
        scene.t.row(Operation.INSERT, 1, "a");
        scene.apply();
        for (int i = 0; i < byHand.size(); i++) {
            scene.warehouse.execute(byHand.get(i));
            scene.t.control(Operation.TRUNCATE);
            scene.apply();
            scene.load();
            scene.t.row(Operation.INSERT, i, "b");
            scene.apply();
            assertEquals(List.of(), scene.codes(), byHand.get(i));
            assertEquals(List.of(i + "=b"), scene.notes("t"));
        }
    }

    @Test
    void whatRewritesOrEmptiesATableIsNotTakenForAnotherOne() throws Exception {
        inPostgres(scene -> requireTaken(
                scene,
                List.of(
                        "VACUUM FULL public.t",
                        "TRUNCATE public.t",
                        "ALTER TABLE public.t ADD COLUMN own integer DEFAULT 1",
                        "ALTER TABLE public.t SET UNLOGGED; ALTER TABLE public.t SET LOGGED",
                        "ALTER TABLE public.t RENAME TO elsewhere; ALTER TABLE public.elsewhere RENAME TO t")));
        inDuckDb(scene -> {
            requireTaken(
                    scene,
                    List.of(
                            "CHECKPOINT",
                            "TRUNCATE public.t",
                            "ALTER TABLE public.t ADD COLUMN own INTEGER DEFAULT 1",
                            "DELETE FROM public.t; COMMENT ON TABLE public.t IS 'our own words'",
                            "ALTER TABLE public.t RENAME TO elsewhere; ALTER TABLE public.elsewhere RENAME TO t",
                            "DELETE FROM public.t; VACUUM"));
            assertTrue(comment(scene).matches("our own words \\[millrace [0-9a-f-]{36}]"), comment(scene));
        });
    }

    private static String comment(MappingScene scene) throws Exception {
        return scene.warehouse
                .rows("SELECT comment FROM duckdb_tables() WHERE schema_name = 'public' AND table_name = 't'")
                .get(0);
    }

    private static Identity identity(MappingScene scene) {
        return scene.choices().mapping(T).orElseThrow().identity();
    }

    @Test
    void aDuckDbTableKeepsItsMarkWhateverWeMakeOfIt() throws Exception {
        inDuckDb(scene -> {
            scene.t.schema(1, ID, COUNT).row(Operation.INSERT, 1, 10);
            scene.apply();
            Identity mark = identity(scene);
            assertTrue(comment(scene).endsWith("[millrace " + mark.table() + "]"), comment(scene));
            scene.t.schema(2, ID, BIG_COUNT, NOTE).row(Operation.INSERT, 2, 20, "b");
            scene.apply();
            scene.load(row(1, 10, "a"), row(2, 20, "b"));
            scene.apply();
            Column renamed = new Column("total", DataType.of(Type.STRING), true, 0, "", 4);
            scene.t.schema(3, ID, renamed, NOTE).row(Operation.INSERT, 3, "30", "c");
            scene.load(row(1, "10", "a"), row(3, "30", "c"));
            scene.apply();
            assertEquals(mark, identity(scene));
            assertTrue(comment(scene).endsWith("[millrace " + mark.table() + "]"), comment(scene));
            assertEquals(List.of("1=a", "3=c"), scene.notes("t"));
            scene.warehouse.execute("CREATE OR REPLACE TABLE public.t AS FROM public.t LIMIT 0");
            scene.t.row(Operation.INSERT, 4, "40", "d");
            scene.apply();
            assertEquals(List.of("t TABLE_REPLACED"), scene.codes());
            scene.choices().recreate(T);
            scene.load(row(4, "40", "d"));
            scene.apply();
            assertNotEquals(mark, identity(scene));
            assertTrue(comment(scene).endsWith("[millrace " + identity(scene).table() + "]"), comment(scene));
        });
    }

    @Test
    void aDuckDbTableFromBeforeTheMarksIsTakenAndMarkedOnce() throws Exception {
        inDuckDb(scene -> {
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            TableMapping known = scene.choices().mapping(T).orElseThrow();
            new TableMappings("orders", scene.pipe.state, new NamingRules(200, false, "main"), Optional.empty())
                    .remember(List.of(known.withIdentity(Identity.NONE)));
            scene.warehouse.execute("DELETE FROM public.t; COMMENT ON TABLE public.t IS NULL");
            scene.t.row(Operation.INSERT, 2, "b");
            scene.apply();
            assertEquals(List.of("2=b"), scene.notes("t"));
            Identity mark = identity(scene);
            assertTrue(comment(scene).endsWith("[millrace " + mark.table() + "]"), comment(scene));
            scene.t.row(Operation.INSERT, 3, "c");
            scene.apply();
            assertEquals(mark, identity(scene));
            scene.warehouse.execute(madeAgain(scene));
            scene.t.row(Operation.INSERT, 4, "d");
            scene.apply();
            assertEquals(List.of("t TABLE_REPLACED"), scene.codes());
        });
    }
}
