package dev.millrace.consume.destination;

import static dev.millrace.consume.destination.DestinationContract.ALL_FILMS;
import static dev.millrace.consume.destination.DestinationContract.FILMS;
import static dev.millrace.consume.destination.DestinationContract.INTEGER;
import static dev.millrace.consume.destination.DestinationContract.LONG;
import static dev.millrace.consume.destination.DestinationContract.TEXT;
import static dev.millrace.consume.destination.DestinationContract.window;
import static dev.millrace.consume.destination.TestLoad.UNCHANGED;
import static dev.millrace.consume.destination.TestTable.field;
import static dev.millrace.consume.destination.TestTable.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import java.util.List;
import java.util.Optional;

/** The part of {@link DestinationContract} on tables: made, described, changed, replaced, and named oddly. */
final class TableContract {
    private TableContract() {}

    static void describes(DestinationFixture fixture) {
        try (Destination destination = fixture.open("contract")) {
            assertEquals(Optional.empty(), destination.describe(FILMS.target().name()));
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                transaction.create(FILMS.target());
                transaction.commit(1);
            }
            ExistingTable there = destination.describe(FILMS.target().name()).orElseThrow();
            assertEquals(
                    FILMS.target().columns().stream().map(TargetColumn::name).toList(),
                    there.columns().stream()
                            .map(ExistingTable.ExistingColumn::name)
                            .toList());
            assertEquals(
                    FILMS.target().columns().stream()
                            .map(column -> destination.columnType(column.dataType()))
                            .toList(),
                    there.columns().stream()
                            .map(ExistingTable.ExistingColumn::type)
                            .toList());
            assertTrue(destination.naming().maxBytes() > 30);
        }
    }

    static void evolves(DestinationFixture fixture) {
        TestTable narrow = TestTable.of("films", key("id", INTEGER, 1), field("title", TEXT));
        TestTable wide = TestTable.of("films", key("id", LONG, 1), field("name", TEXT), field("length", INTEGER));
        window(fixture, 1, transaction -> {
            transaction.create(narrow.target());
            transaction.load(TestLoad.into(narrow).upsert(1, "one"));
        });
        window(fixture, 2, transaction -> {
            transaction.widenColumn(narrow.target(), wide.column("id"));
            transaction.renameColumn(narrow.target(), "title", "name");
            transaction.addColumn(narrow.target(), wide.column("length"));
            transaction.load(
                    TestLoad.into(wide).upsert(5_000_000_000L, "big", 90).update(1L, "eins", UNCHANGED));
        });
        assertEquals(
                List.of("1|eins|∅", "5000000000|big|90"),
                fixture.rows("SELECT id, name, length FROM sales.films ORDER BY id"));
        TestTable narrowRows =
                TestTable.of("films", key("id", INTEGER, 1), field("name", TEXT), field("length", INTEGER));
        window(fixture, 3, transaction -> {
            TestTable text = TestTable.of("films", key("id", LONG, 1), field("name", TEXT), field("length", TEXT));
            transaction.widenColumn(wide.target(), text.column("length"));
            transaction.load(TestLoad.into(narrowRows.into(text.target())).upsert(2, "two", 120));
        });
        assertEquals(
                List.of("1|eins|∅", "2|two|120", "5000000000|big|90"),
                fixture.rows("SELECT id, name, length FROM sales.films ORDER BY id"));
    }

    static void keepsDropped(DestinationFixture fixture) {
        TestTable less = TestTable.of(
                FILMS.target().name(),
                List.of(key("id", LONG, 1), field("title", TEXT)),
                List.of(field("notes", TEXT)));
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .upsert(1L, "one", "a")
                    .upsert(2L, "two", "b")
                    .upsert(3L, "three", "c"));
            transaction.load(TestLoad.into(less)
                    .update(1L, "eins")
                    .move(List.of(2L), 5L, UNCHANGED)
                    .upsert(4L, "four"));
        });
        assertEquals(List.of("1|eins|a", "3|three|c", "4|four|∅", "5|two|b"), fixture.rows(ALL_FILMS));
    }

    static void replaces(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS).upsert(1L, "old", "a").upsert(2L, "old", "b"));
        });
        window(fixture, 2, transaction -> {
            transaction.beginShadow(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .intoShadow()
                    .asHistorical()
                    .upsert(2L, "new", null)
                    .upsert(3L, "new", null));
        });
        assertEquals(List.of("1|old|a", "2|old|b"), fixture.rows(ALL_FILMS));
        window(
                fixture,
                3,
                transaction -> transaction.completeShadow(FILMS.target(), TestLoad.LOADED_AT, TestLoad.LOADED_AT));
        assertEquals(List.of("2|new|∅", "3|new|∅"), fixture.rows(ALL_FILMS));
        window(fixture, 4, transaction -> assertFalse(transaction.hasShadow(FILMS.target())));
    }

    static void shadowLasts(DestinationFixture fixture) {
        TestTable more = TestTable.of(
                "films", key("id", LONG, 1), field("title", TEXT), field("notes", TEXT), field("length", INTEGER));
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            assertFalse(transaction.hasShadow(FILMS.target()));
            transaction.beginShadow(FILMS.target());
            transaction.load(
                    TestLoad.into(FILMS).intoShadow().asHistorical().upsert(1L, "dropped with the first shadow", null));
            transaction.beginShadow(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .intoShadow()
                    .asHistorical()
                    .upsert(2L, "two", null)
                    .upsert(3L, "three", null));
        });
        window(fixture, 2, transaction -> {
            assertTrue(transaction.hasShadow(FILMS.target()));
            transaction.addColumn(FILMS.target(), more.column("length"));
            transaction.load(TestLoad.into(more)
                    .intoShadow()
                    .onDelete(OnDelete.HARD)
                    .update(2L, "zwei", null, 7)
                    .delete(3L));
            transaction.completeShadow(more.target(), TestLoad.LOADED_AT, TestLoad.LOADED_AT);
        });
        assertEquals(List.of("2|zwei|7"), fixture.rows("SELECT id, title, length FROM sales.films"));
    }

    static void oddNames(DestinationFixture fixture) {
        TestTable odd = TestTable.of(
                new TargetName("odd \"schema\"", "select, line 3; -- ü"),
                List.of(
                        key("the \"key\"", LONG, 1),
                        field("where", TEXT),
                        field("a'b, c", TEXT),
                        field("ﬁeld %s $1", INTEGER)),
                List.of());
        window(fixture, 1, transaction -> {
            transaction.create(odd.target());
            transaction.load(
                    TestLoad.into(odd).asHistorical().upsert(1L, "w", "x", 1).upsert(2L, "v", "y", 2));
            transaction.load(TestLoad.into(odd).update(1L, UNCHANGED, "z", 3).delete(2L));
        });
        assertEquals(
                List.of("1|w|z|3"),
                fixture.rows(
                        "SELECT \"the \"\"key\"\"\", \"where\", \"a'b, c\", \"ﬁeld %s $1\" FROM \"odd \"\"schema\"\"\".\"select, line 3; -- ü\""));
    }

    static void emptiness(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            assertTrue(transaction.isEmpty(FILMS.target()));
            transaction.load(TestLoad.into(FILMS).upsert(1L, "one", null));
            assertFalse(transaction.isEmpty(FILMS.target()));
        });
    }
}
