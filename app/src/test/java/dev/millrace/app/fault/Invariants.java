package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must be so at an exactly-once destination whenever one looks at it: no row of the table without a key is doubled, and it never loses
 * any; and once {@link #loaded} is called, the sum over accounts and savings is what it is in every state of the source, no row's version goes
 * back, and a deleted key stays deleted. Thread-safe.
 */
public final class Invariants {
    private static final String DOUBLED =
            "SELECT entry FROM public.journal GROUP BY entry HAVING count(*) > 1 ORDER BY entry LIMIT 5";

    private final Map<String, Long> versions = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private boolean loaded;
    private boolean reloading;
    private long entries;
    private long looks;

    /** From now on everything is there: the historical loads are over, at the destination too. */
    public synchronized void loaded() {
        loaded = true;
        reloading = false;
    }

    /** From now on tables are loaded again: until that is over a reader sees such a table as it was before, the others as they are now. */
    public synchronized void reloading() {
        reloading = true;
    }

    /** How often a destination was found to be right. */
    public synchronized long looks() {
        return looks;
    }

    /**
     * Looks at the destination; each thing that has to be seen in one state is asked for in one statement. Where the tables aren't there yet
     * nothing is looked at.
     *
     * @param connection in autocommit
     */
    public synchronized void check(Connection connection) throws SQLException {
        if (!isThere(connection)) {
            assertTrue(!loaded, "a loaded table is gone");
            return;
        }
        List<String> doubled = Stage.rows(connection, DOUBLED);
        assertEquals(List.of(), doubled, "entries of the journal that are doubled");
        if (loaded) {
            List<String> sum = Stage.rows(connection, Ledger.SUM);
            assertTrue(
                    reloading || sum.equals(List.of(Ledger.total())),
                    () -> "the sum over accounts and savings is " + sum + ", not " + Ledger.total());
            long count = Long.parseLong(Stage.rows(connection, "SELECT count(*) FROM public.journal")
                    .get(0));
            assertTrue(count >= entries, "journal had " + entries + " rows and now has " + count);
            entries = count;
            checkVersions(connection);
        }
        looks++;
    }

    private static boolean isThere(Connection connection) throws SQLException {
        return Stage.rows(
                                connection,
                                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
                                        + " AND table_name IN ('accounts', 'savings', 'journal')")
                        .size()
                == 3;
    }

    private void checkVersions(Connection connection) throws SQLException {
        Map<String, Long> found = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 'account ' || id, version FROM public.accounts"
                        + " UNION ALL SELECT 'saving ' || id, version FROM public.savings")) {
            while (row.next()) {
                found.put(row.getString(1), row.getLong(2));
            }
        }
        for (Map.Entry<String, Long> row : found.entrySet()) {
            Long before = versions.get(row.getKey());
            assertTrue(
                    before == null || before <= row.getValue(),
                    () -> row.getKey() + " went back from version " + before + " to " + row.getValue());
            assertTrue(!gone.contains(row.getKey()), () -> row.getKey() + " was deleted and is there again");
        }
        versions.keySet().stream().filter(key -> !found.containsKey(key)).forEach(gone::add);
        versions.clear();
        versions.putAll(found);
    }
}
