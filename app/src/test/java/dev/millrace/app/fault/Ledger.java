package dev.millrace.app.fault;

import dev.millrace.storage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Writers that commit random transactions side by side, each with rows of its own, and note what was committed: transfers over two tables,
 * inserts, deletes, key changes, updates that leave a large value alone, rows of a table without a key, thousands of rows at once, a table
 * that is emptied, savepoints, rollbacks, transactions left open for a while. They outlive the source: a broken connection is made anew, and
 * a COMMIT that was not answered is looked up.
 *
 * <p>{@link #start} runs them on threads of their own until {@link #stop}; both may be called again. The other methods are for one thread,
 * the trial's.
 */
public final class Ledger implements AutoCloseable {
    /** The tables, as a pipeline's objects. */
    public static final String OBJECTS =
            "public.accounts, public.savings, public.items, public.journal, public.scratch";

    /** The sum over accounts and savings, which no transaction changes; in one statement, for both databases, {@link #total} at any moment. */
    public static final String SUM = "SELECT CAST((SELECT coalesce(sum(balance), 0) FROM public.accounts)"
            + " + (SELECT coalesce(sum(balance), 0) FROM public.savings) AS numeric(18,2))";

    private static final int WRITERS = 2;

    private final TestDatabase database;
    private final List<LedgerWriter> writers = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private CountDownLatch stopped = new CountDownLatch(1);
    private volatile Throwable failure;

    /** {@code database} is the source; nothing is done yet. In the short form it writes less, and leaves the processors to the trials beside it. */
    public Ledger(TestDatabase database, Trial trial) {
        this.database = database;
        SplittableRandom random = new SplittableRandom(trial.seed());
        int pause = trial.longForm() ? 4 : 12;
        for (int i = 0; i < WRITERS; i++) {
            writers.add(
                    new LedgerWriter(database, random.split(), new LedgerWriter.Place(i, WRITERS), pause, committed));
        }
    }

    /** Makes the tables and about {@code rows} rows in accounts and savings, as many in journal, a twentieth of it in items. */
    public void create(int rows) throws SQLException {
        database.execute("CREATE TABLE accounts (id bigint PRIMARY KEY, balance numeric(18,2) NOT NULL, owner text,"
                + " version int NOT NULL)");
        database.execute("CREATE TABLE savings (LIKE accounts INCLUDING ALL)");
        database.execute("CREATE TABLE items (code text PRIMARY KEY, amount int, body text)");
        database.execute("ALTER TABLE items ALTER COLUMN body SET STORAGE EXTERNAL");
        database.execute("CREATE TABLE journal (entry bigint, note text)");
        database.execute("CREATE TABLE scratch (id bigint PRIMARY KEY, note text)");
        for (LedgerWriter writer : writers) {
            writer.create(rows / WRITERS);
        }
    }

    /** Begins to write. */
    public void start() {
        stopped = new CountDownLatch(1);
        for (LedgerWriter writer : writers) {
            Thread thread = new Thread(() -> write(writer), "ledger-" + threads.size());
            threads.add(thread);
            thread.start();
        }
    }

    private void write(LedgerWriter writer) {
        try {
            writer.write(stopped);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException | Error e) {
            failure = e;
        }
    }

    /** Ends the writers once it is known what they have committed. Throws what one of them failed with. */
    public void stop() throws InterruptedException {
        stopped.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        threads.clear();
        requireNoFailure();
    }

    /** How many transactions are known to be committed; from any thread. */
    public long committed() {
        return committed.get();
    }

    /** Waits until {@code count} more transactions are committed; throws when that takes longer than {@code seconds}. */
    public void awaitCommits(long count, long seconds) throws InterruptedException {
        long goal = committed.get() + count;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (committed.get() < goal) {
            requireNoFailure();
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "the ledger has not committed " + count + " transactions in " + seconds + " s");
            }
            stopped.await(5, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        threads.clear();
    }

    /** What {@link #SUM} gives in any state the source has ever had since {@link #create}, as both databases write it. */
    public static String total() {
        return java.math.BigDecimal.valueOf(WRITERS * LedgerChanges.VAULT_CENTS, 2)
                .toPlainString();
    }

    /**
     * A table of the ledger.
     *
     * @param columns one text expression, for both databases
     * @param rows what was committed, in the form of {@link #query} and in the order of its bytes
     */
    public record Table(String name, String columns, List<String> rows) {
        /** {@code prefix} as {@code public.} or empty; one text column, for both databases, in no order. */
        public String query(String prefix) {
            return "SELECT " + columns + " FROM " + prefix + name;
        }
    }

    /** What was committed; to be asked for while the ledger doesn't run. */
    public List<Table> tables() {
        requireNoFailure();
        String account = "id || '|' || balance || '|' || owner || '|' || version";
        return List.of(
                new Table("accounts", account, rows(book -> book.accounts)),
                new Table("savings", account, rows(book -> book.savings)),
                new Table(
                        "items",
                        "code || '|' || amount || '|' || coalesce(md5(body), 'none')",
                        rows(book -> book.items)),
                new Table("journal", "entry || '|' || note", rows(book -> book.journal)),
                new Table("scratch", "id || '|' || note", rows(book -> book.scratch)));
    }

    private List<String> rows(Function<LedgerBook, TreeMap<?, ?>> table) {
        List<String> rows = new ArrayList<>();
        for (LedgerWriter writer : writers) {
            for (Map.Entry<?, ?> row : table.apply(writer.book).entrySet()) {
                rows.add(row.getKey() + "|" + row.getValue());
            }
        }
        rows.sort(null);
        return rows;
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new AssertionError("a writer of the ledger failed", failure);
        }
    }
}
