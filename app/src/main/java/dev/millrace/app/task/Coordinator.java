package dev.millrace.app.task;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sizes the pools: grows one whose work waits, by half of what is queued; shrinks one that has had idle workers and an empty queue for
 * {@value #IDLE_TURNS} turns, by one. Confined to the overseer's thread.
 */
final class Coordinator {
    private static final long WAIT_MILLIS = 100;
    private static final int IDLE_TURNS = 30;

    private final List<WorkerPool> pools;
    private final Map<WorkerPool, Integer> idleTurns = new HashMap<>();

    Coordinator(List<WorkerPool> pools) {
        this.pools = List.copyOf(pools);
    }

    void turn() {
        for (WorkerPool pool : pools) {
            int queued = pool.queued();
            boolean waits = queued > 0 && pool.active() >= pool.size();
            if (waits || pool.takeLongestWaitMillis() > WAIT_MILLIS && queued > 0) {
                pool.resize(pool.size() + Math.max(1, queued / 2));
                idleTurns.put(pool, 0);
            } else if (queued == 0 && pool.active() < pool.size()) {
                if (idleTurns.merge(pool, 1, Integer::sum) >= IDLE_TURNS) {
                    pool.resize(pool.size() - 1);
                    idleTurns.put(pool, 0);
                }
            } else {
                idleTurns.put(pool, 0);
            }
        }
    }
}
