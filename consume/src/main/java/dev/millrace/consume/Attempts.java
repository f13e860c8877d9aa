package dev.millrace.consume;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.effect.TableEffect;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.failed.Suspects;
import java.time.Clock;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Applies what was gathered in one transaction of the destination, and finds out what of it the destination refuses. The consumer's thread. */
final class Attempts {
    private static final long SEARCH_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** Ends a transaction in which everything is loaded. */
    interface Commit {
        void commit(LoadTransaction transaction, Tables loaded);
    }

    /** Nothing was applied; {@code suspects} are at fault. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Suspects suspects;

        private RefusedException(Suspects suspects, MillraceException cause) {
            super(cause.getMessage(), cause, false, false);
            this.suspects = suspects;
        }

        Suspects suspects() {
            return suspects;
        }
    }

    private final Destination destination;
    private final Clock clock;
    private final boolean search;

    /** @param search whether what is refused is looked for; else it is thrown as it comes */
    Attempts(Destination destination, Clock clock, boolean search) {
        this.destination = destination;
        this.clock = clock;
        this.search = search;
    }

    /** Loads and commits tables by themselves where that is wanted, and gives those that are left. */
    interface Apart {
        Collection<Gathered.TableSteps> load(Tables tables, Runners.Work work) throws InterruptedException;
    }

    /** What the destination has refused, and where. */
    private record Refusal(WindowLoad.Place place, MillraceException why) {}

    /**
     * @param known not changed
     * @return the tables as they are known once it is applied
     * @throws RefusedException with at least one suspect
     */
    Tables apply(Gathered gathered, Tables known, Apart apart, Commit commit)
            throws RefusedException, InterruptedException {
        Tables tables = known.copy();
        AtomicReference<Refusal> refusal = new AtomicReference<>();
        Runners.Work work = (transaction, steps) -> {
            WindowLoad load = new WindowLoad(tables, transaction, nowMicros());
            try {
                load.apply(steps);
            } catch (DataException | TableRefusedException e) {
                refusal.compareAndSet(null, new Refusal(load.place(), e));
                throw e;
            }
        };
        try {
            Collection<Gathered.TableSteps> left = apart.load(tables, work);
            try (LoadTransaction transaction = destination.begin()) {
                work.load(transaction, left);
                commit.commit(transaction, tables);
                return tables;
            }
        } catch (DataException | TableRefusedException e) {
            Refusal first = refusal.get();
            if (!search || first == null) {
                throw e;
            }
            Suspects suspects = find(gathered, first.place(), known, first.why());
            if (suspects.isEmpty()) {
                throw e;
            }
            throw new RefusedException(suspects, e);
        }
    }

    private Suspects find(Gathered gathered, WindowLoad.Place place, Tables known, MillraceException refused) {
        Suspects suspects = new Suspects();
        if (!place.rows() || !(refused instanceof DataException first)) {
            suspects.add(gathered.sourceOf(place.table().table()), Failure.of(Failure.Phase.MAP, refused));
            return suspects;
        }
        Optional<TableLoad> load = load(place, known);
        if (load.isEmpty()) {
            return suspects;
        }
        int rows = load.get().rowCount();
        BadRows search = new BadRows(
                rows, (from, to, without) -> trial(place, known, from, to, without), System.nanoTime() + SEARCH_NANOS);
        Map<Integer, DataException> bad = search.find(load.get(), first);
        RowCursor cursor = load.get().rows();
        for (int row = 0; cursor.next(); row++) {
            DataException failure = bad.get(row);
            if (failure != null) {
                suspects.add(cursor.eventId(), Failure.of(Failure.Phase.LOAD, failure));
            }
        }
        return suspects;
    }

    /** The load at which it failed, for its rows only. */
    private static Optional<TableLoad> load(WindowLoad.Place place, Tables known) {
        if (place.table().steps().get(place.step()) instanceof Gathered.Rows rows) {
            return Optional.of(rows.effect()
                    .load(new TableEffect.Run(
                            known.state(place.table().table()).target, OnDelete.HARD, false, false, 0)));
        }
        return Optional.empty();
    }

    private DataException trial(WindowLoad.Place place, Tables known, int from, int to, BitSet without) {
        try (LoadTransaction transaction = destination.begin()) {
            new WindowLoad(known.copy(), transaction, nowMicros())
                    .applyPart(place, whole -> new PartOfLoad(whole, from, to, without));
            return null;
        } catch (DataException e) {
            return e;
        }
    }

    private long nowMicros() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
    }
}
