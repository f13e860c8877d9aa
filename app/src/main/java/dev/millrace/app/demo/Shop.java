package dev.millrace.app.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;

/** The acts of the shop, each within the connection's open transaction. Not thread-safe; ends with its connection. */
final class Shop {
    private static final String[] FIRST = {"ADA", "BORIS", "CHLOÉ", "DAO", "ESRA", "FRITZ", "GRETA", "HUGO", "李", "JO"};
    private static final String[] LAST = {"O'HARA", "NAKAMURA", "ØDEGAARD", "SMITH", "GARCÍA", "KOWALSKI", "王", "DIALLO"
    };
    private static final String[] STREETS = {"Mill Lane", "Race Street", "Weir Road", "Straße am Bach", "Rue du Moulin"
    };

    private final Connection connection;
    private final SplittableRandom random;

    Shop(Connection connection, SplittableRandom random) {
        this.connection = connection;
        this.random = random;
    }

    static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS public.payment_later PARTITION OF public.payment DEFAULT");
        }
    }

    void act() throws SQLException {
        int choice = random.nextInt(100);
        if (choice < 36) {
            rent();
        } else if (choice < 62) {
            giveBack();
        } else if (choice < 76) {
            pay();
        } else if (choice < 84) {
            updateCustomer();
        } else if (choice < 88) {
            move();
        } else if (choice < 91) {
            join();
        } else if (choice < 94) {
            rewriteFilm();
        } else if (choice < 97) {
            cancelPayment();
        } else {
            cancelRental();
        }
    }

    /** Half of the customers pay at once: two tables in one transaction. */
    private void rent() throws SQLException {
        int rental = number(
                "INSERT INTO public.rental (rental_date, inventory_id, customer_id, staff_id, last_update)"
                        + " VALUES (clock_timestamp(), ?, ?, ?, clock_timestamp()) RETURNING rental_id",
                existing("inventory", "inventory_id"),
                existing("customer", "customer_id"),
                existing("staff", "staff_id"));
        if (random.nextBoolean()) {
            payFor(rental);
        }
    }

    private void giveBack() throws SQLException {
        run(
                "UPDATE public.rental SET return_date = clock_timestamp() WHERE rental_id = ?",
                existing("rental", "rental_id"));
    }

    private void pay() throws SQLException {
        payFor(existing("rental", "rental_id"));
    }

    private void payFor(int rental) throws SQLException {
        run(
                "INSERT INTO public.payment (customer_id, staff_id, rental_id, amount, payment_date)"
                        + " SELECT customer_id, staff_id, rental_id, ?, clock_timestamp() FROM public.rental WHERE rental_id = ?",
                BigDecimal.valueOf(99 + 100L * random.nextInt(12), 2),
                rental);
    }

    private void updateCustomer() throws SQLException {
        run(
                "UPDATE public.customer SET email = lower(first_name) || ? || '@example.org', active = 1 - active,"
                        + " activebool = NOT activebool WHERE customer_id = ?",
                random.nextInt(1_000_000),
                existing("customer", "customer_id"));
    }

    /** The address changes, the customer goes to another store. */
    private void move() throws SQLException {
        int customer = existing("customer", "customer_id");
        run(
                "UPDATE public.address SET address = ?, city_id = ?, address2 = NULL"
                        + " WHERE address_id = (SELECT address_id FROM public.customer WHERE customer_id = ?)",
                street(),
                existing("city", "city_id"),
                customer);
        run("UPDATE public.customer SET store_id = ? WHERE customer_id = ?", existing("store", "store_id"), customer);
    }

    private void join() throws SQLException {
        int address = number(
                "INSERT INTO public.address (address, district, city_id, phone) VALUES (?, ?, ?, ?) RETURNING address_id",
                street(),
                LAST[random.nextInt(LAST.length)],
                existing("city", "city_id"),
                Long.toString(100_000_000L + random.nextInt(900_000_000)));
        run(
                "INSERT INTO public.customer (store_id, first_name, last_name, email, address_id, active) VALUES (?, ?, ?, ?, ?, 1)",
                existing("store", "store_id"),
                FIRST[random.nextInt(FIRST.length)],
                LAST[random.nextInt(LAST.length)],
                null,
                address);
    }

    private void rewriteFilm() throws SQLException {
        run(
                "UPDATE public.film SET rental_rate = ?, description = split_part(description, ' — ', 1) || ' — cut ' || ?"
                        + " WHERE film_id = ?",
                BigDecimal.valueOf(99 + 100L * random.nextInt(5), 2),
                random.nextInt(1_000),
                existing("film", "film_id"));
    }

    private void cancelPayment() throws SQLException {
        run("DELETE FROM public.payment WHERE payment_id = ?", existing("payment", "payment_id"));
    }

    private void cancelRental() throws SQLException {
        int rental = existing("rental", "rental_id");
        run("DELETE FROM public.payment WHERE rental_id = ?", rental);
        run("DELETE FROM public.rental WHERE rental_id = ?", rental);
    }

    private String street() {
        return 1 + random.nextInt(200) + " " + STREETS[random.nextInt(STREETS.length)];
    }

    /** A row that is there, near a random place between the lowest and the highest number. */
    private int existing(String table, String key) throws SQLException {
        int at = random.nextInt(1 << 20);
        return number(
                "SELECT " + key + " FROM public." + table + " WHERE " + key + " >= (SELECT min(" + key + ") + ? % (max("
                        + key + ") - min(" + key + ") + 1) FROM public." + table + ") ORDER BY " + key + " LIMIT 1",
                at);
    }

    private int number(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters);
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("the shop's database is empty: " + sql);
            }
            return row.getInt(1);
        }
    }

    private void run(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters)) {
            statement.executeUpdate();
        }
    }

    private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }
}
