package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A source with some tables of random shapes, whose rows and shapes change at random. */
public final class RandomTables {
    /**
     * What may come.
     *
     * @param keyless tables without a key
     * @param truncates tables that are emptied
     * @param reloads tables that are loaded again while they change
     * @param evolves columns that are added, dropped, renamed and widened
     * @param documents a JSON column
     * @param full events always bring the whole row before
     */
    public record Traits(
            boolean keyless, boolean truncates, boolean reloads, boolean evolves, boolean documents, boolean full) {
        public static final Traits ALL = new Traits(true, true, true, true, false, false);

        /** Nothing is loaded again. */
        public Traits loadedOnce() {
            return new Traits(keyless, truncates, false, evolves, documents, full);
        }

        /** With JSON. */
        public Traits withDocuments() {
            return new Traits(keyless, truncates, reloads, evolves, true, full);
        }

        Traits whole() {
            return new Traits(keyless, truncates, reloads, evolves, documents, true);
        }
    }

    /** Numbers the source's transactions; some changes follow on another in one. */
    static final class Transactions {
        private final SplittableRandom random;
        private int number;
        private int ordinal;

        private Transactions(SplittableRandom random) {
            this.random = random;
        }

        void begin(BatchWriter to) {
            if (number == 0 || random.nextInt(3) > 0) {
                number++;
                ordinal = 0;
            }
            ordinal++;
            to.beginTransaction(number, 1_700_000_000_000_000L + number, "0/" + number, ordinal);
        }
    }

    private final SplittableRandom random;
    private final List<RandomTable> tables = new ArrayList<>();
    private long events;

    public RandomTables(SplittableRandom random, int tables, Traits traits) {
        this.random = random;
        Transactions transactions = new Transactions(random.split());
        for (int i = 0; i < tables; i++) {
            this.tables.add(new RandomTable("t" + i, random.split(), traits, transactions));
        }
    }

    /** Makes a random change of one of its tables and writes what a source would. */
    public void change(BatchWriter to) {
        tables.get(random.nextInt(tables.size())).change(to);
        events++;
    }

    /** How many changes there were. */
    public long events() {
        return events;
    }

    /** Ends the loads that are under way. */
    public void endLoads(BatchWriter to) {
        tables.forEach(table -> table.endLoad(to));
    }
}
