package dev.millrace.ingest.engine;

import dev.millrace.ingest.source.StreamingSource;
import java.util.List;

/**
 * Lets a load begin only once the stream has passed all that had happened at the source when the load was sent to its beginning.
 *
 * <p>A chunk may be appended before changes that its snapshot has seen already, because the stream then carries each of its rows on to their
 * newest state. That is so only where the stream has every change of the table from there on. Where the table was out of the publication for a
 * while, was dropped and made anew, or lost a partition, changes from before that moment would be repeated on top of the chunk, and what
 * undid them never comes. So what the stream still has from before is let past first; readers of the destination see the old content meanwhile.
 *
 * <p>The positions are not stored: a load that has not begun when a run ends is given one of the next run, which is a later one.
 *
 * <p>Confined to the stream's thread, which is also the only one that sends loads to their beginning.
 */
final class LoadStarts {
    private final LoadLock lock;
    private final List<TableLoad> loads;
    private final boolean kept;

    /** @param kept false: loads begin at once, which only the rules' test asks for */
    LoadStarts(LoadLock lock, List<TableLoad> loads, boolean kept) {
        this.lock = lock;
        this.loads = List.copyOf(loads);
        this.kept = kept;
    }

    /** Asks the source where it stands when there are loads to begin, and lets those begin that may by now. */
    void look(StreamingSource source, byte[] streamOffset) {
        List<TableLoad> waiting =
                lock.read(() -> loads.stream().filter(TableLoad::awaitsStart).toList());
        if (waiting.isEmpty()) {
            return;
        }
        // Asked for behind what sent the loads to their beginning, so that it lies behind that.
        byte[] now = waiting.stream().anyMatch(load -> load.startBehind == null) ? source.currentPosition() : null;
        lock.change(() -> waiting.forEach(load -> {
            if (load.startBehind == null) {
                load.startBehind = now;
            }
            load.mayStart |= !kept || source.reached(streamOffset, load.startBehind);
        }));
    }
}
