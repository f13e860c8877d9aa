package dev.millrace.consume.destination;

import static dev.millrace.consume.destination.DestinationContract.ALL_FILMS;
import static dev.millrace.consume.destination.DestinationContract.FILMS;
import static dev.millrace.consume.destination.DestinationContract.VISITS;
import static dev.millrace.consume.destination.DestinationContract.window;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;

/** The part of {@link DestinationContract} on transactions: positions, roll-back, and who may commit. */
final class PositionContract {
    private PositionContract() {}

    static void rollsBack(DestinationFixture fixture) {
        window(fixture, 1, transaction -> {
            transaction.create(FILMS.target());
            transaction.load(TestLoad.into(FILMS).upsert(1L, "one", null));
        });
        try (Destination destination = fixture.open("contract")) {
            destination.claim();
            try (LoadTransaction transaction = destination.begin()) {
                transaction.create(VISITS.target());
                transaction.load(
                        TestLoad.into(FILMS).update(1L, "changed", null).upsert(2L, "two", null));
            }
            assertEquals(Optional.empty(), destination.describe(VISITS.target().name()));
            assertEquals(Optional.of(1L), destination.committedIndex());
            try (LoadTransaction transaction = destination.begin()) {
                transaction.load(TestLoad.into(FILMS).upsert(3L, "three", null));
                transaction.commit(2);
            }
        }
        assertEquals(List.of("1|one|∅", "3|three|∅"), fixture.rows(ALL_FILMS));
    }

    static void positions(DestinationFixture fixture) {
        try (Destination destination = fixture.open("contract")) {
            assertEquals(Optional.empty(), destination.committedIndex());
            assertEquals(Optional.empty(), destination.claim());
            assertEquals(Optional.empty(), destination.committedIndex());
            try (LoadTransaction transaction = destination.begin()) {
                transaction.create(FILMS.target());
                transaction.commit(41);
            }
            assertEquals(Optional.of(41L), destination.committedIndex());
            try (LoadTransaction transaction = destination.begin()) {
                transaction.commit(42);
            }
        }
        try (Destination again = fixture.open("contract")) {
            assertEquals(Optional.of(42L), again.claim());
        }
    }

    static void fences(DestinationFixture fixture) {
        window(fixture, 1, transaction -> transaction.create(FILMS.target()));
        try (Destination old = fixture.open("contract");
                Destination young = fixture.open("contract")) {
            old.claim();
            try (LoadTransaction transaction = old.begin()) {
                transaction.load(TestLoad.into(FILMS).upsert(1L, "by the old one", null));
                assertEquals(Optional.of(1L), young.claim());
                assertThrows(FencedException.class, () -> transaction.commit(2));
            }
            assertThrows(FencedException.class, () -> {
                try (LoadTransaction transaction = old.begin()) {
                    transaction.commit(3);
                }
            });
            try (LoadTransaction transaction = young.begin()) {
                transaction.load(TestLoad.into(FILMS).upsert(1L, "by the young one", null));
                transaction.commit(2);
            }
        }
        assertEquals(List.of("1|by the young one|∅"), fixture.rows(ALL_FILMS));
    }

    static void separatePositions(DestinationFixture fixture) {
        try (Destination one = fixture.open("one");
                Destination other = fixture.open("other")) {
            assertEquals(Optional.empty(), one.claim());
            assertEquals(Optional.empty(), other.claim());
            try (LoadTransaction transaction = one.begin()) {
                transaction.commit(7);
            }
            try (LoadTransaction transaction = other.begin()) {
                transaction.commit(9);
            }
            assertEquals(Optional.of(7L), one.committedIndex());
            assertEquals(Optional.of(9L), other.committedIndex());
        }
    }
}
