package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.failed.FailedCounts;
import dev.millrace.consume.failed.FailedFilter;
import dev.millrace.consume.failed.FailedQueue;
import dev.millrace.consume.failed.FailedTotals;
import dev.millrace.consume.testing.AtCommit;
import dev.millrace.consume.testing.ParkingPipe;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.Refusing;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of failed events, where the process ends at any write or commit around their replay. */
final class ReplayFiguresTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "int4", 1);
    private static final Column NOTE = new Column("note", DataType.of(Type.STRING), true, 0, "text", 2);

    @TempDir
    Path folder;

    /** The steps of a process, one of which is its last. */
    private static final class Steps {
        private int left;

        Steps(int left) {
            this.left = left;
        }

        synchronized void step(String what) {
            if (--left == 0) {
                throw MillraceException.external("ENDED", "the process ended", what, "", null);
            }
        }
    }

    /** A pipeline with an event that stays refused, one that waits behind it, and two that would be loaded by now. */
    private final class Scene {
        private final Pipe pipe;

        Scene(int number) throws Exception {
            pipe = new Pipe(Files.createDirectory(folder.resolve("scene" + number)));
            TableFeed table = new TableFeed(pipe, "t").schema(1, ID, NOTE);
            table.row(Operation.INSERT, 1, "x").row(Operation.INSERT, 2, "x").row(Operation.INSERT, 3, "z");
            run(pipe.state, "xz", pipe.destination(), 3);
            table.row(Operation.UPDATE, 3, "z again");
            run(pipe.state, "xz", pipe.destination(), 4);
            assertEquals(new FailedTotals(4, 0, 0, 0, 0), figures().totals());
        }

        private void run(StateStore state, String refused, Destination real, int left) throws Exception {
            ParkingPipe parking =
                    new ParkingPipe(pipe.topic, state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults());
            try (Destination destination = new Refusing(
                    real,
                    cells -> !cells.isNull(1)
                            && refused.indexOf(cells.stringAt(1).charAt(0)) >= 0,
                    true,
                    name -> false)) {
                FailedQueue queue = parking.queue();
                if (left < 3) {
                    queue.replay(FailedFilter.ALL);
                }
                parking.run(destination, queue, () -> queue.counts().events() <= left);
            }
        }

        /** As the next process finds them. */
        FailedCounts figures() {
            return new ParkingPipe(pipe.topic, pipe.state, OnDelete.HARD, Optional.empty(), ConsumeOptions.defaults())
                    .queue()
                    .counts();
        }

        /** Replays all but what goes on failing; false when the process ended before it was done. */
        boolean replay(Steps steps) throws Exception {
            try {
                run(
                        ending(pipe.state, steps),
                        "z",
                        new AtCommit(
                                pipe.destination(),
                                () -> steps.step("before a commit"),
                                () -> steps.step("after a commit")),
                        2);
                return true;
            } catch (MillraceException e) {
                assertEquals("ENDED", e.code());
                return false;
            }
        }
    }

    private static StateStore ending(StateStore real, Steps steps) {
        return (StateStore) Proxy.newProxyInstance(
                StateStore.class.getClassLoader(), new Class<?>[] {StateStore.class}, (proxy, method, arguments) -> {
                    boolean writes = method.getName().equals("write");
                    if (writes) {
                        steps.step("before a write");
                    }
                    Object result;
                    try {
                        result = method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (writes) {
                        steps.step("after a write");
                    }
                    return result;
                });
    }

    @Test
    void whatWasParkedIsParkedOrReplayedWhereverTheProcessEnds() throws Exception {
        int ends = 0;
        for (boolean done = false; !done; ) {
            ends++;
            Scene scene = new Scene(ends);
            done = scene.replay(new Steps(ends));
            FailedCounts before = scene.figures();
            assertEquals(4, before.totals().parked());
            assertEquals(4, before.events() + before.totals().replayed(), before + ", ended at step " + ends);
            scene.replay(new Steps(Integer.MAX_VALUE));
            assertEquals(new FailedTotals(4, 2, 0, 0, 0), scene.figures().totals(), "ended at step " + ends);
            assertEquals(2, scene.figures().events());
            assertEquals(List.of("1|x", "2|x"), scene.pipe.query("SELECT id, note FROM public.t ORDER BY id"));
        }
        assertTrue(ends > 8, "it ended at " + ends + " points");
    }
}
