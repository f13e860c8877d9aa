package dev.millrace.app.pipeline;

import dev.millrace.app.task.TaskResult;
import dev.millrace.consume.ConsumeStatus;
import dev.millrace.consume.Consumer;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.Run;

/**
 * What empties a pipeline's topic: in real time until it is stopped, or, on a schedule, what is there when it is called. What comes in between
 * waits in the topic. Thread-safe as its consumer is.
 *
 * @param scheduled whether a load is called for each time
 */
record LoadSide(Consumer consumer, Topic topic, boolean scheduled) {
    /** Loads; on the task's thread. */
    TaskResult run() throws InterruptedException {
        ConsumeStatus before = consumer.status();
        if (!scheduled) {
            consumer.run();
            return TaskResult.done(since(before));
        }
        long there = topic.durableIndex();
        if (consumer.cameUp() && consumer.appliedIndex() >= there) {
            return TaskResult.skipped("nothing new in the log");
        }
        consumer.runUpTo(there);
        Run.Counts moved = since(before);
        return moved.rowsRead() == 0 ? TaskResult.skipped("nothing new in the log") : TaskResult.done(moved);
    }

    private Run.Counts since(ConsumeStatus before) {
        ConsumeStatus now = consumer.status();
        return new Run.Counts(now.eventsApplied() - before.eventsApplied(), now.rowsLoaded() - before.rowsLoaded(), 0);
    }
}
