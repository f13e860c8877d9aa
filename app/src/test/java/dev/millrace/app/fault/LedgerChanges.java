package dev.millrace.app.fault;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * Random changes of one writer's own rows, made in the database and noted in its book. Money only ever moves: between accounts, savings and
 * the writer's vault (a row of savings), so that their sum is the same before and after every transaction. Keys are never used again, but for
 * those of items.
 */
final class LedgerChanges {
    /** What each writer's vault holds at the beginning, in hundredths. */
    static final long VAULT_CENTS = 100_000_000;

    private static final int BIG = 12_000;
    private static final int MANY = 3_000;

    /** A trial of many minutes shall not end with tables that take longer to look at than to load: from here on what is new replaces what is old. */
    private static final int MOST_ROWS = 2_000;

    private static final int MOST_ENTRIES = 30_000;

    private final LedgerBook book;
    private final SplittableRandom random;
    private final int writer;
    private final int writers;
    private long nextKey;

    LedgerChanges(LedgerBook book, SplittableRandom random, int writer, int writers) {
        this.book = book;
        this.random = random;
        this.writer = writer;
        this.writers = writers;
    }

    void openVault(Connection connection) throws SQLException {
        run(connection, "INSERT INTO savings VALUES (?, ?::numeric / 100, 'vault', 0)", vault(), VAULT_CENTS);
        book.put(book.savings, vault(), new LedgerBook.Account(VAULT_CENTS, "vault", 0));
    }

    void random(Connection connection) throws SQLException {
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> {
                if (book.accounts.size() < MOST_ROWS) {
                    openAccount(connection);
                } else {
                    closeAccount(connection);
                }
            }
            case 3, 4, 5, 6, 7 -> transfer(connection);
            case 8 -> closeAccount(connection);
            case 9, 10 -> renumberAccount(connection);
            case 11, 12, 13 -> {
                if (book.items.size() < MOST_ROWS) {
                    insertItem(connection);
                } else {
                    replaceItem(connection);
                }
            }
            case 14, 15 -> updateItem(connection);
            case 16 -> exchangeItems(connection);
            case 17 -> replaceItem(connection);
            case 18 -> collect(connection);
            default -> scratch(connection);
        }
    }

    /** Adds a row without a key; its number is the writer's own and used once, so that it tells whether its transaction was committed. */
    long appendEntry(Connection connection) throws SQLException {
        long entry = key();
        String note = "note " + random.nextInt(1_000_000);
        run(connection, "INSERT INTO journal VALUES (?, ?)", entry, note);
        book.put(book.journal, entry, note);
        return entry;
    }

    /** Thousands of rows at once, while there are not too many. */
    void appendMany(Connection connection) throws SQLException {
        if (book.journal.size() > MOST_ENTRIES) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO journal VALUES (?, ?)")) {
            for (int i = 0; i < MANY; i++) {
                long entry = key();
                String note = "one of many " + random.nextInt(1_000);
                statement.setLong(1, entry);
                statement.setString(2, note);
                statement.addBatch();
                book.put(book.journal, entry, note);
            }
            statement.executeBatch();
        }
    }

    void openAccount(Connection connection) throws SQLException {
        long id = key();
        long cents = 5_000L + random.nextInt(10_000);
        String owner = "owner " + random.nextInt(1_000);
        boolean saving = random.nextInt(4) == 0 && book.savings.size() < MOST_ROWS;
        run(
                connection,
                "INSERT INTO " + (saving ? "savings" : "accounts") + " VALUES (?, ?::numeric / 100, ?, 0)",
                id,
                cents,
                owner);
        book.put(saving ? book.savings : book.accounts, id, new LedgerBook.Account(cents, owner, 0));
        add(connection, true, vault(), -cents);
    }

    private void transfer(Connection connection) throws SQLException {
        if (!book.accounts.isEmpty()) {
            long cents = 1L + random.nextInt(200);
            boolean saving = random.nextInt(2) == 0;
            add(connection, false, some(book.accounts), -cents);
            add(connection, saving, some(saving ? book.savings : book.accounts), cents);
        }
    }

    private void add(Connection connection, boolean saving, long id, long cents) throws SQLException {
        run(
                connection,
                "UPDATE " + (saving ? "savings" : "accounts")
                        + " SET balance = balance + ?::numeric / 100, version = version + 1 WHERE id = ?",
                cents,
                id);
        var rows = saving ? book.savings : book.accounts;
        book.put(rows, id, rows.get(id).with(cents));
    }

    private void closeAccount(Connection connection) throws SQLException {
        if (book.accounts.size() > 10) {
            long id = some(book.accounts);
            run(connection, "DELETE FROM accounts WHERE id = ?", id);
            add(connection, true, vault(), book.remove(book.accounts, id).cents());
        }
    }

    private void renumberAccount(Connection connection) throws SQLException {
        if (!book.accounts.isEmpty()) {
            long from = some(book.accounts);
            long to = key();
            run(connection, "UPDATE accounts SET id = ?, version = version + 1 WHERE id = ?", to, from);
            book.put(book.accounts, to, book.remove(book.accounts, from).with(0));
        }
    }

    /** A hundredth of each of some accounts, by one statement. */
    private void collect(Connection connection) throws SQLException {
        if (book.accounts.isEmpty()) {
            return;
        }
        long from = some(book.accounts);
        long to = from + 100L * writers;
        long count = 0;
        for (long id : book.accounts.subMap(from, true, to, true).keySet().toArray(Long[]::new)) {
            book.put(book.accounts, id, book.accounts.get(id).with(-1));
            count++;
        }
        String sql = "UPDATE accounts SET balance = balance - 0.01, version = version + 1 WHERE id BETWEEN ? AND ?"
                + " AND id % ? = ?";
        expect(count, connection, sql, from, to, writers, writer);
        add(connection, true, vault(), count);
    }

    void insertItem(Connection connection) throws SQLException {
        insertItem(connection, "item-" + writer + "-" + key());
    }

    private void insertItem(Connection connection, String code) throws SQLException {
        String body = random.nextInt(8) == 0
                ? null
                : Long.toString(random.nextLong() >>> 1, 36).repeat(BIG / 12);
        run(connection, "INSERT INTO items VALUES (?, 0, ?)", code, body);
        book.put(book.items, code, new LedgerBook.Item(0, digest(body)));
    }

    /** Leaves the large value alone, so that it comes as unchanged; with a new key at times. */
    private void updateItem(Connection connection) throws SQLException {
        if (book.items.isEmpty()) {
            return;
        }
        String code = someItem();
        int amount = random.nextInt(1_000_000);
        String to = random.nextInt(4) == 0 ? "item-" + writer + "-" + key() : code;
        run(connection, "UPDATE items SET code = ?, amount = ? WHERE code = ?", to, amount, code);
        LedgerBook.Item before = book.remove(book.items, code);
        book.put(book.items, to, new LedgerBook.Item(amount, before.digest()));
    }

    /** Two rows take each other's key, by way of a third. */
    private void exchangeItems(Connection connection) throws SQLException {
        String one = book.items.isEmpty() ? null : someItem();
        String other = book.items.isEmpty() ? null : someItem();
        if (one == null || one.equals(other)) {
            return;
        }
        String sql = "UPDATE items SET code = ? WHERE code = ?";
        String between = "between-" + writer;
        run(connection, sql, between, one);
        run(connection, sql, one, other);
        run(connection, sql, other, between);
        LedgerBook.Item first = book.items.get(one);
        book.put(book.items, one, book.items.get(other));
        book.put(book.items, other, first);
    }

    /** Deleted and inserted again under the same key. */
    private void replaceItem(Connection connection) throws SQLException {
        if (!book.items.isEmpty()) {
            String code = someItem();
            run(connection, "DELETE FROM items WHERE code = ?", code);
            book.remove(book.items, code);
            if (random.nextInt(3) > 0) {
                insertItem(connection, code);
            }
        }
    }

    /** The first writer's own table, emptied now and then. */
    private void scratch(Connection connection) throws SQLException {
        if (writer != 0) {
            return;
        }
        if (random.nextInt(25) == 0) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("TRUNCATE scratch");
            }
            book.clear(book.scratch);
        }
        long id = key();
        String note = "scratch " + random.nextInt(1_000);
        run(connection, "INSERT INTO scratch VALUES (?, ?)", id, note);
        book.put(book.scratch, id, note);
    }

    private long key() {
        return writers * nextKey++ + writer;
    }

    private long vault() {
        return -1L - writer;
    }

    private long some(java.util.TreeMap<Long, LedgerBook.Account> rows) {
        Long id = rows.ceilingKey(random.nextLong(writers * nextKey));
        return id == null ? rows.firstKey() : id;
    }

    private String someItem() {
        String code = book.items.ceilingKey("item-" + writer + "-" + random.nextLong(writers * nextKey));
        return code == null ? book.items.firstKey() : code;
    }

    private static String digest(String text) {
        if (text == null) {
            return "none";
        }
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(Connection connection, String sql, Object... values) throws SQLException {
        expect(1, connection, sql, values);
    }

    private static void expect(long rows, Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            int changed = statement.executeUpdate();
            if (changed != rows) {
                throw new IllegalStateException(changed + " rows instead of " + rows + ": " + sql);
            }
        }
    }
}
