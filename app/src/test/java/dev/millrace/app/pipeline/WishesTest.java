package dev.millrace.app.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.MemoryState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WishesTest {
    private static final List<TableName> KNOWN =
            List.of(new TableName("public", "actor"), new TableName("public", "film"), new TableName("shop", "visit"));

    private final MemoryState state = new MemoryState();
    private final Wishes wishes = new Wishes(state, "shop");
    private final List<TableName> reloaded = new ArrayList<>();

    @BeforeEach
    void wish() {
        List.of("public.actor", "public.flim", "public.film").forEach(wishes::add);
    }

    private void reload(TableName table) {
        KnownObjects.require("shop", table, KNOWN);
        reloaded.add(table);
    }

    @Test
    void anObjectThatIsNotThereIsToldWithTheNearestAndKeepsNoOtherFromBeingLoaded() {
        String unmet = wishes.takeUp(this::reload);
        assertEquals(KNOWN.subList(0, 2), reloaded);
        assertTrue(unmet.contains("'public.flim'") && unmet.contains("Did you mean 'public.film'?"), unmet);
        assertEquals("", wishes.takeUp(this::reload), "nothing is left of it");
    }

    @Test
    void wishesStayWhereTheyCouldNotBeTakenUp() {
        MillraceException full = MillraceException.resource("DISK_FULL", "the disk is full", "", "", null);
        assertEquals(
                full,
                assertThrows(
                        MillraceException.class,
                        () -> wishes.takeUp(table -> {
                            throw full;
                        })));
        assertEquals(3, new Wishes(state, "shop").objects().size());
    }

    @Test
    void whatLacksItsSchemaIsFoundByItsName() {
        MillraceException refused = assertThrows(
                MillraceException.class, () -> KnownObjects.require("shop", PipelineRuntime.tableName("visit"), KNOWN));
        assertTrue(refused.remedy().contains("Did you mean 'shop.visit'?"), refused::remedy);
        KnownObjects.require("shop", PipelineRuntime.tableName("visit"), List.of());
    }
}
