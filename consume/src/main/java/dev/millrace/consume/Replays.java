package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.ExhaustedException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableChangedException;
import dev.millrace.consume.destination.UnknownOutcomeException;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.Replayable;
import dev.millrace.consume.failed.Suspects;
import dev.millrace.consume.transform.Transformation;
import dev.millrace.storage.fault.FaultPoint;
import java.util.List;
import java.util.Optional;

/**
 * Tries failed events again, between windows, on the consumer's thread: through all phases, as many at once as a window may have, in one
 * transaction that is committed with the replay's number.
 */
final class Replays {
    private static final int MAX_ROUNDS = 50;
    private static final int LOOSE_ROUNDS = 3;

    private final FailedQueue queue;
    private final Destination destination;
    private final Transformation transformation;
    private final LoadRules rules;
    private final ConsumeOptions options;
    private final Attempts attempts;
    private final Progress progress;
    private int maxEvents;

    Replays(
            FailedQueue queue,
            Destination destination,
            Transformation transformation,
            LoadRules rules,
            ConsumeOptions options,
            Attempts attempts,
            Progress progress) {
        this.queue = queue;
        this.destination = destination;
        this.transformation = transformation;
        this.rules = rules;
        this.options = options;
        this.attempts = attempts;
        this.progress = progress;
        this.maxEvents = options.windowRows();
    }

    /** What is to be tried now; empty as a rule. */
    List<Replayable> due(long appliedIndex) {
        return queue.take(appliedIndex, maxEvents, options.windowBytes());
    }

    /**
     * @param taken what {@link #due} gave
     * @return the tables as they are known now
     */
    Tables run(List<Replayable> taken, long appliedIndex, Tables known) throws InterruptedException {
        try {
            Tables tables = replay(taken, appliedIndex, known);
            maxEvents = Math.min(options.windowRows(), maxEvents * 2);
            return tables;
        } catch (ExhaustedException | OutOfMemoryError e) {
            boolean granted = e instanceof ExhaustedException exhausted && exhausted.moreGranted();
            if (taken.size() == 1 && !granted) {
                throw e;
            }
            maxEvents = granted ? maxEvents : Math.max(1, taken.size() / 2);
            queue.replayBroken();
            return known;
        } finally {
            queue.replayEnded();
        }
    }

    private Tables replay(List<Replayable> taken, long appliedIndex, Tables tablesBefore) throws InterruptedException {
        Tables known = tablesBefore;
        boolean looked = false;
        Suspects suspects = new Suspects();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            if (round == LOOSE_ROUNDS) {
                suspects.strict();
            }
            Gathered gathered = gather(taken, appliedIndex, suspects);
            if (!gathered.suspects().isEmpty()) {
                suspects.addAll(gathered.suspects());
                continue;
            }
            if (gathered.held().places().size() == taken.size()) {
                queue.replayed(taken, gathered.held());
                return known;
            }
            transformation.committing();
            try {
                Tables loadedTables = attempts.apply(
                        gathered,
                        known,
                        (tables, work) -> gathered.tables(),
                        (transaction, loaded) -> commit(taken, gathered, transaction, loaded, appliedIndex));
                FaultPoint.AFTER_REPLAY_COMMIT.pass();
                loadedTables.committed();
                progress.replayed(loadedTables); // before nothing is left to be waited for
                queue.replayed(taken, gathered.held());
                return loadedTables;
            } catch (TableChangedException e) {
                if (looked) {
                    throw e;
                }
                looked = true;
                known = known.unknown();
            } catch (Attempts.RefusedException e) {
                suspects.addAll(e.suspects());
            }
        }
        throw new IllegalStateException("a replay of " + taken.size() + " events has no end");
    }

    private Gathered gather(List<Replayable> taken, long appliedIndex, Suspects suspects) {
        Gatherer gatherer = new Gatherer(transformation, Optional.of(queue.replaySieve(rules, suspects, taken)), true);
        Gathered gathered = new Gathered(appliedIndex, rules, new Ahead());
        for (Replayable one : taken) {
            gathered.add(one.batch(), one.event().place().row(), gatherer);
        }
        return gathered;
    }

    private void commit(
            List<Replayable> taken, Gathered gathered, LoadTransaction transaction, Tables loaded, long appliedIndex) {
        loaded.committing();
        long number = destination.replayed() + 1;
        queue.replaying(number, taken, gathered.held());
        transaction.replayed(number);
        FaultPoint.BEFORE_REPLAY_COMMIT.pass();
        try {
            transaction.commit(appliedIndex);
        } catch (UnknownOutcomeException e) {
            if (destination.replayed() < number) {
                throw e;
            }
        }
    }
}
