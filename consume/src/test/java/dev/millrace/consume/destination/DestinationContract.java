package dev.millrace.consume.destination;

import static dev.millrace.consume.destination.TestLoad.UNCHANGED;
import static dev.millrace.consume.destination.TestTable.field;
import static dev.millrace.consume.destination.TestTable.key;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingConsumer;

/**
 * What every destination promises. A destination's test returns {@link #tests} from a {@code @TestFactory}; each test gets a fixture of its
 * own.
 */
public final class DestinationContract {
    static final DataType LONG = DataType.of(Type.LONG);
    static final DataType INTEGER = DataType.of(Type.INTEGER);
    static final DataType TEXT = DataType.of(Type.STRING);
    static final TestTable FILMS =
            TestTable.of("films", key("id", LONG, 1), field("title", TEXT), field("notes", TEXT));
    static final TestTable VISITS = TestTable.of("visits", field("who", TEXT), field("place", TEXT));
    static final String ALL_FILMS = "SELECT id, title, notes FROM sales.films ORDER BY id";
    private static final String LIVE_FILMS = "SELECT id, title, notes, __millrace_deleted FROM sales.films ORDER BY id";

    private DestinationContract() {}

    public static Stream<DynamicTest> tests(Supplier<DestinationFixture> fixtures) {
        return Stream.of(
                test("a created table is described as it was asked for", TableContract::describes, fixtures),
                test("a historical load's rows are all there", DestinationContract::loadsHistory, fixtures),
                test("a historical load meets rows that are there", DestinationContract::mergesHistory, fixtures),
                test("later rows win over earlier ones", DestinationContract::upserts, fixtures),
                test("unchanged cells keep what is there", DestinationContract::keepsUnchanged, fixtures),
                test("keys move, swap and chain, with unchanged cells", DestinationContract::movesKeys, fixtures),
                test("composite keys of text and numbers are told apart", DestinationContract::compositeKeys, fixtures),
                test("deleted rows are gone, marked or left", DestinationContract::deletes, fixtures),
                test(
                        "moved keys leave a marked row behind with soft deletes",
                        DestinationContract::movesSoftly,
                        fixtures),
                test("a marked row that comes again is alive", DestinationContract::revives, fixtures),
                test("truncation takes all rows before those that follow", DestinationContract::truncates, fixtures),
                test("rows without a key are appended and deleted one by one", DestinationContract::keyless, fixtures),
                test("rows without a key are marked one by one", DestinationContract::keylessSoft, fixtures),
                test("a marked row tells when it was deleted", DeletionContract::keyed, fixtures),
                test("a marked row without a key tells when it was deleted", DeletionContract::keyless, fixtures),
                test("rows of an event that tells no time are marked", DeletionContract::unknown, fixtures),
                test("columns are added, widened and renamed", TableContract::evolves, fixtures),
                test("a column the source dropped keeps its values", TableContract::keepsDropped, fixtures),
                test("a shadow replaces the table at once", TableContract::replaces, fixtures),
                test(
                        "a shadow lasts over windows and follows the table's columns",
                        TableContract::shadowLasts,
                        fixtures),
                test("what is not committed leaves nothing", PositionContract::rollsBack, fixtures),
                test("the position is committed with the rows", PositionContract::positions, fixtures),
                test("an instance that lost its claim commits nothing", PositionContract::fences, fixtures),
                test("pipelines have positions of their own", PositionContract::separatePositions, fixtures),
                test("odd names are names like any other", TableContract::oddNames, fixtures),
                test("a table can be asked whether it is empty", TableContract::emptiness, fixtures));
    }

    private static DynamicTest test(
            String name, ThrowingConsumer<DestinationFixture> body, Supplier<DestinationFixture> fixtures) {
        return DynamicTest.dynamicTest(name, () -> {
            try (DestinationFixture fixture = fixtures.get()) {
                body.accept(fixture);
            }
        });
    }

    /** Opens, claims, does the work in one window and commits it. */
    static void window(DestinationFixture fixture, long logIndex, Consumer<LoadTransaction> work) {
        try (Destination destination = fixture.open("contract")) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                work.accept(transaction);
                transaction.commit(logIndex);
            }
        }
    }

    private static void loadsHistory(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            long written = transaction.load(
                    TestLoad.into(FILMS).asHistorical().upsert(1L, "one", null).upsert(2L, "", "ünïcödé 🎬"));
            assertEquals(2, written);
        });
        window(
                fixture,
                2,
                transaction ->
                        transaction.load(TestLoad.into(FILMS).asHistorical().upsert(3L, "three", "x")));
        assertEquals(List.of("1|one|∅", "2||ünïcödé 🎬", "3|three|x"), fixture.rows(ALL_FILMS));
        assertEquals(
                List.of("3"),
                fixture.rows("SELECT count(*) FROM sales.films WHERE NOT __millrace_deleted"
                        + " AND __millrace_ingested_at IS NOT NULL AND __millrace_loaded_at > __millrace_ingested_at"
                        + " AND __millrace_source_modified_at < __millrace_ingested_at"));
    }

    private static void mergesHistory(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS).upsert(2L, "old", "old"));
            transaction.load(
                    TestLoad.into(FILMS).asHistorical().upsert(1L, "one", null).upsert(2L, "two", null));
            transaction.load(TestLoad.into(FILMS)
                    .asHistorical()
                    .upsert(2L, "two again", null)
                    .upsert(3L, "three", null));
        });
        assertEquals(List.of("1|one|∅", "2|two again|∅", "3|three|∅"), fixture.rows(ALL_FILMS));
    }

    private static void upserts(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS).upsert(1L, "one", "a").upsert(2L, "two", "b"));
            transaction.load(TestLoad.into(FILMS).update(2L, "zwei", null).upsert(3L, "three", null));
        });
        assertEquals(List.of("1|one|a", "2|zwei|∅", "3|three|∅"), fixture.rows(ALL_FILMS));
    }

    private static void keepsUnchanged(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .upsert(1L, "one", "a")
                    .upsert(2L, "two", null)
                    .upsert(3L, "three", "c"));
            transaction.load(TestLoad.into(FILMS)
                    .update(1L, "eins", UNCHANGED)
                    .update(2L, "zwei", UNCHANGED)
                    .update(3L, UNCHANGED, "new c")
                    .update(4L, "nothing there", UNCHANGED)
                    .upsert(5L, UNCHANGED, "sure insert"));
        });
        assertEquals(
                List.of("1|eins|a", "2|zwei|∅", "3|three|new c", "4|nothing there|∅", "5|∅|sure insert"),
                fixture.rows(ALL_FILMS));
    }

    private static void movesKeys(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .upsert(1L, "one", "a")
                    .upsert(2L, "two", "b")
                    .upsert(3L, "three", "c")
                    .upsert(4L, "four", "d")
                    .upsert(5L, "five", "e"));
            transaction.load(TestLoad.into(FILMS)
                    .move(List.of(2L), 1L, UNCHANGED, UNCHANGED)
                    .move(List.of(1L), 2L, "was one", UNCHANGED)
                    .move(List.of(3L), 4L, UNCHANGED, "was three")
                    .move(List.of(4L), 6L, UNCHANGED, UNCHANGED)
                    .delete(5L));
        });
        assertEquals(List.of("1|two|b", "2|was one|a", "4|three|was three", "6|four|d"), fixture.rows(ALL_FILMS));
    }

    private static void compositeKeys(DestinationFixture fixture) {
        TestTable stock =
                TestTable.of("stock", field("amount", INTEGER), key("shelf", TEXT, 2), key("shop", INTEGER, 1));
        window(fixture, 1, transaction -> {
            transaction.create(stock.target());
            transaction.load(TestLoad.into(stock)
                    .asHistorical()
                    .upsert(1, "a", 1)
                    .upsert(2, "b", 1)
                    .upsert(3, "a", 2)
                    .upsert(4, "A", 2));
            transaction.load(TestLoad.into(stock)
                    .update(20, "b", 1)
                    .move(List.of(0, "a", 2), UNCHANGED, "c", 2)
                    .delete(UNCHANGED, "a", 1));
        });
        assertEquals(
                List.of("1|b|20", "2|A|4", "2|c|3"),
                fixture.rows("SELECT shop, shelf, amount FROM sales.stock ORDER BY shop, amount DESC"));
    }

    private static void deletes(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .upsert(1L, "one", "a")
                    .upsert(2L, "two", "b")
                    .upsert(3L, "three", "c"));
            transaction.load(
                    TestLoad.into(FILMS).onDelete(OnDelete.HARD).delete(1L).delete(77L));
            transaction.load(
                    TestLoad.into(FILMS).onDelete(OnDelete.SOFT).delete(2L).delete(78L));
            transaction.load(
                    TestLoad.into(FILMS).onDelete(OnDelete.IGNORE).delete(3L).upsert(4L, "four", null));
        });
        assertEquals(List.of("2|two|b|true", "3|three|c|false", "4|four|∅|false"), booleans(fixture.rows(LIVE_FILMS)));
    }

    private static void movesSoftly(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .upsert(1L, "one", "a")
                    .upsert(2L, "two", "b")
                    .upsert(3L, "three", "c"));
            transaction.load(TestLoad.into(FILMS)
                    .onDelete(OnDelete.SOFT)
                    .move(List.of(1L), 2L, UNCHANGED, UNCHANGED)
                    .move(List.of(2L), 1L, UNCHANGED, UNCHANGED)
                    .move(List.of(3L), 4L, "four", UNCHANGED)
                    .delete(3L));
            transaction.load(
                    TestLoad.into(FILMS).onDelete(OnDelete.IGNORE).move(List.of(4L), 5L, UNCHANGED, UNCHANGED));
        });
        assertEquals(
                List.of("1|two|b|false", "2|one|a|false", "3|three|c|true", "4|four|c|false", "5|four|c|false"),
                booleans(fixture.rows(LIVE_FILMS)));
    }

    private static void revives(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS).upsert(1L, "one", "a"));
            transaction.load(TestLoad.into(FILMS).onDelete(OnDelete.SOFT).delete(1L));
            transaction.load(TestLoad.into(FILMS).onDelete(OnDelete.SOFT).upsert(1L, "again", null));
        });
        assertEquals(List.of("1|again|∅|false"), booleans(fixture.rows(LIVE_FILMS)));
    }

    private static void truncates(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS).upsert(1L, "one", "a").upsert(2L, "two", "b"));
            transaction.load(TestLoad.into(FILMS).afterTruncate().upsert(2L, "new", null));
        });
        assertEquals(List.of("2|new|∅"), fixture.rows(ALL_FILMS));
        window(
                fixture,
                2,
                transaction -> transaction.load(TestLoad.into(FILMS)
                        .onDelete(OnDelete.SOFT)
                        .afterTruncate()
                        .upsert(3L, "three", null)));
        assertEquals(List.of("2|new|∅|true", "3|three|∅|false"), booleans(fixture.rows(LIVE_FILMS)));
        window(fixture, 3, transaction -> {
            transaction.load(TestLoad.into(FILMS)
                    .onDelete(OnDelete.IGNORE)
                    .afterTruncate()
                    .upsert(4L, "four", null));
            transaction.load(TestLoad.into(FILMS).onDelete(OnDelete.IGNORE).afterTruncate());
        });
        assertEquals(List.of("2|new|∅|true", "3|three|∅|false", "4|four|∅|false"), booleans(fixture.rows(LIVE_FILMS)));
    }

    private static void keyless(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(VISITS.target());
            transaction.load(TestLoad.into(VISITS)
                    .asHistorical()
                    .insert("ann", "home")
                    .insert("ann", "home")
                    .insert("ann", "home")
                    .insert("bob", null)
                    .insert(null, null));
        });
        assertEquals(List.of("5"), fixture.rows("SELECT count(DISTINCT __millrace_id) FROM sales.visits"));
        window(
                fixture,
                2,
                transaction -> transaction.load(TestLoad.into(VISITS)
                        .deleteOne("ann", "home")
                        .insert("cat", "zoo")
                        .insert("cat", "zoo")
                        .deleteOne("cat", "zoo")
                        .deleteOne("bob", null)
                        .insert("bob", "")
                        .deleteOne(null, null)
                        .deleteOne("not", "there")
                        .insert("not", "there")
                        .deleteOne("ann", "home")));
        assertEquals(
                List.of("ann|home|1", "bob||1", "cat|zoo|1", "not|there|1"),
                fixture.rows("SELECT who, place, count(*) FROM sales.visits GROUP BY who, place ORDER BY who"));
        window(
                fixture,
                3,
                transaction -> transaction.load(
                        TestLoad.into(VISITS).onDelete(OnDelete.IGNORE).deleteOne("ann", "home")));
        assertEquals(List.of("4"), fixture.rows("SELECT count(*) FROM sales.visits"));
    }

    private static void keylessSoft(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(VISITS.target());
            transaction.load(TestLoad.into(VISITS).insert("ann", null).insert("ann", null));
            transaction.load(TestLoad.into(VISITS)
                    .onDelete(OnDelete.SOFT)
                    .deleteOne("ann", null)
                    .insert("bob", "x")
                    .deleteOne("bob", "x"));
            transaction.load(TestLoad.into(VISITS)
                    .onDelete(OnDelete.SOFT)
                    .deleteOne("ann", null)
                    .deleteOne("ann", null));
        });
        assertEquals(
                List.of("ann|true|2", "bob|true|1"),
                booleans(
                        fixture.rows(
                                "SELECT who, __millrace_deleted, count(*) FROM sales.visits GROUP BY who, __millrace_deleted ORDER BY who")));
    }

    /** PostgreSQL prints t and f. */
    static List<String> booleans(List<String> rows) {
        return rows.stream()
                .map(row -> (row + "|").replace("|t|", "|true|").replace("|f|", "|false|"))
                .map(row -> row.substring(0, row.length() - 1))
                .toList();
    }
}
