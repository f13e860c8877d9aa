package dev.millrace.consume.postgres;

import static dev.millrace.consume.postgres.MappingScene.row;
import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** Columns at the destination are named as at the source, whatever these have been before. */
final class ColumnNamesTest {
    private static final String NAMES =
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 't'"
                    + " AND column_name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY column_name";

    @TempDir
    Path folder;

    private static Column id(long table, int place) {
        return new Column("id", DataType.of(Type.INTEGER), false, 1, "", Column.sourceId(table, place));
    }

    private static Column column(String name, long table, int place) {
        return new Column(name, DataType.of(Type.STRING), true, 0, "", Column.sourceId(table, place));
    }

    private static List<String> rows(MappingScene scene, String columns) throws Exception {
        return scene.warehouse.rows("SELECT " + columns + " FROM public.t ORDER BY id");
    }

    @TestFactory
    Stream<DynamicTest> columnsThatTakeEachOthersNames() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.schema(1, id(7, 1), column("a", 7, 2), column("b", 7, 3)).row(Operation.INSERT, 1, "x", "y");
            scene.apply();
            scene.t.schema(2, id(7, 1), column("b", 7, 2), column("a", 7, 3)).row(Operation.INSERT, 2, "p", "q");
            scene.apply();
            assertEquals(List.of("a", "b", "id"), scene.warehouse.rows(NAMES));
            assertEquals(List.of("1|y|x", "2|q|p"), rows(scene, "id, a, b"));
            scene.t
                    .schema(3, id(7, 1), column("c", 7, 2), column("b", 7, 3), column("a", 7, 4))
                    .row(Operation.INSERT, 3, "c3", "b3", "a3");
            scene.apply();
            assertEquals(List.of("a", "b", "c", "id"), scene.warehouse.rows(NAMES));
            assertEquals(List.of("1|-|y|x", "2|-|q|p", "3|a3|b3|c3"), rows(scene, "id, coalesce(a, '-'), b, c"));
            assertEquals(List.of(), scene.codes());
        });
    }

    @TestFactory
    Stream<DynamicTest> aTableThatWasMadeAgainWithItsColumnsInAnotherOrder() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.schema(1, id(7, 1), column("a", 7, 2), column("b", 7, 3)).row(Operation.INSERT, 1, "x", "y");
            scene.apply();
            scene.t
                    .schema(2, column("b", 3, 1), id(3, 2), column("c", 3, 3), column("a", 3, 4))
                    .row(Operation.INSERT, "b2", 2, "c2", "a2");
            scene.apply();
            assertEquals(List.of("1|x|y|-", "2|a2|b2|c2"), rows(scene, "id, a, b, coalesce(c, '-')"));
            scene.load(row("b2", 2, "c2", "a2"));
            scene.apply();
            assertEquals(List.of("2|a2|b2|c2"), rows(scene, "id, a, b, coalesce(c, '-')"));
            assertEquals(List.of("a", "b", "c", "id"), scene.warehouse.rows(NAMES));
            assertEquals(List.of(), scene.codes());
        });
    }
}
