package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A column that the source has dropped, and another one that it has made under the same name: rows that nothing was written to since have NULL. */
final class ColumnMadeAgainTest {
    private static final Column NUMBER = new Column("note", DataType.of(Type.INTEGER), true, 0, "", 5);
    private static final String OTHERS =
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                    + " AND table_name = 't' AND column_name NOT LIKE '\\_\\_%' ESCAPE '\\' AND column_name NOT IN ('id', 'note')";

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> itIsEmptyAndTheOldOneKeepsItsValues() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.apply();
            makeAgain(scene, 2);
            scene.apply();
            checkAsAtTheSource(scene);
            scene.t.row(Operation.INSERT, 4, null);
            scene.apply();
            assertEquals(List.of("1=7", "2=-", "3=9", "4=-"), numbers(scene));
        });
    }

    @TestFactory
    Stream<DynamicTest> itIsSoThoughTheTableWasSeenWithoutEither() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.t.schema(2, MappingScene.ID).row(Operation.UPDATE, 1);
            scene.apply();
            makeAgain(scene, 3);
            scene.apply();
            checkAsAtTheSource(scene);
        });
    }

    @TestFactory
    Stream<DynamicTest> anEventFromBeforeGivesTheNewOneNothing() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "x");
            try (Destination destination = new Refusing(
                    scene.warehouse.open(), cells -> cells.stringAt(1).startsWith("x"), true, name -> false)) {
                scene.parking.run(destination, scene.parking.queue(), () -> true);
            }
            makeAgain(scene, 2);
            scene.applyAll();
            scene.applyAll();
            checkAsAtTheSource(scene);
        });
    }

    @TestFactory
    Stream<DynamicTest> whereColumnsAreNotRenamedTheNewOneHasANameOfItsOwn() {
        return MappingScene.inBoth(folder, scene -> {
            scene.rules(MappingScene.policy(MappingPolicy.NEW_COLUMNS));
            scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "b");
            scene.apply();
            makeAgain(scene, 2);
            scene.apply();
            assertEquals(List.of(), scene.codes());
            String other = scene.warehouse.rows(OTHERS).get(0);
            assertEquals(List.of("1=a", "2=b", "3=-"), scene.notes("t"));
            assertEquals(
                    List.of("1=7", "2=-", "3=9"),
                    scene.warehouse.rows("SELECT id || '=' || coalesce(CAST(\"" + other
                            + "\" AS VARCHAR), '-') FROM public.t ORDER BY id"));
        });
    }

    /** From this version of the schema on the column is another one, of numbers. */
    private static void makeAgain(MappingScene scene, int version) {
        scene.t
                .schema(version, MappingScene.ID, NUMBER)
                .row(Operation.UPDATE, 1, 7)
                .row(Operation.INSERT, 3, 9);
    }

    private static void checkAsAtTheSource(MappingScene scene) throws Exception {
        assertEquals(List.of(), scene.codes());
        assertEquals(List.of("1=7", "2=-", "3=9"), numbers(scene));
        List<String> others = scene.warehouse.rows(OTHERS);
        assertEquals(1, others.size(), others::toString);
        assertEquals(
                1,
                scene.warehouse
                        .rows("SELECT id FROM public.t WHERE \"" + others.get(0) + "\" IN ('b', 'x')")
                        .size());
    }

    private static List<String> numbers(MappingScene scene) throws Exception {
        return scene.warehouse.rows(
                "SELECT id || '=' || coalesce(CAST(note AS VARCHAR), '-') FROM public.t ORDER BY id");
    }
}
