package dev.millrace.consume;

import dev.millrace.storage.batch.StoredBatch;
import java.util.List;

/**
 * The batches one load applies, in log order; never empty.
 *
 * @param wholeAt where it may be cut without cutting a source transaction: how many of its first batches end where none is open
 */
record Window(List<StoredBatch> batches, long events, List<Integer> wholeAt) {
    long lastIndex() {
        return batches.get(batches.size() - 1).logIndex();
    }

    boolean divisible() {
        return batches.size() > 1;
    }

    /**
     * Two windows that are this one: cut where no source transaction is open, as near the middle as there is such a place; inside a
     * transaction only where the window is one.
     */
    List<Window> halves() {
        int middle = batches.size() / 2;
        int cut = -1;
        for (int place : wholeAt) {
            if (place < batches.size() && (cut < 0 || Math.abs(place - middle) < Math.abs(cut - middle))) {
                cut = place;
            }
        }
        int at = cut < 0 ? middle : cut;
        return List.of(part(0, at), part(at, batches.size()));
    }

    private Window part(int from, int to) {
        List<StoredBatch> part = batches.subList(from, to);
        long count =
                part.stream().mapToLong(batch -> batch.header().eventCount()).sum();
        return new Window(
                part,
                count,
                wholeAt.stream()
                        .filter(place -> place > from && place <= to)
                        .map(place -> place - from)
                        .toList());
    }
}
