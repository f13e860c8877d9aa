package dev.millrace.consume.destination;

import dev.millrace.consume.destination.ExistingTable.Identity;
import java.util.Optional;

/**
 * One window's work, all of it visible at once at {@link #commit} or not at all. Confined to one thread. After an exception only
 * {@link #close} may be called, which rolls back, or {@link Mark#back}.
 */
public interface LoadTransaction extends AutoCloseable {
    /** Creates the table, which is not there yet, with its schema and metadata columns. */
    void create(TargetTable table);

    /** Adds a column, NULL in the rows that are there. This and the next two change the table's shadow as well where there is one. */
    void addColumn(TargetTable table, TargetColumn column);

    /** Changes a column to the wider type that {@code column} has now. */
    void widenColumn(TargetTable table, TargetColumn column);

    void renameColumn(TargetTable table, String from, String to);

    /** Begins a shadow for {@code table}: an empty table of its shape that loads with {@link TableLoad#shadow()} fill. Drops an older one. */
    void beginShadow(TargetTable table);

    /**
     * The shadow's rows take the place of the table's, in one step for its readers, keeping the table's own grants and dependants. In mode
     * history the shadow's versions follow on the table's: a key's current version that equals the shadow's first of that key goes on in it,
     * else it ends where that begins; where the shadow has none of the key it ends with the load. No time is before the end of a version that the
     * table has of the key: where it would be, it is that one.
     *
     * @param completedAtMicros when the load was complete, in microseconds from 1970 UTC
     * @param loadedAtMicros now, likewise
     */
    void completeShadow(TargetTable table, long completedAtMicros, long loadedAtMicros);

    /**
     * Looks at a table that is there, before anything of it is changed or loaded.
     *
     * @param replaced whether its rows are about to be replaced by a shadow's, its key with them
     * @throws TableRefusedException it isn't one that holds afterwards what was loaded into it, whatever rows that are
     */
    default void requireFit(TargetTable table, boolean replaced) {}

    /** Whether a shadow is there from an earlier window. */
    boolean hasShadow(TargetTable table);

    /**
     * What a table that is there is known by from now on: {@code now}, as it was described; where that won't last and the destination can give it
     * something that will, it does, with the commit.
     */
    default Identity identify(TargetTable table, Identity now) {
        return now;
    }

    /** Whether the table holds no row. */
    boolean isEmpty(TargetTable table);

    /**
     * Applies one table's net effect.
     *
     * @return rows written, deleted ones included
     * @throws DataException naming rows and column where they are known
     * @throws ExhaustedException the destination can't take so much at a time
     */
    long load(TableLoad load);

    /**
     * The place where the transaction stands now, to come back to when a part of a load is refused. One mark is left before the next is made.
     * Empty where the destination can't come back to a place: then it has to begin anew.
     */
    default Optional<Mark> mark() {
        return Optional.empty();
    }

    /**
     * From now on constraints of the table that would be held against its rows at the commit are so with each load.
     *
     * @throws DataException what was loaded before breaks one
     */
    default void checkAtOnce(TargetTable table) {}

    /** A place in a transaction; left by one of its methods. */
    interface Mark {
        /** What was done since stays. */
        void keep();

        /** What was done since is undone, and the transaction goes on, also after a {@link DataException}. */
        void back();
    }

    /** Notes that replay {@code number} is in this transaction, to be committed with it; for {@link Destination#replayed}. */
    void replayed(long number);

    /**
     * Commits rows and log index together, under the claimed epoch.
     *
     * @throws DataException a row breaks a constraint that is held against it only now: nothing was committed
     * @throws FencedException another instance has claimed the position: nothing was committed
     * @throws UnknownOutcomeException the connection failed after COMMIT was sent: ask {@link Destination#committedIndex()}
     */
    void commit(long logIndex);

    /** Rolls back what was not committed; idempotent. */
    @Override
    void close();
}
