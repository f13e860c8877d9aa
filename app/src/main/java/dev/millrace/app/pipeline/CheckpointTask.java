package dev.millrace.app.pipeline;

import dev.millrace.app.task.Task;
import dev.millrace.app.task.TaskResult;
import dev.millrace.app.task.WorkerPool;
import dev.millrace.storage.state.StateCheckpoints;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the installation's daily checkpoint of its state, beside whatever else goes on. */
public final class CheckpointTask {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointTask.class);

    private CheckpointTask() {}

    public static Task of(StateCheckpoints checkpoints, WorkerPool pool) {
        PipelineTask.Listener listener = new PipelineTask.Listener(
                startedAt -> System.nanoTime(),
                () -> 0,
                failure -> LOG.error("state: no checkpoints are made any more", failure),
                (failure, delay) -> LOG.warn("state: a checkpoint is tried again in {}", delay));
        return new PipelineTask(
                "installation",
                PipelineTask.CHECKPOINT,
                pool,
                false,
                Duration.ofHours(1),
                () -> TaskResult.again(0, checkpoints.makeIfDue()),
                listener);
    }
}
