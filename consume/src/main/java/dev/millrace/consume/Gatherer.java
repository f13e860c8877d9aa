package dev.millrace.consume;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.failed.Sieve;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.EventView;
import dev.millrace.consume.transform.FailedEvents;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.consume.transform.Transformer;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.TableName;
import java.util.Optional;
import java.util.Set;

/**
 * What a batch goes through on its way into a window: events that wait or have failed are held back, the others transformed. Confined to one
 * thread at a time.
 */
final class Gatherer {
    private final Optional<Sieve> sieve;
    private final boolean holdsFailures;
    private final Transformer transformer;
    /** Where what is found wrong with the batch that is walked over belongs; null outside of that, as windows are large. */
    private Gathered into;

    /**
     * @param sieve empty where nothing is ever held back
     * @param holdsFailures whether an event that fails is to be held back; else it ends the run
     */
    Gatherer(Transformation transformation, Optional<Sieve> sieve, boolean holdsFailures) {
        this.sieve = sieve;
        this.holdsFailures = holdsFailures;
        this.transformer = transformation.open(holdsFailures ? new HoldingBack() : FailedEvents.STOP);
    }

    /** Whether what fails is found and held back, rather than thrown. */
    boolean holdsFailures() {
        return holdsFailures;
    }

    /** The source's table that {@code table} comes from. Any thread. */
    TableName sourceOf(TableName table) {
        return transformer.sourceOf(table);
    }

    /** The source's tables that rows of {@code table} may come from, by one version of the transformation or another. Any thread. */
    Set<TableName> sourcesOf(TableName table) {
        return transformer.sourcesOf(table);
    }

    /** The batch as it is to be applied, for one walk, which {@link #walked} ends. */
    BatchReader open(StoredBatch batch, int firstRow, Gathered window) {
        into = window;
        StoredBatch rest = sieve.isEmpty()
                ? batch
                : sieve.get().filter(batch, firstRow, window.held(), schema -> transformer.outputs(batch, schema));
        return transformer.open(rest);
    }

    void walked() {
        into = null;
    }

    /** What can't pass a phase is found wrong with the window. */
    private final class HoldingBack implements FailedEvents {
        @Override
        public void refused(TableName source, EventView event, String phase, EventFailure failure) {
            String why = phase + ": " + failure.whyWithoutValues(); // it is shown where values are not
            into.suspects()
                    .add(
                            source,
                            event.eventId(),
                            new Failure(
                                    Failure.Phase.TRANSFORM, failure.code(), why, failure.column(), failure.remedy()));
        }

        @Override
        public void unfit(TableName source, EventView event, String phase, MillraceException refused) {
            Failure failure = new Failure(
                    Failure.Phase.TRANSFORM, refused.code(), phase + ": " + refused.why(), "", refused.remedy());
            if (event.operation().hasCells()) {
                into.suspects().add(source, event.eventId(), failure);
            } else {
                into.suspects().add(source, failure, true); // nobody can say which tables it is about
            }
        }
    }
}
