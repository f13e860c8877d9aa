package dev.millrace.consume.testing;

import dev.millrace.consume.destination.DelegatedDestination;
import dev.millrace.consume.destination.DelegatedTransaction;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;

/** A destination at whose commits something happens; what throws before one is as a process that is killed there. */
public record AtCommit(Destination destination, Runnable before, Runnable after) implements DelegatedDestination {
    @Override
    public LoadTransaction begin() {
        LoadTransaction transaction = destination.begin();
        return new DelegatedTransaction() {
            @Override
            public LoadTransaction transaction() {
                return transaction;
            }

            @Override
            public void commit(long logIndex) {
                before.run();
                transaction.commit(logIndex);
                after.run();
            }
        };
    }
}
