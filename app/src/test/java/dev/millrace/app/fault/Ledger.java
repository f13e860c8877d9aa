package dev.millrace.app.fault;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A writer that commits random transactions (transfers, inserts, updates that leave a large value alone, deletes, key changes, rows of a
 * table without a key) and notes what it has committed. {@link #start} runs it on a thread of its own until {@link #stop}.
 */
final class Ledger implements AutoCloseable {
    private static final int BIG = 12_000;

    private final TestDatabase database;
    private final SplittableRandom random;
    private final TreeMap<Long, String> accounts = new TreeMap<>();
    private final TreeMap<String, String> items = new TreeMap<>();
    private final List<String> journal = new ArrayList<>();
    private long nextAccount;
    private long nextItem;
    private long nextEntry;
    private volatile boolean stopped;
    private Thread thread;
    private SQLException failure;

    Ledger(TestDatabase database, long seed) {
        this.database = database;
        this.random = new SplittableRandom(seed);
    }

    /** Makes the tables and {@code rows} rows in each. */
    void create(int rows) throws SQLException {
        database.execute("CREATE TABLE accounts (id bigint PRIMARY KEY, balance numeric(18,2) NOT NULL, owner text)");
        database.execute("CREATE TABLE items (code text PRIMARY KEY, amount int, body text)");
        database.execute("ALTER TABLE items ALTER COLUMN body SET STORAGE EXTERNAL");
        database.execute("CREATE TABLE journal (entry bigint, note text)");
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < rows; i++) {
                insertAccount(connection);
                if (i % 20 == 0) {
                    insertItem(connection);
                }
                appendEntry(connection);
            }
            connection.commit();
        }
    }

    void start() {
        thread = new Thread(this::write, "ledger");
        thread.start();
    }

    void stop() throws InterruptedException, SQLException {
        stopped = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        stopped = true;
        if (thread != null) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * A table of the ledger.
     *
     * @param rows what was committed, in the form of {@link #query} and in the order of its bytes
     */
    record Table(String name, String columns, List<String> rows) {
        /** {@code prefix} as {@code public.} or empty; one text column, for both databases, in no order. */
        String query(String prefix) {
            return "SELECT " + columns + " FROM " + prefix + name;
        }
    }

    /** What was committed; to be asked for while the ledger doesn't run. */
    List<Table> tables() {
        return List.of(
                new Table("accounts", "id || '|' || balance || '|' || owner", joined(accounts)),
                new Table("items", "code || '|' || amount || '|' || md5(body)", joined(items)),
                new Table(
                        "journal",
                        "entry || '|' || note",
                        journal.stream().sorted().toList()));
    }

    private static List<String> joined(Map<?, String> rows) {
        return rows.entrySet().stream()
                .map(row -> row.getKey() + "|" + row.getValue())
                .sorted()
                .toList();
    }

    private void write() {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            while (!stopped) {
                int changes = 1 + random.nextInt(8);
                for (int i = 0; i < changes; i++) {
                    change(connection);
                }
                connection.commit();
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    private void change(Connection connection) throws SQLException {
        switch (random.nextInt(10)) {
            case 0, 1 -> insertAccount(connection);
            case 2, 3, 4 -> transfer(connection);
            case 5 -> deleteAccount(connection);
            case 6 -> moveAccount(connection);
            case 7 -> insertItem(connection);
            case 8 -> updateItem(connection);
            default -> appendEntry(connection);
        }
    }

    private void insertAccount(Connection connection) throws SQLException {
        long id = nextAccount++;
        String owner = "owner " + random.nextInt(1_000);
        run(connection, "INSERT INTO accounts VALUES (?, 100.00, ?)", id, owner);
        accounts.put(id, "100.00|" + owner);
    }

    private void transfer(Connection connection) throws SQLException {
        if (accounts.size() < 2) {
            return;
        }
        add(connection, someAccount(), -1);
        add(connection, someAccount(), 1);
    }

    private void add(Connection connection, long id, int amount) throws SQLException {
        run(connection, "UPDATE accounts SET balance = balance + ? WHERE id = ?", amount, id);
        String[] cells = accounts.get(id).split("\\|", 2);
        accounts.put(id, new java.math.BigDecimal(cells[0]).add(java.math.BigDecimal.valueOf(amount)) + "|" + cells[1]);
    }

    private void deleteAccount(Connection connection) throws SQLException {
        if (accounts.size() > 10) {
            long id = someAccount();
            run(connection, "DELETE FROM accounts WHERE id = ?", id);
            accounts.remove(id);
        }
    }

    private void moveAccount(Connection connection) throws SQLException {
        if (!accounts.isEmpty()) {
            long from = someAccount();
            long to = nextAccount++;
            run(connection, "UPDATE accounts SET id = ? WHERE id = ?", to, from);
            accounts.put(to, accounts.remove(from));
        }
    }

    private void insertItem(Connection connection) throws SQLException {
        String code = "item-" + nextItem++;
        String body = Long.toString(random.nextLong() >>> 1, 36).repeat(BIG / 12);
        run(connection, "INSERT INTO items VALUES (?, 0, ?)", code, body);
        items.put(code, "0|" + digest(body));
    }

    private void updateItem(Connection connection) throws SQLException {
        if (items.isEmpty()) {
            return;
        }
        String code = items.ceilingKey("item-" + random.nextLong(nextItem));
        code = code == null ? items.firstKey() : code;
        int amount = random.nextInt(1_000_000);
        String[] cells = items.get(code).split("\\|", 2);
        if (random.nextInt(4) == 0) {
            String to = "item-" + nextItem++;
            run(connection, "UPDATE items SET code = ?, amount = ? WHERE code = ?", to, amount, code);
            items.remove(code);
            code = to;
        } else {
            run(connection, "UPDATE items SET amount = ? WHERE code = ?", amount, code);
        }
        items.put(code, amount + "|" + cells[1]);
    }

    private void appendEntry(Connection connection) throws SQLException {
        long entry = nextEntry++;
        String note = "note " + random.nextInt(1_000_000);
        run(connection, "INSERT INTO journal VALUES (?, ?)", entry, note);
        journal.add(entry + "|" + note);
    }

    private long someAccount() {
        Long id = accounts.ceilingKey(random.nextLong(nextAccount));
        return id == null ? accounts.firstKey() : id;
    }

    /** As {@code md5(body)} of both databases. */
    private static String digest(String text) {
        try {
            byte[] hash = java.security.MessageDigest.getInstance("MD5")
                    .digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return java.util.HexFormat.of().formatHex(hash);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            if (statement.executeUpdate() != 1) {
                throw new SQLException("not one row: " + sql);
            }
        }
    }
}
