package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.StepBench;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Who waits until nothing is to be replayed any more, and then asks for the figures, finds what was replayed among them. */
final class ReplayedFiguresTest {
    @TempDir
    Path folder;

    @Test
    void whatIsSaidToBeReplayedIsCounted() throws Exception {
        Pipe pipe = new Pipe(folder);
        ParkingPipe parking =
                new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults());
        new TableFeed(pipe, "t")
                .schema(1, StepBench.key("id", Type.INTEGER), StepBench.column("note", Type.STRING))
                .row(Operation.READ, 1, "x")
                .row(Operation.READ, 2, "good");
        FailedQueue queue = parking.queue();
        try (Destination refusing =
                new Refusing(pipe.destination(), cells -> cells.stringAt(1).equals("x"), false, table -> false)) {
            parking.run(refusing, queue, () -> true);
        }
        AtomicReference<Consumer> consumer = new AtomicReference<>();
        List<Long> counted = new CopyOnWriteArrayList<>();
        AppenderBase<ILoggingEvent> listener = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().contains("1 failed events were replayed")) {
                    counted.add(consumer.get().status().rowsLoaded());
                }
            }
        };
        Logger logger = (Logger) LoggerFactory.getLogger(FailedQueue.class);
        listener.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(listener);
        try (Destination mended = pipe.destination()) {
            queue.replay(FailedFilter.ALL);
            consumer.set(parking.consumer(mended, queue));
            parking.run(consumer.get(), queue, () -> !queue.isBusy(Long.MAX_VALUE));
        } finally {
            logger.detachAppender(listener);
            logger.setLevel(null);
            logger.setAdditive(true);
        }
        assertEquals(List.of(1L), counted);
    }
}
