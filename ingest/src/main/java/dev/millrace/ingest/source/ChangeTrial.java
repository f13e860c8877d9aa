package dev.millrace.ingest.source;

import dev.millrace.storage.event.TableName;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A scratch table at a source, with a stream of its own, on which the following of changes is tried out beside whatever streams there. One
 * thread at a time; methods throw as {@link Source}'s do.
 */
public interface ChangeTrial extends AutoCloseable {
    /** What the names of everything made here begin with. */
    String PREFIX = "millrace_bench_";

    /** The scratch table. */
    TableName table();

    /** A source that is a {@link StreamingSource} and a {@link ChunkedSource}, under names of this trial's own. */
    Source source();

    /** Makes the table with so many rows. */
    void make(int rows);

    /** From now on the table's changes are also kept for {@link #readBare}; after {@link #source} was prepared for streaming. */
    void keepForBare();

    /** Commits this many transactions of ten changed rows each. */
    void change(int transactions);

    /** Commits one changed row. */
    void beat();

    /**
     * Reads changes as the source sends them and drops them; each is sent once.
     *
     * @param goOn asked every now and then; false ends the read
     * @return the changes that came
     */
    long readBare(long changes, BooleanSupplier goOn);

    /** Removes what ended processes have left of their trials here, and says what that was; of those still running nothing. */
    List<String> removeLeftOvers();

    /** Removes all of this trial; idempotent; may be called by another thread once work has ended. */
    @Override
    void close();
}
