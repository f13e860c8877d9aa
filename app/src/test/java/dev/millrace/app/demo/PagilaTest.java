package dev.millrace.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PagilaTest {
    private static final String COUNTS =
            "SELECT (SELECT count(*) FROM public.film), (SELECT count(*) FROM public.customer),"
                    + " (SELECT count(*) FROM public.rental), (SELECT count(*) FROM public.payment)";
    /** Everything the shop chooses by itself, nothing that the clock says. */
    private static final String CHOICES =
            "SELECT md5(string_agg(r::text, ',' ORDER BY r)) FROM (SELECT rental_id, inventory_id, customer_id, return_date > '2024-01-01'"
                    + " FROM public.rental UNION ALL SELECT payment_id, rental_id, (amount * 100)::int, null FROM public.payment"
                    + " UNION ALL SELECT customer_id, store_id, address_id, activebool FROM public.customer) r";

    /** Loaded once, which takes seconds, and copied for each that works in it. */
    private static TestDatabase filled;

    @BeforeAll
    static void fill() throws Exception {
        filled = TestPostgres.shared().createDatabase();
        load(filled);
        try (Connection connection = filled.connect()) {
            ShopSimulator.prepare(connection);
            ShopSimulator.prepare(connection);
        }
    }

    @AfterAll
    static void drop() throws Exception {
        filled.close();
    }

    private static TestDatabase copy() throws Exception {
        return TestPostgres.shared().createDatabaseLike(filled);
    }

    @Test
    void itLoadsOnceAndWhole() throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            assertTrue(load(database));
            assertEquals(List.of("1000|599|16044|16049"), database.rows(COUNTS));
            assertEquals(List.of("16049"), database.rows("SELECT reltuples FROM pg_class WHERE relname = 'payment'"));
            assertFalse(load(database), "a second load finds it there");
            assertEquals(List.of("1000|599|16044|16049"), database.rows(COUNTS));
        }
    }

    @Test
    void theShopInsertsUpdatesAndDeletesAndGoesOnAfterwards() throws Exception {
        try (TestDatabase database = copy()) {
            try (ShopSimulator shop = new ShopSimulator(database::connect, 100, 7)) {
                shop.transact(300);
                shop.transact(100);
                assertEquals(400, shop.transactions());
            }
            assertEquals(
                    List.of("t|t|t|t"),
                    database.rows("SELECT (SELECT max(rental_id) FROM rental) > 16049,"
                            + " (SELECT count(*) FROM rental WHERE rental_id <= 16049) < 16044,"
                            + " (SELECT count(*) FROM rental WHERE return_date > '2024-01-01') > 50,"
                            + " (SELECT count(*) FROM customer) > 599"));
        }
    }

    @Test
    void theSameSeedMakesTheSameChoices() throws Exception {
        try (TestDatabase first = copy();
                TestDatabase second = copy();
                TestDatabase third = copy()) {
            assertEquals(choices(first, 11), choices(second, 11));
            assertNotEquals(choices(first, 12), choices(third, 13));
        }
    }

    @Test
    void theShopsThreadWorksAtItsRateUntilClosed() throws Exception {
        try (TestDatabase database = copy()) {
            ShopSimulator shop = new ShopSimulator(database::connect, 500, 1);
            try (shop) {
                shop.start();
                long limit = System.nanoTime() + 120_000_000_000L;
                while (shop.transactions() < 20) {
                    assertTrue(System.nanoTime() < limit, "20 transactions within 120 s");
                    Thread.onSpinWait();
                }
            }
            long done = shop.transactions();
            shop.close();
            assertEquals(done, shop.transactions());
        }
    }

    private static List<String> choices(TestDatabase database, long seed) throws Exception {
        try (ShopSimulator shop = new ShopSimulator(database::connect, 1, seed)) {
            shop.transact(150);
        }
        return database.rows(CHOICES);
    }

    private static boolean load(TestDatabase database) throws Exception {
        try (Connection connection = database.connect()) {
            return Pagila.loadInto(connection);
        }
    }
}
