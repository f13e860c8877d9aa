package dev.millrace.consume;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableChangedException;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.destination.TablesApart;
import dev.millrace.consume.destination.UnknownOutcomeException;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.fault.FaultPoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads tables of a window side by side, each in a transaction of its own ({@code consistency: fast}). A table takes part when it has the
 * window's shape already: one that is new, that changes its shape, or whose historical load begins or ends is left to the transaction that
 * moves the pipeline's position, because that goes through what all tables share. Of a table one thread loads a window's rows, and windows follow
 * each other, so the order of each key is the log's.
 *
 * <p>Its threads, {@code <pipeline>-runner-n}, have a lane each, and end when they have had nothing to do for a while. All methods are for the
 * consumer's thread.
 */
final class Runners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Runners.class);
    private static final long CLOSE_SECONDS = 20;

    private final String pipeline;
    private final Optional<TablesApart> apart;
    private final Ahead ahead;
    private final AtomicInteger started = new AtomicInteger();
    private final ThreadLocal<TablesApart.Lane> lanes;
    private final ThreadPoolExecutor threads;
    private final boolean wanted;

    /** Loads tables' parts into a transaction and ends it. */
    @FunctionalInterface
    interface Work {
        void load(LoadTransaction transaction, Collection<Gathered.TableSteps> tables, Runnable commit);
    }

    /**
     * @param apart empty where the destination can't; then nothing is ever loaded apart
     * @param ahead is told which tables are further on than the pipeline
     */
    Runners(String pipeline, Optional<TablesApart> apart, Ahead ahead) {
        this.pipeline = pipeline;
        this.apart = apart;
        this.ahead = ahead;
        this.lanes = new ThreadLocal<>();
        int most = apart.map(TablesApart::runners).orElse(1);
        this.wanted = most > 1;
        this.threads = new ThreadPoolExecutor(
                most,
                most,
                most > 1 ? Math.max(1, apart.orElseThrow().runnerIdle().toMillis()) : 1,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(), // of one window's tables
                this::thread);
        threads.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable worker) {
        Runnable withLane = () -> {
            try (TablesApart.Lane lane = apart.orElseThrow().lane()) {
                lanes.set(lane);
                worker.run();
            } finally {
                lanes.remove();
            }
        };
        Thread thread = new Thread(withLane, pipeline + "-runner-" + started.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /** Whether tables may be committed by themselves. */
    boolean wanted() {
        return wanted;
    }

    /**
     * Loads and commits what may be loaded by itself, and returns what is left.
     *
     * @param index the window's last
     * @throws RuntimeException a failure, once all others have ended: what was refused only where nothing worse befell another; what was committed is known as being ahead
     */
    Collection<Gathered.TableSteps> load(Gathered window, Tables tables, long index, Work work)
            throws InterruptedException {
        if (!wanted) {
            return window.tables();
        }
        List<Gathered.TableSteps> left = new ArrayList<>();
        List<Gathered.TableSteps> parts = new ArrayList<>();
        Map<TableName, Integer> ofSource = new HashMap<>();
        window.tables().forEach(table -> ofSource.merge(window.sourceOf(table.table()), 1, Integer::sum));
        for (Gathered.TableSteps table : window.tables()) {
            // an event that became rows of several tables is held back from all of them or from none
            boolean alone = ofSource.get(window.sourceOf(table.table())) == 1;
            (alone && tables.isSettled(table) ? parts : left).add(table);
        }
        if (parts.size() < 2) {
            return window.tables();
        }
        Map<Gathered.TableSteps, Future<?>> running = new LinkedHashMap<>();
        for (Gathered.TableSteps part : parts) {
            running.put(part, threads.submit(() -> commit(part, index, work)));
        }
        Map<String, Long> done = new HashMap<>(ahead.indexes());
        Throwable failure = null;
        for (Map.Entry<Gathered.TableSteps, Future<?>> part : running.entrySet()) {
            String key = Ahead.key(part.getKey().table());
            Throwable failed = failureOf(part.getValue());
            if (failed == null || failed instanceof UnknownOutcomeException && isAt(key, index)) {
                done.put(key, index);
            } else if (failure == null || isRefusal(failure) && !isRefusal(failed)) {
                if (failure != null) {
                    failed.addSuppressed(failure);
                }
                failure = failed;
            } else {
                failure.addSuppressed(failed);
            }
        }
        ahead.now(done);
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (RuntimeException) failure;
        }
        return left;
    }

    private void commit(Gathered.TableSteps table, long index, Work work) {
        try (LoadTransaction transaction = lanes.get().begin(Ahead.key(table.table()))) {
            work.load(transaction, List.of(table), () -> {
                FaultPoint.BEFORE_DESTINATION_COMMIT.pass();
                transaction.commit(index);
            });
        }
        FaultPoint.AFTER_DESTINATION_COMMIT.pass();
    }

    /**
     * What was refused is surely not committed, and the window can be tried again without it. Whether a table is that failed in another way may
     * be unknown, until the destination is claimed again: were it loaded once more before that, its rows could be there twice.
     */
    private static boolean isRefusal(Throwable failure) {
        return failure instanceof DataException
                || failure instanceof TableRefusedException
                || failure instanceof TableChangedException;
    }

    private boolean isAt(String key, long index) {
        return apart.orElseThrow().tablePositions().getOrDefault(key, 0L) >= index;
    }

    /** Null when it went well. */
    private static Throwable failureOf(Future<?> part) throws InterruptedException {
        try {
            part.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** Waits for what is under way, bounded. What should go on behind that can't commit once the destination is claimed again. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn(
                        "{}: runners still load after {} s; they are left to end by themselves",
                        pipeline,
                        CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
