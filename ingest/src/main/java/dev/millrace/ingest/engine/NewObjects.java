package dev.millrace.ingest.engine;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.GrowingSource;
import dev.millrace.ingest.source.ObjectWatch;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of objects that come to be while a pipeline runs and are chosen by its patterns. Every few seconds a worker looks for them;
 * those that nothing keeps from being taken in are ready once the stream has passed the source's position of then, so that nothing is passed
 * over of a table that was dropped or renamed meanwhile. The session then ends, and the next one takes them in as it would after a restart.
 *
 * <p>What doesn't fit is left out of later sessions of the same engine, told once a reason, and looked at again after a while. The same goes
 * for what a session could not be opened with: so one bad object never stops the others, nor does it have sessions end again and again.
 *
 * <p>Nothing is ever looked for where every object is named exactly. Thread-safe; the source is asked outside the monitor.
 */
final class NewObjects {
    private static final Logger LOG = LoggerFactory.getLogger(NewObjects.class);
    private static final long FIRST_LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LAST_LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long FIRST_OPEN_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LAST_OPEN_AGAIN_NANOS = TimeUnit.HOURS.toNanos(1);
    /** Between two looks lie at least so many times what the one before took. */
    private static final int REST = 4;

    private static final int MOST_NAMED = 10;

    /** What is left out: why, and until when it isn't looked at again. */
    private static final class LeftOut {
        String why = "";
        long pauseNanos;
        long untilNanos;
        /** A session could not be opened with it, and perhaps with others; so it is tried alone. */
        boolean refused;

        /** Whether the reason is news. */
        boolean hold(String reason, long first, long last) {
            boolean news = !reason.equals(why);
            why = reason;
            pauseNanos = pauseNanos == 0 ? first : Math.max(first, Math.min(last, 2 * pauseNanos));
            untilNanos = System.nanoTime() + pauseNanos;
            return news;
        }
    }

    /** The next session takes these in, once the stream has passed the position. */
    private record Joining(Set<TableName> tables, byte[] behind) {}

    private final String pipeline;
    private final List<String> objects;
    private final Source source;
    private final Optional<ObjectWatch> watch;
    private final Map<TableName, LeftOut> leftOut = new TreeMap<>();
    private volatile Consumer<List<SourceObject>> requirement = chosen -> {};
    private volatile Joining joining;
    private Set<TableName> streamed = Set.of();
    private Set<TableName> choosing = Set.of();
    private boolean streaming;
    private boolean looking;
    private String lookFailed = "";
    private long nextLookNanos;

    /** @param source a {@link StreamingSource} */
    NewObjects(String pipeline, Source source, List<String> objects) {
        this.pipeline = pipeline;
        this.source = source;
        this.objects = objects;
        this.watch = source instanceof GrowingSource growing ? growing.watch(objects) : Optional.empty();
    }

    /** @param requirement throws {@link MillraceException} USER for objects that the pipeline can't take */
    void require(Consumer<List<SourceObject>> requirement) {
        this.requirement = requirement;
    }

    // ---- the stream's thread

    /** The objects of the session that begins. */
    List<SourceObject> choose() {
        List<String> now = begin();
        List<SourceObject> chosen = source.select(now);
        synchronized (this) {
            choosing = chosen.stream().map(SourceObject::table).collect(Collectors.toSet());
        }
        requirement.accept(chosen);
        return chosen;
    }

    private synchronized List<String> begin() {
        Set<TableName> without = new TreeSet<>(leftOut.keySet());
        Joining ready = joining;
        if (ready != null) {
            without.removeAll(ready.tables);
        }
        joining = null;
        choosing = Set.of();
        return without.isEmpty() ? objects : ((GrowingSource) source).without(objects, without);
    }

    /** The session streams what it has chosen. */
    synchronized void opened() {
        streamed = choosing;
        leftOut.keySet().removeAll(streamed);
        streaming = true;
        nextLookNanos = System.nanoTime() + everyNanos();
    }

    /**
     * The session could not be opened. Where it has objects that no session had before, they are left out for a while.
     *
     * @return whether it is to be tried without them
     */
    synchronized boolean holdBack(MillraceException failure) {
        Set<TableName> fresh = new TreeSet<>(choosing);
        fresh.removeAll(streamed);
        if (watch.isEmpty() || streamed.isEmpty() || fresh.isEmpty()) {
            return false;
        }
        for (TableName table : fresh) {
            LeftOut out = leftOut.computeIfAbsent(table, each -> new LeftOut());
            out.refused = true;
            out.hold(failure.getMessage(), FIRST_OPEN_AGAIN_NANOS, LAST_OPEN_AGAIN_NANOS);
        }
        LOG.warn(
                "{}: the stream goes on without {}, which it could not be opened with: {}",
                pipeline,
                named(fresh),
                failure.getMessage());
        return true;
    }

    /** Has a worker look, if it is time and none does already. */
    void lookIfDue(Executor workers) {
        if (watch.isEmpty() || !takeLook()) {
            return;
        }
        try {
            workers.execute(() -> look(watch.get()));
        } catch (RuntimeException e) {
            LOG.debug("{}: no worker looks for new objects now; tried again later", pipeline, e);
            looked(watch.get(), 0);
        }
    }

    private synchronized boolean takeLook() {
        if (looking || joining != null || System.nanoTime() - nextLookNanos < 0) {
            return false;
        }
        looking = true;
        return true;
    }

    /** Whether the session is to end for what is to join, as soon as it can do so in order; from any thread. */
    boolean ready(byte[] streamOffset) {
        Joining ready = joining;
        return ready != null && ((StreamingSource) source).reached(streamOffset, ready.behind);
    }

    /** No session runs any more. */
    void rest() {
        synchronized (this) {
            streaming = false;
            joining = null;
            if (looking) {
                return; // the worker lets go when it is back
            }
        }
        watch.ifPresent(ObjectWatch::close);
    }

    // ---- a worker

    private void look(ObjectWatch at) {
        long began = System.nanoTime();
        try {
            Set<TableName> due = new HashSet<>();
            judge(at.arrivals(known(due)), due);
            lookFailed = "";
        } catch (MillraceException e) {
            if (!lookFailed.equals(e.code())) {
                lookFailed = e.code();
                LOG.warn("{}: new objects can't be looked for now: {}", pipeline, e.getMessage());
            }
        } catch (RuntimeException e) {
            LOG.error("{}: looking for new objects failed", pipeline, e);
        } finally {
            looked(at, System.nanoTime() - began);
        }
    }

    private void looked(ObjectWatch at, long tookNanos) {
        boolean last;
        synchronized (this) {
            looking = false;
            nextLookNanos = System.nanoTime() + Math.max(everyNanos(), REST * tookNanos);
            last = !streaming;
        }
        if (last) {
            at.close();
        }
    }

    private long everyNanos() {
        return watch.map(each -> each.every().toNanos()).orElse(Long.MAX_VALUE / 2);
    }

    /** What needn't be looked at; {@code due} is given what was left out so far and is to be looked at again. */
    private synchronized Set<TableName> known(Set<TableName> due) {
        Set<TableName> known = new HashSet<>(streamed);
        long now = System.nanoTime();
        leftOut.forEach((table, out) -> (now - out.untilNanos < 0 ? known : due).add(table));
        return known;
    }

    private void judge(List<ObjectWatch.Arrival> arrivals, Set<TableName> due) {
        Set<TableName> fit = new TreeSet<>();
        Set<TableName> gone = new HashSet<>(due);
        for (ObjectWatch.Arrival arrival : arrivals) {
            TableName table = arrival.object().table();
            gone.remove(table);
            String why = why(arrival);
            if (why.isEmpty()) {
                fit.add(table);
            } else if (hold(table, why)) {
                LOG.warn("{}: new table {} is left out: {}", pipeline, table, why);
            }
        }
        forget(gone);
        Set<TableName> ready = alone(fit);
        if (!ready.isEmpty()) {
            byte[] behind = ((StreamingSource) source).currentPosition();
            join(new Joining(ready, behind));
        }
    }

    private String why(ObjectWatch.Arrival arrival) {
        if (!arrival.failed().isEmpty()) {
            return arrival.failed().stream().map(NewObjects::text).collect(Collectors.joining(" "));
        }
        try {
            requirement.accept(List.of(arrival.object()));
            return "";
        } catch (MillraceException e) {
            return e.getMessage();
        }
    }

    private static String text(Finding finding) {
        return finding.detail() + ". " + finding.remedy();
    }

    private synchronized boolean hold(TableName table, String why) {
        return leftOut.computeIfAbsent(table, each -> new LeftOut())
                .hold(why, FIRST_LOOK_AGAIN_NANOS, LAST_LOOK_AGAIN_NANOS);
    }

    private synchronized void forget(Set<TableName> gone) {
        leftOut.keySet().removeAll(gone);
    }

    /** All of them, or, where each has failed before, one. */
    private synchronized Set<TableName> alone(Set<TableName> fit) {
        Set<TableName> unsuspected = new TreeSet<>(fit);
        unsuspected.removeIf(table -> leftOut.containsKey(table) && leftOut.get(table).refused);
        return !unsuspected.isEmpty()
                ? unsuspected
                : fit.stream().limit(1).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Unless a session has ended meanwhile, and the next has them already. */
    private synchronized void join(Joining ready) {
        if (streaming && !streamed.containsAll(ready.tables)) {
            joining = ready;
            LOG.info("{}: new tables join: {}", pipeline, named(ready.tables));
        }
    }

    private static String named(Set<TableName> tables) {
        String some = tables.stream().limit(MOST_NAMED).map(TableName::toString).collect(Collectors.joining(", "));
        return tables.size() > MOST_NAMED ? some + " and " + (tables.size() - MOST_NAMED) + " more" : some;
    }
}
