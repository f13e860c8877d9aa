package dev.millrace.consume;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.Guarantee;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExhaustedException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableChangedException;
import dev.millrace.consume.destination.UnknownOutcomeException;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Sieve;
import dev.millrace.consume.failed.Suspects;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.fault.FaultPoint;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.Positions;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies windows: in smaller pieces where the destination can't take one at once, and without the events that it refuses, which are parked
 * before the rest is committed. Confined to the consumer's thread, {@link #gatherer} included.
 */
final class Loading {
    private static final Logger LOG = LoggerFactory.getLogger(Loading.class);
    private static final long AGAIN_MILLIS = 60_000;
    /** After so many refusals of one piece, all events of a refused row's key are held back at once, and after the second number it is too much. */
    private static final int LOOSE_ROUNDS = 3;

    private static final int MAX_ROUNDS = 100;

    /** What a window goes through. */
    record Ends(
            PipelineDefinition definition,
            Destination destination,
            Topic topic,
            Transformation transformation,
            Optional<FailedQueue> failed,
            Positions positions) {}

    private final Ends ends;
    private final Attempts attempts;
    private final WindowLimit limit;
    private final Ahead ahead;
    private final Progress progress;
    private final Clock clock;
    private final Guarantee guarantee;
    private boolean outdated;

    Loading(Ends ends, Attempts attempts, WindowLimit limit, Ahead ahead, Progress progress, Clock clock) {
        this.ends = ends;
        this.attempts = attempts;
        this.limit = limit;
        this.ahead = ahead;
        this.progress = progress;
        this.clock = clock;
        this.guarantee = ends.definition().guarantee().orElse(Guarantee.EXACTLY_ONCE);
    }

    private String pipeline() {
        return ends.definition().name();
    }

    /** Makes windows of what follows {@code index}, for one thread. What was gathered before is the current state of things again. */
    Gatherer gatherer(Suspects suspects, long index) {
        outdated = false;
        return gathererFor(suspects, index);
    }

    private Gatherer gathererFor(Suspects suspects, long index) {
        Optional<Sieve> sieve = ends.failed()
                .map(queue ->
                        queue.sieve(ends.definition().load(), suspects, index).passing(ahead::has));
        boolean holds = ends.failed().map(FailedQueue::holdsFailures).orElse(false);
        return new Gatherer(ends.transformation(), sieve, holds);
    }

    /** An empty window behind {@code after}. */
    Gathered gathered(long after) {
        return new Gathered(after, ends.definition().load(), ahead);
    }

    /** Whether windows gathered before may hold events that have to wait now. */
    boolean outdated() {
        return outdated;
    }

    /**
     * Applies the window.
     *
     * @return the tables as they are known now
     */
    Tables load(Gathered whole, Tables tables, Runners runners) throws InterruptedException {
        Tables known = tables;
        Deque<Window> pieces = new ArrayDeque<>(ahead.cut(whole.window()));
        Suspects suspects = new Suspects();
        Gathered gathered = pieces.size() > 1 ? null : whole;
        if (!whole.suspects().isEmpty()) {
            suspects.addAll(whole.suspects());
            gathered = null;
        }
        int rounds = 0;
        boolean looked = false;
        while (!pieces.isEmpty()) {
            Window piece = pieces.pop();
            Gathered content = gathered == null ? gatherAgain(piece, suspects) : gathered;
            gathered = null;
            try {
                known = apply(piece, content, known, runners);
                limit.applied(content.events(), content.bytes());
                rounds = 0;
                looked = false;
            } catch (TableChangedException e) {
                if (looked) {
                    throw e;
                }
                LOG.info("{}: looks at its tables again: {}", pipeline(), e.getMessage());
                looked = true;
                known = known.unknown();
                pieces.push(piece);
            } catch (Attempts.RefusedException e) {
                if (e.notTheRows().isPresent()) {
                    throw e.notTheRows().get();
                }
                if (!e.reordered()) {
                    rounds++;
                    suspect(suspects, e, rounds);
                }
                pieces.push(piece);
            } catch (ExhaustedException e) {
                // it may be too large to be in memory twice; and what is parked already is found so when it is gathered
                // again
                gathered = e.moreGranted() && content.held().isEmpty() ? content : null;
                smaller(pieces, piece, content, e);
            } catch (OutOfMemoryError e) {
                smaller(pieces, piece, content, e);
            }
            progress.alive();
        }
        outdated |= !suspects.isEmpty();
        return known;
    }

    private static void suspect(Suspects suspects, Attempts.RefusedException refused, int rounds) {
        int before = suspects.size();
        suspects.addAll(refused.suspects());
        boolean nothingNew = suspects.size() == before;
        if ((nothingNew && rounds > LOOSE_ROUNDS || rounds > MAX_ROUNDS)
                && refused.getCause() instanceof RuntimeException cause) {
            throw cause;
        }
        if (nothingNew || rounds >= LOOSE_ROUNDS) {
            suspects.strict();
        }
    }

    private <T extends Throwable> void smaller(Deque<Window> pieces, Window piece, Gathered content, T e) throws T {
        if (e instanceof ExhaustedException exhausted && exhausted.moreGranted()) {
            pieces.push(piece);
            return;
        }
        limit.tooMuch(content.events(), content.bytes());
        if (!piece.divisible()) {
            throw e;
        }
        List<Window> halves = piece.halves();
        LOG.warn(
                "{}: the destination can't take {} batches with {} events at once, so they are loaded in two windows: {}",
                pipeline(),
                piece.batches().size(),
                piece.events(),
                e instanceof ExhaustedException told ? told.why() : "Java's heap is too small for them");
        pieces.push(halves.get(1));
        pieces.push(halves.get(0));
    }

    /** Gathers a part of a window once more, in which nothing is suspected yet. */
    Gathered gatherAgain(Window part) throws InterruptedException {
        Suspects suspects = new Suspects();
        Gathered gathered = gatherAgain(part, suspects);
        outdated |= !suspects.isEmpty();
        return gathered;
    }

    /** @param suspects get what is found wrong on the way */
    private Gathered gatherAgain(Window piece, Suspects suspects) throws InterruptedException {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Gathered gathered = gathered(piece.after());
            Gatherer gatherer = gathererFor(suspects, piece.after());
            try (LogReader log = ends.topic().reader(piece.after())) {
                while (gathered.lastIndex() < piece.lastIndex()) {
                    gathered.add(again(log, AGAIN_MILLIS), gatherer);
                }
            }
            if (gathered.suspects().isEmpty()) {
                return gathered;
            }
            suspects.addAll(gathered.suspects());
        }
        throw new IllegalStateException("failed events up to log index " + piece.lastIndex() + " can't be held back");
    }

    /** The next batch of what was read before: it is there, and where it isn't any more, waiting for it brings nothing. */
    static StoredBatch again(LogReader log, long patienceMillis) throws InterruptedException {
        StoredBatch batch = log.next(patienceMillis);
        if (batch == null) {
            throw MillraceException.external(
                    "LOG_NOT_READ",
                    "The log could not be read once more behind index " + log.index(),
                    "the next batch, which was read before, did not come within " + patienceMillis + " ms",
                    "It is tried again, from what the destination has. If it lasts, check the disk of the data folder.",
                    null);
        }
        return batch;
    }

    private Tables apply(Window window, Gathered gathered, Tables tables, Runners runners)
            throws Attempts.RefusedException, InterruptedException {
        long index = window.lastIndex();
        ends.transformation().committing();
        if (guarantee == Guarantee.AT_MOST_ONCE) {
            ends.positions().put(pipeline(), index);
        }
        if (runners.wanted()) {
            park(gathered, index); // before any table is committed without what is held back of it
        }
        Tables loaded = attempts.apply(
                gathered,
                tables,
                (changed, work) -> runners.load(gathered, changed, index, work),
                (transaction, changed) -> {
                    changed.committing();
                    if (!runners.wanted()) {
                        park(gathered, index);
                    }
                    FaultPoint.BEFORE_DESTINATION_COMMIT.pass();
                    commit(transaction, index);
                });
        FaultPoint.AFTER_DESTINATION_COMMIT.pass();
        loaded.committed();
        ahead.passed(index);
        if (guarantee == Guarantee.AT_LEAST_ONCE) {
            ends.positions().put(pipeline(), index);
        }
        progress.loaded(window, loaded, clock.millis(), gathered.modifiedAtMicros());
        // too many that fail stop the pipeline: nobody who waits for the window may take it for one that has gone well
        ends.failed().ifPresent(queue -> queue.applied(window.events(), gathered.held()));
        progress.applied(index);
        return loaded;
    }

    private void park(Gathered gathered, long index) {
        if (!gathered.held().isEmpty()) {
            ends.failed().orElseThrow().park(gathered.held(), index);
            FaultPoint.AFTER_PARKING.pass();
        }
    }

    private void commit(LoadTransaction transaction, long index) {
        try {
            transaction.commit(index);
        } catch (UnknownOutcomeException e) {
            long committed = ends.destination().committedIndex().orElse(0L);
            if (committed < index) {
                throw e;
            }
        }
    }
}
