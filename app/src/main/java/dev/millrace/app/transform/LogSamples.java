package dev.millrace.app.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.transform.Rehearsal;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.log.LogReader;
import dev.millrace.storage.log.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The newest events of a log, through a transformation. Reads the log beside whoever else does. */
public final class LogSamples {
    /** How many batches are looked through from the log's end: the next span where the one before holds too few events. */
    private static final int[] SPANS = {4, 64, 1_024};

    private static final long WAIT_MILLIS = 1_000;

    private LogSamples() {}

    /** Up to {@code most} events of tables that are wanted, in the log's order. */
    public static List<Rehearsal.Outcome> run(Topic topic, Rehearsal rehearsal, Predicate<Schema> wanted, int most)
            throws InterruptedException {
        long end = topic.durableIndex();
        List<int[]> counts = List.of();
        long from = end;
        for (int span : SPANS) {
            from = oldest(topic, Math.max(0, end - span), end);
            counts = counts(topic, from, end, wanted);
            boolean whole = from > end - span;
            if (whole || counts.stream().mapToInt(count -> count[0]).sum() >= most) {
                break;
            }
        }
        return newest(topic, rehearsal, wanted, most, new Found(from, end, counts));
    }

    /** Behind which index the log can be read: behind {@code begin}, or where what is older was deleted. */
    private static long oldest(Topic topic, long begin, long end) {
        if (holds(topic, begin)) {
            return begin;
        }
        long gone = begin;
        long there = end;
        while (there - gone > 1) {
            long middle = (gone + there) >>> 1;
            if (holds(topic, middle)) {
                there = middle;
            } else {
                gone = middle;
            }
        }
        return there;
    }

    private static boolean holds(Topic topic, long after) {
        try (LogReader any = topic.reader(after)) {
            return any.index() >= after;
        } catch (MillraceException gone) {
            if (gone.code().equals("LOG_INDEX_GONE")) {
                return false;
            }
            throw gone;
        }
    }

    /** By batch: how many of its events are wanted. */
    private record Found(long from, long end, List<int[]> counts) {}

    private static List<int[]> counts(Topic topic, long from, long end, Predicate<Schema> wanted)
            throws InterruptedException {
        List<int[]> counts = new ArrayList<>();
        BatchReader rows = new BatchReader();
        try (LogReader log = topic.reader(from)) {
            StoredBatch batch;
            while (log.index() < end && (batch = log.next(WAIT_MILLIS)) != null) {
                int count = 0;
                rows.open(batch);
                while (rows.next()) {
                    count += rows.operation().hasCells() && wanted.test(rows.schema()) ? 1 : 0;
                }
                counts.add(new int[] {count});
            }
        }
        return counts;
    }

    private static List<Rehearsal.Outcome> newest(
            Topic topic, Rehearsal rehearsal, Predicate<Schema> wanted, int most, Found found)
            throws InterruptedException {
        int skip =
                Math.max(0, found.counts().stream().mapToInt(count -> count[0]).sum() - most);
        List<Rehearsal.Outcome> outcomes = new ArrayList<>();
        try (LogReader log = topic.reader(found.from())) {
            for (int[] count : found.counts()) {
                StoredBatch batch = log.next(WAIT_MILLIS);
                if (batch == null) {
                    break;
                }
                if (skip >= count[0]) {
                    skip -= count[0];
                    continue;
                }
                List<Rehearsal.Outcome> all = rehearsal.run(batch, wanted, count[0]);
                outcomes.addAll(all.subList(skip, all.size()));
                skip = 0;
            }
        }
        return outcomes;
    }
}
