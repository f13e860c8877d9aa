package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DelegatedDestination;
import dev.millrace.consume.destination.DelegatedTransaction;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.log.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes on between replays that have to be many. */
final class ReplayPaceTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final int PARKED = 60;
    /** So that a replay takes one event. */
    private static final ConsumeOptions ONE_EACH = new ConsumeOptions(1, 1 << 20, 1_000, 4);

    @TempDir
    Path folder;

    private final AtomicInteger lookedAtLog = new AtomicInteger();
    private final List<String> commits = new ArrayList<>();
    private Pipe pipe;
    private ParkingPipe parking;
    private TableFeed table;

    @BeforeEach
    void begin() {
        pipe = new Pipe(folder);
        parking = new ParkingPipe(counting(pipe.topic), pipe.state, OnDelete.HARD, Optional.empty(), ONE_EACH);
        table = new TableFeed(pipe, "t").schema(1, ID);
    }

    /** Counts how often somebody begins to read the log. */
    private Topic counting(Topic real) {
        return (Topic) Proxy.newProxyInstance(
                Topic.class.getClassLoader(), new Class<?>[] {Topic.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("reader")) {
                        lookedAtLog.incrementAndGet();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void park() throws Exception {
        for (int id = 0; id < PARKED; id++) {
            table.row(Operation.INSERT, id);
        }
        try (Destination destination = new Refusing(pipe.destination(), cells -> true, true, name -> false)) {
            parking.run(destination, parking.queue(), () -> true);
        }
        assertEquals(PARKED, parking.queue().counts().events());
        lookedAtLog.set(0);
    }

    /** @param told what is committed, as it is */
    private void replayAll(Consumer<String> told) throws Exception {
        FailedQueue queue = parking.queue();
        queue.replay(FailedFilter.ALL);
        try (Destination destination = new Telling(pipe.destination(), told)) {
            parking.run(destination, queue, () -> queue.counts().events() == 0);
        }
    }

    @Test
    void replaysFollowEachOtherWithoutWaitingForTheLog() throws Exception {
        park();
        replayAll(commits::add);
        assertEquals(PARKED, commits.size(), commits::toString);
        assertTrue(lookedAtLog.get() <= 2, () -> "looked at the log " + lookedAtLog + " times");
        assertEquals(List.of("" + PARKED), pipe.query("SELECT count(*) FROM public.t"));
    }

    @Test
    void whatComesIntoTheLogMeanwhileGoesFirst() throws Exception {
        park();
        replayAll(what -> {
            commits.add(what);
            if (commits.size() == 3) {
                table.row(Operation.INSERT, PARKED);
            }
        });
        int window = commits.indexOf("window");
        assertTrue(window >= 3 && window < PARKED, commits::toString);
        assertEquals(List.of("" + (PARKED + 1)), pipe.query("SELECT count(*) FROM public.t"));
    }

    /** A destination that tells whether what it has committed was a window or a replay. */
    private record Telling(Destination destination, Consumer<String> told) implements DelegatedDestination {
        @Override
        public LoadTransaction begin() {
            LoadTransaction transaction = destination.begin();
            return new DelegatedTransaction() {
                private String what = "window";

                @Override
                public LoadTransaction transaction() {
                    return transaction;
                }

                @Override
                public void did(String did) {
                    what = did.equals("replayed") ? "replay" : what;
                }

                @Override
                public void commit(long logIndex) {
                    transaction.commit(logIndex);
                    told.accept(what);
                }
            };
        }
    }
}
