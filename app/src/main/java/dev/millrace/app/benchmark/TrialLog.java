package dev.millrace.app.benchmark;

import dev.millrace.app.Millrace;
import dev.millrace.app.pipeline.PipelineRuntime;
import dev.millrace.config.installation.MillraceConfig;
import dev.millrace.storage.log.ChronicleEventLog;
import dev.millrace.storage.log.EventLog;
import dev.millrace.storage.log.Topic;
import dev.millrace.storage.state.RocksStateStore;
import dev.millrace.storage.state.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** A log and a state as the installation's, empty, for one measurement; removed when closed. The topic is thread-safe. */
final class TrialLog implements AutoCloseable {
    private final Path folder;
    private final StateStore state;
    private final EventLog log;
    private final Topic topic;

    private TrialLog(Path folder, StateStore state, EventLog log, Topic topic) {
        this.folder = folder;
        this.state = state;
        this.log = log;
        this.topic = topic;
    }

    static TrialLog open(Path folder, MillraceConfig config, String pipeline) {
        try {
            Files.createDirectories(folder.resolve("state"));
        } catch (IOException e) {
            throw TrialFolder.failed(folder, e);
        }
        StateStore state = RocksStateStore.open(folder.resolve("state"));
        EventLog log = null;
        try {
            log = new ChronicleEventLog(
                    Millrace.logOptions(config.log(), folder.resolve("log"), Clock.systemUTC()), state);
            return new TrialLog(folder, state, log, log.open(PipelineRuntime.topicName(config.team(), pipeline)));
        } catch (RuntimeException | Error e) {
            if (log != null) {
                log.close();
            }
            state.close();
            throw e;
        }
    }

    StateStore state() {
        return state;
    }

    Topic topic() {
        return topic;
    }

    @Override
    public void close() {
        try (state;
                log) {
            topic.close();
        }
        TrialFolder.delete(folder);
    }
}
