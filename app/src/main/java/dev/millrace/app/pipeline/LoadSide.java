package dev.millrace.app.pipeline;

import dev.millrace.app.task.TaskResult;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadingSchedule;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.ConsumeStatus;
import dev.millrace.consume.Consumer;
import dev.millrace.consume.Stores;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.mapping.MappingChoices;
import dev.millrace.storage.log.LogDamage;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.Run;
import dev.millrace.storage.state.StateStore;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What empties a pipeline's topic: in real time until it is stopped, or, on a schedule, what is there when it is called. What comes in between
 * waits in the topic. Failed events that are due are tried again with it. Thread-safe as its consumer is.
 *
 * @param owed for a schedule, where a load is called for each time; empty in real time
 * @param readingWhole whether tables are being read whole, which a load that is called for waits for, or half of them would wait for the next
 */
record LoadSide(
        Consumer consumer, FailedQueue failed, Topic topic, Optional<OwedLoad> owed, BooleanSupplier readingWhole) {
    private static final Logger LOG = LoggerFactory.getLogger(LoadSide.class);

    static LoadSide of(
            PipelineDefinition definition,
            Consumer consumer,
            FailedQueue failed,
            Topic topic,
            StateStore state,
            IngestSide ingest,
            Health health) {
        BooleanSupplier readingWhole = () -> !health.ended("ingest") && ingest.readsWhole();
        Optional<LoadingSchedule> schedule = definition.destination().loading().schedule();
        return new LoadSide(
                consumer, failed, topic, schedule.map(any -> new OwedLoad(state, definition.name())), readingWhole);
    }

    /** Whether a load is called for each time. */
    boolean scheduled() {
        return owed.isPresent();
    }

    /** Whether it runs from the start on: in real time, or to bring to its end what another process has begun. */
    boolean runsAtOnce() {
        return owed.map(OwedLoad::is).orElse(true);
    }

    /** A load is called for: that is noted, and it begins whatever becomes of the note. */
    void begin(Runnable load) {
        try {
            owed.ifPresent(OwedLoad::ask);
        } finally {
            load.run();
        }
    }

    /** Makes a pipeline's consumer. */
    static Consumer consumer(
            PipelineDefinition definition,
            Destination destination,
            Topic topic,
            FailedQueue failed,
            MappingChoices choices,
            Services services) {
        return new Consumer(
                definition,
                destination,
                new Stores(
                        topic,
                        services.state(),
                        Optional.of(failed),
                        choices,
                        services.neighbours().of(definition)),
                ConsumeOptions.defaults(),
                services.clock());
    }

    /** The log index behind which nothing is applied yet, wherever the log ends. */
    static long furthest(Topic topic, Destination destination) {
        long past = Math.max(topic.appendedIndex(), destination.committedIndex().orElse(0L));
        if (destination instanceof TablesApart apart) {
            past = Math.max(
                    past,
                    apart.tablePositions().values().stream()
                            .mapToLong(Long::longValue)
                            .max()
                            .orElse(0));
        }
        return past;
    }

    /** Says that a part of the log can't be read. */
    static void report(String pipeline, LogDamage damage) {
        LOG.error(
                "pipeline {}: batches {} to {} of the log can't be read: {}",
                pipeline,
                damage.lastGoodIndex() + 1,
                damage.lastKnownIndex(),
                damage.detail());
    }

    /** Reads the failed events once, so that their figures are right before anything has to do with them. */
    static void count(String pipeline, FailedQueue failed) {
        try {
            failed.counts();
        } catch (MillraceException e) {
            // loading will stop for it; what the source has is read nevertheless
            LOG.error("pipeline {}: its failed events can't be counted: {}", pipeline, e.getMessage(), e);
        }
    }

    /** Loads; on the task's thread. */
    TaskResult run() throws InterruptedException {
        ConsumeStatus before = consumer.status();
        if (owed.isEmpty()) {
            consumer.run();
            return TaskResult.done(since(before));
        }
        long asked = owed.get().asked();
        End end = new End();
        if (consumer.cameUp() && consumer.appliedIndex() >= end.getAsLong() && !failed.worthLooking()) {
            owed.get().done(asked);
            return TaskResult.skipped("nothing new in the log");
        }
        consumer.runUpTo(end);
        if (consumer.appliedIndex() >= end.getAsLong()) { // else it was stopped on its way
            owed.get().done(asked);
        }
        Run.Counts moved = since(before);
        return moved.rowsRead() == 0 ? TaskResult.skipped("nothing new in the log") : TaskResult.done(moved);
    }

    /** The log's end when the load began, or, where tables were being read whole then, when they had been. */
    private final class End implements LongSupplier {
        private long index = readingWhole.getAsBoolean() ? Long.MAX_VALUE : topic.durableIndex();

        @Override
        public long getAsLong() {
            if (index == Long.MAX_VALUE && !readingWhole.getAsBoolean()) {
                index = topic.appendedIndex(); // the last of them may be about to become durable
            }
            return index;
        }
    }

    private Run.Counts since(ConsumeStatus before) {
        ConsumeStatus now = consumer.status();
        return new Run.Counts(now.eventsApplied() - before.eventsApplied(), now.rowsLoaded() - before.rowsLoaded(), 0);
    }
}
