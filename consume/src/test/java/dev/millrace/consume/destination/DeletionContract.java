package dev.millrace.consume.destination;

import static dev.millrace.consume.destination.DestinationContract.FILMS;
import static dev.millrace.consume.destination.DestinationContract.VISITS;
import static dev.millrace.consume.destination.DestinationContract.booleans;
import static dev.millrace.consume.destination.DestinationContract.window;
import static dev.millrace.consume.destination.TestLoad.MODIFIED_AT;
import static dev.millrace.consume.destination.TestLoad.UNCHANGED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.OnDelete;
import java.util.List;

/** What rows that are marked as deleted tell of their deletion. */
final class DeletionContract {
    private static final long SECOND = 1_000_000;
    /** How many seconds after {@link TestLoad#MODIFIED_AT}; -1: not known. */
    private static final String AFTER =
            "coalesce(CAST(extract(epoch FROM __millrace_source_modified_at) AS BIGINT) - 1600000000, -1)";

    private DeletionContract() {}

    private static long after(int seconds) {
        return MODIFIED_AT + seconds * SECOND;
    }

    private static List<String> films(DestinationFixture fixture) {
        return booleans(fixture.rows(
                "SELECT id, title, notes, __millrace_deleted, " + AFTER + " FROM sales.films ORDER BY id"));
    }

    static void keyed(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS)
                    .upsert(1L, "one", "a")
                    .upsert(2L, "two", "b")
                    .upsert(3L, "three", "c")
                    .upsert(4L, "four", "d"));
            transaction.load(TestLoad.into(FILMS)
                    .onDelete(OnDelete.SOFT)
                    .at(after(1))
                    .delete(1L)
                    .at(after(2))
                    .delete(2L)
                    .at(after(3))
                    .move(List.of(2L), 5L, UNCHANGED, "moved")
                    .at(after(4))
                    .update(3L, "drei", UNCHANGED)
                    .deletedAgain()
                    .at(after(5))
                    .upsert(6L, "six", null)
                    .deletedAgain());
        });
        assertEquals(
                List.of(
                        "1|one|a|true|1",
                        "2|two|b|true|2",
                        "3|drei|c|true|4",
                        "4|four|d|false|0",
                        "5|two|moved|false|3",
                        "6|six|∅|true|5"),
                films(fixture));
        window(
                fixture,
                2,
                transaction -> transaction.load(TestLoad.into(FILMS)
                        .onDelete(OnDelete.SOFT)
                        .afterTruncate(after(6))
                        .at(after(7))
                        .upsert(6L, "sechs", "again")
                        .at(after(8))
                        .delete(1L)
                        .at(after(6))
                        .upsert(7L, "seven", null)
                        .deletedAgain()));
        assertEquals(
                List.of(
                        "1|one|a|true|1",
                        "2|two|b|true|2",
                        "3|drei|c|true|4",
                        "4|four|d|true|6",
                        "5|two|moved|true|6",
                        "6|sechs|again|false|7",
                        "7|seven|∅|true|6"),
                films(fixture));
    }

    static void keyless(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(VISITS.target());
            transaction.load(TestLoad.into(VISITS)
                    .insert("ann", null)
                    .insert("ann", null)
                    .insert("ann", null)
                    .insert("dan", "here"));
            transaction.load(TestLoad.into(VISITS)
                    .onDelete(OnDelete.SOFT)
                    .at(after(1))
                    .deleteOne("ann", null)
                    .insert("bob", "x")
                    .insert("bob", "x")
                    .insert("bob", "x")
                    .at(after(2))
                    .deleteOne("bob", "x")
                    .at(after(3))
                    .deleteOne("ann", null)
                    .deleteOne("cat", "not there")
                    .at(after(4))
                    .deleteOne("bob", "x"));
        });
        String rows = "SELECT who, __millrace_deleted, " + AFTER + " FROM sales.visits ORDER BY 1, 2, 3";
        assertEquals(
                List.of(
                        "ann|false|0",
                        "ann|true|1",
                        "ann|true|3",
                        "bob|false|1",
                        "bob|true|2",
                        "bob|true|4",
                        "dan|false|0"),
                booleans(fixture.rows(rows)));
        window(
                fixture,
                2,
                transaction -> transaction.load(
                        TestLoad.into(VISITS).onDelete(OnDelete.SOFT).afterTruncate(after(5))));
        assertEquals(
                List.of(
                        "ann|true|1",
                        "ann|true|3",
                        "ann|true|5",
                        "bob|true|2",
                        "bob|true|4",
                        "bob|true|5",
                        "dan|true|5"),
                booleans(fixture.rows(rows)));
    }

    static void unknown(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.create(VISITS.target());
            transaction.load(TestLoad.into(FILMS).upsert(1L, "one", "a").upsert(2L, "two", "b"));
            transaction.load(TestLoad.into(VISITS).insert("ann", null).insert("bob", null));
            transaction.load(TestLoad.into(FILMS)
                    .onDelete(OnDelete.SOFT)
                    .at(Long.MIN_VALUE)
                    .delete(1L));
            transaction.load(TestLoad.into(FILMS).onDelete(OnDelete.SOFT).afterTruncate(Long.MIN_VALUE));
            transaction.load(TestLoad.into(VISITS)
                    .onDelete(OnDelete.SOFT)
                    .at(Long.MIN_VALUE)
                    .deleteOne("bob", null));
        });
        assertEquals(List.of("1|one|a|true|-1", "2|two|b|true|-1"), films(fixture));
        assertEquals(
                List.of("ann|false|0", "bob|true|-1"),
                booleans(fixture.rows("SELECT who, __millrace_deleted, " + AFTER + " FROM sales.visits ORDER BY who")));
    }
}
