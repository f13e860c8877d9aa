package dev.millrace.consume.destination;

import java.nio.file.Path;
import java.util.List;

/**
 * A place of its own at a destination where loads are tried out: nothing that is there is read, changed or locked. One thread at a time;
 * every method may block as a load may, and throws as {@link Destination}'s do.
 */
public interface Scratch extends AutoCloseable {
    /** What the names of everything made here begin with. */
    String PREFIX = "millrace_bench_";

    /**
     * A destination that loads as the real one does, but whatever the table, its rows end up in one scratch table, and its bookkeeping beside
     * it. Nothing is there yet: what an earlier one has loaded is removed.
     */
    Destination fresh();

    /** Writes the rows loaded last into a file, in the form that the destination's own tool reads, and keeps their table's shape. */
    void spool(Path file);

    /** Makes an empty table of the spooled rows' shape, keys included. */
    void prepareBare();

    /**
     * Loads the spooled rows into that table by the destination's own tool, in one transaction.
     *
     * @return the rows loaded
     */
    long loadBare(Path file);

    /** Removes what ended processes have left of their trials here, and says what that was; of those still running nothing. */
    List<String> removeLeftOvers();

    /** Removes all of this trial; idempotent; may be called by another thread once work has ended. */
    @Override
    void close();
}
