package dev.millrace.consume.destination;

import java.util.List;

/** One empty destination for one test, and a way to look into it that is not ours. Closing it removes it. */
public interface DestinationFixture extends AutoCloseable {
    /** A destination of that pipeline, on the same place as every other of this fixture; the caller closes it. */
    Destination open(String pipeline);

    /** Every row of a query of plain SQL, its columns as text joined by {@code |}, NULL as {@code ∅}. */
    List<String> rows(String sql);

    @Override
    void close();
}
