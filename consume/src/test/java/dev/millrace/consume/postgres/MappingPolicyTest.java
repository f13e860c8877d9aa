package dev.millrace.consume.postgres;

import static dev.millrace.consume.postgres.MappingScene.BEYOND;
import static dev.millrace.consume.postgres.MappingScene.BIG_COUNT;
import static dev.millrace.consume.postgres.MappingScene.COUNT;
import static dev.millrace.consume.postgres.MappingScene.ID;
import static dev.millrace.consume.postgres.MappingScene.MORE;
import static dev.millrace.consume.postgres.MappingScene.NOTE;
import static dev.millrace.consume.postgres.MappingScene.SKIPPED;
import static dev.millrace.consume.postgres.MappingScene.T;
import static dev.millrace.consume.postgres.MappingScene.named;
import static dev.millrace.consume.postgres.MappingScene.policy;
import static dev.millrace.consume.postgres.MappingScene.row;
import static dev.millrace.consume.postgres.MappingScene.rules;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.MappingPolicy;
import dev.millrace.config.pipeline.MappingRules;
import dev.millrace.config.pipeline.MappingRules.ColumnRule;
import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.config.transform.ColumnType;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.mapping.MappingView.Status;
import dev.millrace.consume.mapping.Proposal;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Policies, proposals and what definitions say of objects and columns: in DuckDB and PostgreSQL. */
final class MappingPolicyTest {
    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> aNewColumnWaitsUnderABlockingPolicyAndComesWholeOnceApproved() {
        return MappingScene.inBoth(folder, scene -> {
            scene.rules(policy(MappingPolicy.BLOCK));
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.t
                    .schema(2, ID, NOTE, MORE)
                    .row(Operation.INSERT, 2, "b", "m2")
                    .row(Operation.UPDATE, 1, "c", "m1");
            scene.apply();
            assertEquals(List.of("1=c", "2=b"), scene.notes("t"), "rows are loaded without it");
            assertEquals(
                    Proposal.Kind.NEW_COLUMN, scene.object().proposals().get(0).kind());
            assertTrue(scene.object().waits());
            assertEquals(1, scene.choices().approve(T, scene.rules()).size());
            assertTrue(scene.awaitsLoad());
            scene.t.row(Operation.UPDATE, 2, "d", "m2");
            scene.load(row(1, "c", "m1"), row(2, "d", "m2"));
            scene.t.row(Operation.INSERT, 3, "e", "m3");
            scene.apply();
            assertEquals(
                    List.of("1=c=m1", "2=d=m2", "3=e=m3"),
                    scene.warehouse.rows("SELECT id || '=' || note || '=' || more FROM public.t ORDER BY id"));
            assertEquals(List.of(), scene.object().proposals());
            assertTrue(!scene.awaitsLoad());
        });
    }

    @TestFactory
    Stream<DynamicTest> aRejectedColumnStaysAwayAndIsNotProposedAgain() {
        return MappingScene.inBoth(folder, scene -> {
            scene.rules(policy(MappingPolicy.BLOCK));
            scene.t.row(Operation.INSERT, 1, "a");
            scene.t.schema(2, ID, NOTE, MORE).row(Operation.INSERT, 2, "b", "m2");
            scene.apply();
            scene.choices().reject(T, scene.rules());
            scene.t.row(Operation.UPDATE, 1, "c", "m1");
            scene.load(row(1, "c", "m1"), row(2, "b", "m2"));
            scene.apply();
            assertEquals(List.of("1=c", "2=b"), scene.notes("t"));
            assertEquals(List.of(), scene.object().proposals());
            assertEquals(1, scene.object().rejected().size());
            assertEquals(Status.AUTO_MAPPED, scene.status());
        });
    }

    @TestFactory
    Stream<DynamicTest> aWiderTypeWaitsAndItsRowsFollowInOrderOnceApproved() {
        return MappingScene.inBoth(folder, scene -> {
            scene.rules(policy(MappingPolicy.NEW_COLUMNS));
            scene.t.schema(1, ID, COUNT).row(Operation.INSERT, 1, 10).row(Operation.INSERT, 2, 20);
            scene.apply();
            scene.t.schema(2, ID, BIG_COUNT).row(Operation.UPDATE, 1, BEYOND).row(Operation.UPDATE, 2, 21);
            scene.apply();
            scene.t.row(Operation.UPDATE, 1, BEYOND + 1);
            scene.apply();
            assertEquals(List.of("t MAPPING_WAITS", "t BEHIND", "t BEHIND"), scene.codes());
            assertEquals(Status.WAITING, scene.status());
            assertEquals(
                    Proposal.Kind.WIDER_TYPE, scene.object().proposals().get(0).kind());
            scene.choices().approve(T, scene.rules());
            assertTrue(!scene.awaitsLoad(), "what is there keeps its values");
            scene.applyAll();
            assertEquals(
                    List.of("1=" + (BEYOND + 1), "2=21"),
                    scene.warehouse.rows("SELECT id || '=' || \"count\" FROM public.t ORDER BY id"));
            assertEquals(Status.AUTO_MAPPED, scene.status());
        });
    }

    @TestFactory
    Stream<DynamicTest> aNewObjectWaitsForApprovalAndIsLoadedFromItsBeginning() {
        return MappingScene.inBoth(folder, scene -> {
            scene.rules(new MappingRules(false, MappingPolicy.ALLOW_ALL, List.of()));
            scene.load(row(1, "a"));
            scene.t.row(Operation.UPDATE, 1, "b");
            scene.apply();
            assertEquals(Status.WAITING, scene.status());
            assertEquals(List.of(), scene.codes(), "nothing is parked");
            assertTrue(!scene.awaitsLoad());
            scene.choices().approve(T, scene.rules());
            assertTrue(scene.awaitsLoad());
            scene.t.row(Operation.UPDATE, 1, "c");
            scene.load(row(1, "c"));
            scene.t.row(Operation.INSERT, 2, "d");
            scene.apply();
            assertEquals(List.of("1=c", "2=d"), scene.notes("t"));
            assertEquals(Status.MAPPED, scene.status());
        });
    }

    @TestFactory
    Stream<DynamicTest> columnsAreNamedSkippedAndTypedAsTheDefinitionSays() {
        return MappingScene.inBoth(folder, scene -> {
            ColumnRule wide = new ColumnRule(Optional.empty(), Optional.empty(), ColumnType.of("decimal(20,2)"));
            scene.rules(rules(
                    true, MappingPolicy.ALLOW_ALL, Map.of("note", named("remark"), "more", SKIPPED, "count", wide)));
            scene.t.schema(1, ID, NOTE, MORE, COUNT).row(Operation.INSERT, 1, "a", "hidden", 7);
            scene.apply();
            pipeForgets(scene);
            scene.t.row(Operation.INSERT, 2, "b", "hidden", 8);
            scene.apply();
            assertEquals(
                    List.of("1=a=7.00", "2=b=8.00"),
                    scene.warehouse.rows("SELECT id || '=' || remark || '=' || \"count\" FROM public.t ORDER BY id"));
            assertEquals(List.of("id", "remark", "count"), columns(scene));
            assertEquals(Status.MAPPED, scene.status());
            ColumnRule narrow = new ColumnRule(Optional.empty(), Optional.empty(), ColumnType.of("short"));
            scene.rules(rules(true, MappingPolicy.ALLOW_ALL, Map.of("count", narrow)));
            scene.t.row(Operation.INSERT, 3, "c", "hidden", 9);
            scene.apply();
            assertEquals(List.of("t MAPPING_INVALID"), scene.codes());
        });
    }

    /** The state store is lost: what is at the destination is found again. */
    private static void pipeForgets(MappingScene scene) {
        scene.pipe.state.write(new StateChanges().deletePrefix(StateStore.Kind.MAPPING, "orders/"), true);
    }

    private static List<String> columns(MappingScene scene) throws SQLException {
        return scene.warehouse.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                + " AND table_name = 't' AND column_name NOT LIKE '%millrace%' ORDER BY ordinal_position");
    }

    @TestFactory
    Stream<DynamicTest> aWordAboutAColumnThatIsThereTakesEffectWithTheNextLoad() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.schema(1, ID, NOTE, MORE).row(Operation.INSERT, 1, "a", "m");
            scene.apply();
            scene.rules(rules(true, MappingPolicy.ALLOW_ALL, Map.of("note", named("remark"), "more", SKIPPED)));
            scene.t.row(Operation.UPDATE, 1, "b", "not loaded");
            scene.apply();
            assertEquals(List.of("1=b"), scene.notes("t"));
            assertEquals(List.of("m"), scene.warehouse.rows("SELECT more FROM public.t"), "skipped from now on");
            assertEquals(
                    Proposal.Kind.LOAD_AGAIN, scene.object().proposals().get(0).kind());
            scene.load(row(1, "c", "not loaded"));
            scene.rules(rules(true, MappingPolicy.ALLOW_ALL, Map.of("note", named("remark"))));
            scene.apply();
            assertEquals(
                    List.of("1=c=not loaded"),
                    scene.warehouse.rows("SELECT id || '=' || remark || '=' || more FROM public.t"));
            assertEquals(List.of(), scene.object().proposals());
        });
    }

    @TestFactory
    Stream<DynamicTest> whatWasPassedOverIsLoadedFromItsBeginningOnceTheDefinitionLetsGo() {
        return MappingScene.inBoth(folder, scene -> {
            MappingRules.Entry skip = new MappingRules.Entry(
                    ObjectPattern.of("public.t").orElseThrow(),
                    Optional.empty(),
                    Optional.of(true),
                    Optional.empty(),
                    Map.of());
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.rules(new MappingRules(true, MappingPolicy.ALLOW_ALL, List.of(skip)));
            scene.t.row(Operation.UPDATE, 1, "b").row(Operation.INSERT, 2, "c");
            scene.apply();
            assertEquals(List.of("1=a"), scene.notes("t"));
            assertEquals(Set.of(), scene.choices().awaited(scene.rules()));
            scene.rules(MappingRules.DEFAULTS);
            assertTrue(scene.awaitsLoad());
            scene.t.row(Operation.UPDATE, 2, TableFeed.UNCHANGED);
            scene.load(row(1, "b"), row(2, "c"));
            scene.apply();
            assertEquals(List.of("1=b", "2=c"), scene.notes("t"));
        });
    }

    @TestFactory
    Stream<DynamicTest> aNameIsApprovedOrRejectedAndARejectedOneDoesNotComeWithALoad() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.rules(rules(true, MappingPolicy.ALLOW_ALL, Map.of("note", named("remark"))));
            scene.t.row(Operation.UPDATE, 1, "b");
            scene.apply();
            assertTrue(
                    scene.object().remedy().contains("mapping approve"),
                    scene.object().remedy());
            scene.choices().reject(T, scene.rules());
            assertTrue(!scene.awaitsLoad());
            scene.load(row(1, "c"));
            scene.apply();
            assertEquals(List.of("1=c"), scene.notes("t"));
            assertEquals(1, scene.object().rejected().size());
            assertEquals(List.of(), scene.object().proposals());
            scene.rules(rules(true, MappingPolicy.ALLOW_ALL, Map.of("note", named("called"))));
            scene.t.row(Operation.UPDATE, 1, "d");
            scene.apply();
            assertEquals(1, scene.object().proposals().size(), "another name is another question");
            assertEquals(
                    List.of("column 'note': 'note' becomes 'called'; the object is loaded again for it"),
                    scene.choices().approve(T, scene.rules()));
            assertTrue(scene.awaitsLoad());
            scene.load(row(1, "e"));
            scene.apply();
            assertEquals(List.of("1=e"), scene.warehouse.rows("SELECT id || '=' || called FROM public.t"));
            assertEquals(List.of(), scene.object().proposals());
            assertTrue(!scene.awaitsLoad());
        });
    }

    @TestFactory
    Stream<DynamicTest> anotherTableIsApprovedOrRejected() {
        return MappingScene.inBoth(folder, scene -> {
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.rules(new MappingRules(
                    true,
                    MappingPolicy.ALLOW_ALL,
                    List.of(new MappingRules.Entry(
                            ObjectPattern.of("public.t").orElseThrow(),
                            Optional.of("public.elsewhere"),
                            Optional.empty(),
                            Optional.empty(),
                            Map.of()))));
            scene.t.row(Operation.UPDATE, 1, "b");
            scene.apply();
            assertEquals(
                    List.of("goes to 'public.elsewhere'; it stays as it is, whenever the object is loaded again"),
                    scene.choices().reject(T, scene.rules()));
            scene.load(row(1, "c"));
            scene.apply();
            assertEquals(List.of("1=c"), scene.notes("t"));
            scene.choices().moveTo(T, new TargetName("public", "elsewhere"));
            scene.load(row(1, "d"));
            scene.apply();
            assertEquals(List.of("1=d"), scene.notes("elsewhere"), "a choice of its own counts more");
            assertEquals(List.of("1=c"), scene.notes("t"));
        });
    }

    @TestFactory
    Stream<DynamicTest> anApprovedNameNeedsNoLoadWhereRowsAreOnlyAdded() {
        return MappingScene.inBoth(folder, scene -> {
            scene.parking.rules(new LoadRules(LoadMode.APPEND, OnDelete.HARD, List.of()));
            scene.t.row(Operation.INSERT, 1, "a");
            scene.apply();
            scene.rules(rules(true, MappingPolicy.ALLOW_ALL, Map.of("note", named("remark"))));
            scene.t.row(Operation.INSERT, 2, "b");
            scene.apply();
            assertEquals(
                    List.of("column 'note': 'note' becomes 'remark'"),
                    scene.choices().approve(T, scene.rules()));
            assertTrue(!scene.awaitsLoad());
            scene.t.row(Operation.INSERT, 3, "c");
            scene.apply();
            assertEquals(
                    List.of("1=a", "2=b", "3=c"),
                    scene.warehouse.rows("SELECT id || '=' || remark FROM public.t ORDER BY id"));
            assertEquals(List.of(), scene.object().proposals());
        });
    }
}
