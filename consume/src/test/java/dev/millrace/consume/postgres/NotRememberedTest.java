package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.testing.AtCommit;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process ends when a window that changed a table is committed, and the table's mapping isn't remembered yet. What comes next may be a failed
 * event from before the change: its schema doesn't tell of the column that is there. The column was once taken for somebody else's then, and later
 * rows got one of another name beside it (found by the random trials of parking).
 */
final class NotRememberedTest {
    private static final Column REMARK = new Column("remark", DataType.of(Type.STRING), true, 0, "", 2);

    @TempDir
    Path folder;

    private static Column note(int length) {
        return new Column("note", DataType.text(Type.STRING, length), true, 0, "", 2);
    }

    /** A row is loaded, and one whose note begins with {@code x} is parked. */
    private static void parkOne(MappingScene scene) throws Exception {
        scene.t.row(Operation.INSERT, 1, "a").row(Operation.INSERT, 2, "x");
        scene.queue = scene.parking.queue();
        try (Destination destination = refusing(scene)) {
            scene.parking.run(destination, scene.queue, () -> true);
        }
        assertEquals(1, scene.queue.counts().events());
    }

    /** Notes that begin with {@code x} are refused. */
    private static Destination refusing(MappingScene scene) {
        return new Refusing(scene.warehouse.open(), cells -> cells.stringAt(1).startsWith("x"), true, name -> false);
    }

    private static void applyAndEndBehindTheCommit(MappingScene scene) {
        MillraceException ended = assertThrows(MillraceException.class, () -> {
            try (Destination destination =
                    new AtCommit(refusing(scene), () -> {}, NotRememberedTest::endBehindTheCommit)) {
                scene.parking.run(destination, scene.parking.queue(), () -> false);
            }
        });
        assertEquals("ENDED", ended.code());
    }

    private static void endBehindTheCommit() {
        throw MillraceException.external("ENDED", "the process ended", "behind the commit", "", null);
    }

    private static List<String> columns(MappingScene scene) throws Exception {
        return scene.warehouse.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                + " AND table_name = 't' AND column_name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1");
    }

    /** A column comes in a window that is committed and not remembered, and again behind it. */
    private static void checkOneMoreColumn(MappingScene scene) throws Exception {
        scene.t.schema(2, MappingScene.ID, MappingScene.NOTE, MappingScene.MORE).row(Operation.INSERT, 3, "c", "three");
        applyAndEndBehindTheCommit(scene);
        scene.t.row(Operation.INSERT, 4, "d", "four");
        scene.applyAll();
        assertEquals(List.of("id", "more", "note"), columns(scene));
    }

    @TestFactory
    Stream<DynamicTest> aColumnThatWasAddedIsOursToAnEventFromBeforeIt() {
        return MappingScene.inBoth(folder, scene -> {
            parkOne(scene);
            checkOneMoreColumn(scene);
            assertEquals(
                    List.of("1=-", "2=-", "3=three", "4=four"),
                    scene.warehouse.rows("SELECT id || '=' || coalesce(more, '-') FROM public.t ORDER BY id"));
        });
    }

    @TestFactory
    Stream<DynamicTest> theColumnsOfATableThatWasMadeAreOursToAnEventFromBeforeThem() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 2, "x");
            checkOneMoreColumn(scene);
        });
    }

    @TestFactory
    Stream<DynamicTest> aColumnThatWasRenamedIsNotMissedByAnEventFromBeforeIt() {
        return MappingScene.inBoth(folder, scene -> {
            parkOne(scene);
            scene.t.schema(2, MappingScene.ID, REMARK).row(Operation.INSERT, 3, "c");
            applyAndEndBehindTheCommit(scene);
            scene.queue = scene.parking.queue();
            scene.queue.replay(FailedFilter.ALL);
            try (Destination destination = scene.warehouse.open()) {
                scene.parking.run(
                        destination,
                        scene.queue,
                        () -> scene.queue.counts().events() == 0
                                || scene.queue.list(FailedFilter.ALL, null, 1).stream()
                                        .anyMatch(event -> event.course().attempts() > 2));
            }
            assertEquals(List.of(), scene.codes());
            assertEquals(List.of("id", "remark"), columns(scene));
        });
    }

    @TestFactory
    Stream<DynamicTest> aTextThatHasGrownTakesItsRows() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.schema(1, MappingScene.ID, note(3)).row(Operation.INSERT, 1, "abc");
            scene.apply();
            scene.t.schema(2, MappingScene.ID, note(9)).row(Operation.INSERT, 2, "abcdef");
            applyAndEndBehindTheCommit(scene);
            scene.t.row(Operation.INSERT, 3, "abcdefghi");
            scene.apply();
            assertEquals(List.of(), scene.codes());
            assertEquals(List.of("1=abc", "2=abcdef", "3=abcdefghi"), scene.notes("t"));
        });
    }

    @TestFactory
    Stream<DynamicTest> aTextThatHasGrownIsKnownThoughNothingIsRemembered() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.schema(1, MappingScene.ID, note(9)).row(Operation.INSERT, 1, "abcdefghi");
            scene.apply();
            scene.pipe.state.write(new StateChanges().deletePrefix(StateStore.Kind.MAPPING, ""), true);
            scene.t.schema(1, MappingScene.ID, note(3)).row(Operation.INSERT, 2, "abc");
            scene.apply();
            assertEquals(List.of(), scene.codes());
            assertEquals(List.of("1=abcdefghi", "2=abc"), scene.notes("t"));
        });
    }
}
