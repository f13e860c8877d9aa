package dev.millrace.consume.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two pipelines lead to one destination, and both have a table of the same name: a load of one took the place of the other's rows, and changes of
 * one row could meet the other's.
 */
final class NeighbourTest {
    @TempDir
    Path folder;

    /** What is remembered of the pipeline's tables becomes what another pipeline remembers. */
    private static void giveTablesTo(String neighbour, StateStore state) {
        StateChanges changes = new StateChanges();
        for (Map.Entry<String, byte[]> entry : state.list(StateStore.Kind.MAPPING, "orders/", 100)) {
            changes.delete(StateStore.Kind.MAPPING, entry.getKey());
            changes.put(
                    StateStore.Kind.MAPPING, neighbour + entry.getKey().substring("orders".length()), entry.getValue());
        }
        state.write(changes, true);
    }

    private static void loadAnother(MappingScene scene) throws Exception {
        scene.t.row(Operation.INSERT, 1, "a");
        scene.apply();
        giveTablesTo("other", scene.pipe.state);
        scene.load(MappingScene.row(9, "mine"));
        scene.apply();
    }

    @TestFactory
    Stream<DynamicTest> aTableThatAnotherPipelineHasMadeIsLeftAlone() {
        return MappingScene.inBoth(folder, scene -> {
            scene.parking.beside("other");
            loadAnother(scene);
            assertEquals(List.of("1=a"), scene.notes("t"));
            assertTrue(
                    scene.codes().contains("t TABLE_TAKEN"), () -> scene.codes().toString());
            scene.choices().moveTo(MappingScene.T, new TargetName("public", "t_mine"));
            scene.load(MappingScene.row(9, "mine"));
            scene.applyAll();
            assertEquals(List.of("1=a"), scene.notes("t"));
            assertEquals(List.of("9=mine"), scene.notes("t_mine"));
        });
    }

    @TestFactory
    Stream<DynamicTest> aTableOfAPipelineThatIsGoneIsTaken() {
        return MappingScene.inBoth(folder, scene -> {
            loadAnother(scene);
            assertEquals(List.of(), scene.codes());
            assertEquals(List.of("9=mine"), scene.notes("t"));
        });
    }
}
