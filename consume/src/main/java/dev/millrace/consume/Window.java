package dev.millrace.consume;

import java.util.List;
import java.util.Optional;

/**
 * The run of batches that one load applies, in log order; never empty. Their bytes are in the log until it is committed.
 *
 * @param after the log index of the batch before the first
 * @param wholeAt where it may be cut without cutting a source transaction: how many of its first batches end where none is open
 */
record Window(long after, List<Batch> batches, List<Integer> wholeAt) {
    /** A batch's place in the log, and its events. */
    record Batch(long logIndex, long events) {}

    long lastIndex() {
        return batches.get(batches.size() - 1).logIndex();
    }

    long events() {
        return batches.stream().mapToLong(Batch::events).sum();
    }

    /** What of it stands before a source transaction that is open at its end; empty where nothing does. */
    Optional<Window> whole() {
        return wholeAt.isEmpty() ? Optional.empty() : Optional.of(part(0, wholeAt.get(wholeAt.size() - 1)));
    }

    /** What {@link #whole} leaves: the beginning of a source transaction that is open at its end; not to be asked for where there is none. */
    Window rest() {
        return part(wholeAt.isEmpty() ? 0 : wholeAt.get(wholeAt.size() - 1), batches.size());
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

    /** Cut behind the last batch that is not beyond {@code index}: the window itself, or two that are it. */
    List<Window> cutBehind(long index) {
        int at = 0;
        while (at < batches.size() && batches.get(at).logIndex() <= index) {
            at++;
        }
        return at == 0 || at == batches.size() ? List.of(this) : List.of(part(0, at), part(at, batches.size()));
    }

    private Window part(int from, int to) {
        return new Window(
                from == 0 ? after : batches.get(from - 1).logIndex(),
                batches.subList(from, to),
                wholeAt.stream()
                        .filter(place -> place > from && place <= to)
                        .map(place -> place - from)
                        .toList());
    }
}
