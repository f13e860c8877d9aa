package dev.millrace.storage.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateStore.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateValuesTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123Z");
    private static final TableName FILM = new TableName("public", "film");
    private static final Column ID = new Column("id", DataType.of(Type.LONG), false, 1, "bigint", 1);
    private static final Column TITLE = new Column("title", DataType.text(Type.STRING, 200), true, 0, "varchar", 2);

    @TempDir
    Path folder;

    private StateStore store;

    @BeforeEach
    void open() {
        store = RocksStateStore.open(folder);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void offsetsFollowTheDeltasOfTheirPipelineOnly() {
        StateOffsets shop = new StateOffsets(store, "shop");
        StateOffsets shop2 = new StateOffsets(store, "shop2");
        assertEquals(0, shop.logIndex());
        assertEquals(Map.of(), shop.entries());
        shop.apply(
                new OffsetDelta(
                        Map.of("stream", Optional.of(new byte[] {1}), "load/public.film", Optional.of(new byte[0]))),
                4);
        shop2.apply(new OffsetDelta(Map.of("stream", Optional.of(new byte[] {9}))), 7);
        shop.apply(
                new OffsetDelta(Map.of("load/public.film", Optional.empty(), "stream", Optional.of(new byte[] {2}))),
                5);
        shop.sync();
        reopen();
        shop = new StateOffsets(store, "shop");
        assertEquals(5, shop.logIndex());
        assertEquals(List.of("stream"), List.copyOf(shop.entries().keySet()));
        assertArrayEquals(new byte[] {2}, shop.entries().get("stream"));
        shop.clear();
        assertEquals(0, shop.logIndex());
        assertEquals(Map.of(), shop.entries());
        assertEquals(7, new StateOffsets(store, "shop2").logIndex());
    }

    @Test
    void offsetsNeverGoBack() {
        StateOffsets offsets = new StateOffsets(store, "shop");
        offsets.apply(OffsetDelta.NONE, 10);
        offsets.apply(OffsetDelta.NONE, 10);
        assertThrows(IllegalArgumentException.class, () -> offsets.apply(OffsetDelta.NONE, 9));
        assertEquals(10, offsets.logIndex());
    }

    @Test
    void positionsArePutReadAndForgotten() {
        Positions positions = new Positions(store);
        assertEquals(OptionalLong.empty(), positions.get("shop"));
        positions.put("shop", 12);
        positions.put("shop", 13);
        reopen();
        assertEquals(OptionalLong.of(13), new Positions(store).get("shop"));
        new Positions(store).clear("shop");
        assertEquals(OptionalLong.empty(), new Positions(store).get("shop"));
    }

    @Test
    void aShapeKeepsItsVersionAndANewOneCountsUp() {
        Schemas schemas = new Schemas(store, "shop");
        Schema one = schemas.learn(FILM, List.of(ID));
        assertEquals(new Schema(FILM, 1, List.of(ID)), one);
        assertEquals(one, schemas.learn(FILM, List.of(ID)));
        Schema two = schemas.learn(FILM, List.of(ID, TITLE));
        assertEquals(2, two.version());
        assertEquals(one, schemas.learn(FILM, List.of(ID)));
        assertEquals(1, schemas.learn(new TableName("", "film"), List.of(TITLE)).version());
        reopen();
        schemas = new Schemas(store, "shop");
        assertEquals(List.of(one, two), schemas.versions(FILM));
        assertEquals(Optional.of(two), schemas.latest(FILM));
        assertEquals(Optional.of(one), schemas.find(FILM, 1));
        assertEquals(Optional.empty(), schemas.find(FILM, 3));
        assertEquals(List.of(new TableName("", "film"), FILM), schemas.tables());
        assertEquals(Optional.empty(), new Schemas(store, "sho").latest(FILM));
        schemas.clear();
        assertEquals(Optional.empty(), new Schemas(store, "shop").latest(FILM));
    }

    @Test
    void tablesWhoseNamesRunTogetherStayApart() {
        Schemas schemas = new Schemas(store, "shop");
        List<TableName> tables = List.of(
                new TableName("a", "b/c"),
                new TableName("a/b", "c"),
                new TableName("ab", "/c"),
                new TableName("", "a:b"));
        tables.forEach(table -> schemas.learn(table, List.of(ID)));
        assertEquals(4, new Schemas(store, "shop").tables().size());
    }

    @Test
    void anySchemaComesBackAsItWas() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 500; i++) {
            List<Column> columns = new ArrayList<>();
            int keyed = random.nextInt(3);
            for (int j = 0; j < random.nextInt(1, 40); j++) {
                DataType type =
                        new DataType(Type.of(random.nextInt(19)), random.nextInt(), random.nextInt(), random.nextInt());
                columns.add(new Column(
                        "c\u0000é😀" + j,
                        type,
                        random.nextBoolean(),
                        j < keyed ? j + 1 : 0,
                        random.nextBoolean() ? "" : "t" + j,
                        random.nextInt()));
            }
            Schema schema =
                    new Schema(new TableName(random.nextBoolean() ? "" : "s", "t" + i), random.nextInt(), columns);
            assertEquals(schema, SchemaFormat.read(SchemaFormat.write(schema)), () -> "seed " + seed);
        }
    }

    @Test
    void theFormatsAreThoseOfTheFirstRelease() {
        assertEquals("010000000000000102", hex(StateFormat.index(258)));
        Schema schema = new Schema(FILM, 3, List.of(ID, TITLE));
        String golden = "01000000067075626c69630000000466696c6d0000000300000002"
                + "00000002696404000000000000000000000000000000000100000006626967696e7400000001"
                + "000000057469746c6509000000c8000000000000000001000000000000000776617263686172" + "00000002";
        assertEquals(golden, hex(SchemaFormat.write(schema)));
        assertEquals(schema, SchemaFormat.read(HexFormat.of().parseHex(golden)));
        Runs runs = new Runs(store);
        Run run = runs.begin(new Run.Subject("load", "p", ""), NOON);
        runs.end(run, NOON.plusSeconds(1), new Run.Counts(1, 2, 3), Run.Outcome.FAILED, "why");
        assertEquals(
                "010000000000000001000000046c6f6164000000017000000000000001a1fdfa467b000001a1fdfa4a63"
                        + "000000000000000100000000000000020000000000000003" + "0200000003776879",
                hex(store.list(Kind.RUN, "p/", 1).get(0).getValue()));
    }

    @Test
    void cutOrChangedValuesAreDamageAndNewerOnesAreSaidToBe() {
        byte[] value = SchemaFormat.write(new Schema(FILM, 3, List.of(ID, TITLE)));
        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertEquals(
                    "STATE_DAMAGED",
                    assertThrows(MillraceException.class, () -> SchemaFormat.read(cut))
                            .code());
        }
        byte[] longer = Arrays.copyOf(value, value.length + 1);
        assertEquals(
                "STATE_DAMAGED",
                assertThrows(MillraceException.class, () -> SchemaFormat.read(longer))
                        .code());
        value[0] = 2;
        assertEquals(
                "DATA_FOLDER_VERSION",
                assertThrows(MillraceException.class, () -> SchemaFormat.read(value))
                        .code());
    }

    @Test
    void runsAreListedNewestFirstWithTheirEnd() {
        Runs runs = new Runs(store);
        Run first = runs.begin(new Run.Subject("load", "shop", "public.film"), NOON);
        Run second = runs.begin(new Run.Subject("stream", "shop", ""), NOON.plusNanos(999));
        runs.begin(new Run.Subject("stream", "other", ""), NOON);
        Run counted = runs.progress(first, new Run.Counts(10, 0, 100));
        Run ended = runs.end(counted, NOON.plusSeconds(5), new Run.Counts(10, 10, 100), Run.Outcome.SUCCEEDED, "");
        assertEquals(List.of(second, ended), runs.newest("shop", 10));
        assertEquals(List.of(second), runs.newest("shop", 1));
        assertEquals(1, first.id());
        assertEquals(2, second.id());
        assertEquals(Optional.of(NOON.plusSeconds(5)), ended.ended());
    }

    @Test
    void onlyTheNewestThousandRunsAreKept() {
        Runs runs = new Runs(store);
        Run first = runs.begin(new Run.Subject("load", "shop", ""), NOON);
        for (int i = 0; i < 1_004; i++) {
            runs.begin(new Run.Subject("load", "shop", ""), NOON);
        }
        List<Run> kept = runs.newest("shop", 5_000);
        assertEquals(1_000, kept.size());
        assertEquals(1_005, kept.get(0).id());
        assertEquals(6, kept.get(999).id());
        runs.end(first, NOON, Run.Counts.NONE, Run.Outcome.FAILED, "late");
        assertEquals(1_000, runs.newest("shop", 5_000).size());
    }

    @Test
    void runsThatNoProcessRunsAnyMoreAreMarkedLost() {
        Runs runs = new Runs(store);
        Run running = runs.begin(new Run.Subject("load", "shop", ""), NOON);
        Run done = runs.end(
                runs.begin(new Run.Subject("load", "shop", ""), NOON),
                NOON,
                Run.Counts.NONE,
                Run.Outcome.SUCCEEDED,
                "");
        runs.markLost("shop", NOON.plusSeconds(9));
        List<Run> after = runs.newest("shop", 10);
        assertEquals(done, after.get(0));
        assertEquals(running.id(), after.get(1).id());
        assertEquals(Run.Outcome.LOST, after.get(1).outcome());
        assertEquals(Optional.of(NOON.plusSeconds(9)), after.get(1).ended());
    }

    @Test
    void aLongReasonIsShortened() {
        Runs runs = new Runs(store);
        Run run = runs.begin(new Run.Subject("load", "shop", ""), NOON);
        runs.end(run, NOON, Run.Counts.NONE, Run.Outcome.FAILED, "x".repeat(5_000));
        assertEquals(2_000, runs.newest("shop", 1).get(0).reason().length());
    }

    private void reopen() {
        store.close();
        store = RocksStateStore.open(folder);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
