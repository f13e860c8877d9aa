package dev.millrace.ingest.engine;

import dev.millrace.config.error.Category;
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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of objects that come to be while a pipeline runs and are chosen by its patterns. Every few seconds a worker looks for them;
 * those that nothing keeps from being taken in are ready once the stream has passed the source's position of then, so that nothing is passed
 * over of a table that was dropped or renamed meanwhile. The session then ends, and the next one takes them in as it would after a restart.
 *
 * <p>What doesn't fit is left out of later sessions of the same engine, told once a reason, and looked at again after a while: so one bad
 * object never stops the others, nor does it have sessions end again and again. The same goes for what a session could not be opened with, and
 * for what is there when the engine begins and was never taken in before. What a definition names outright, and what was taken in before, is
 * owed, and ends the session where it doesn't fit; so does it where nothing would be left.
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
    private static final class Held {
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
    private final ObjectJudge judge;
    private final Map<TableName, Held> leftOut = new TreeMap<>();
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
        this.judge = new ObjectJudge(watch);
    }

    void require(ObjectRequirement requirement) {
        judge.require(requirement);
    }

    // ---- the stream's thread

    /**
     * The objects of the session that begins: what is named, what was taken in before, and of what patterns choose besides, that which fits.
     *
     * @param begun whether an object was taken in before, by this process or an earlier one
     */
    List<SourceObject> choose(Predicate<TableName> begun) {
        List<SourceObject> chosen = select(begin(), begun);
        List<SourceObject> fresh = fresh(chosen, begun);
        Map<TableName, String> misfits = fresh.isEmpty() ? Map.of() : judge.misfits(fresh);
        if (!misfits.isEmpty() && misfits.size() < chosen.size()) {
            misfits.forEach(this::leaveOut);
            chosen = chosen.stream()
                    .filter(object -> !misfits.containsKey(object.table()))
                    .toList();
        }
        synchronized (this) {
            choosing = chosen.stream().map(SourceObject::table).collect(Collectors.toSet());
        }
        judge.requireAll(chosen);
        return chosen;
    }

    /** Without what keeps all from being chosen. */
    private List<SourceObject> select(Set<TableName> joins, Predicate<TableName> begun) {
        try {
            return source.select(chosenNow(joins));
        } catch (MillraceException e) {
            if (watch.isEmpty() || e.category() != Category.USER) {
                throw e;
            }
            Map<TableName, String> misfits = new TreeMap<>(judge.misfits());
            misfits.keySet().removeIf(table -> !isFresh(table, begun));
            Optional<List<SourceObject>> rest = misfits.isEmpty() ? Optional.empty() : rest(joins, misfits.keySet());
            if (rest.isEmpty()) {
                throw e;
            }
            misfits.forEach(this::leaveOut);
            return rest.get();
        }
    }

    /** What is chosen without these; empty where that is nothing. */
    private Optional<List<SourceObject>> rest(Set<TableName> joins, Set<TableName> misfits) {
        try {
            return Optional.of(source.select(((GrowingSource) source).without(chosenNow(joins), misfits)));
        } catch (MillraceException e) {
            if (e.code().equals("OBJECT_NOT_FOUND")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What is to join now. */
    private synchronized Set<TableName> begin() {
        Joining ready = joining;
        joining = null;
        choosing = Set.of();
        return ready == null ? Set.of() : ready.tables;
    }

    private synchronized List<String> chosenNow(Set<TableName> joins) {
        Set<TableName> without = new TreeSet<>(leftOut.keySet());
        without.removeAll(joins);
        return without.isEmpty() ? objects : ((GrowingSource) source).without(objects, without);
    }

    private List<SourceObject> fresh(List<SourceObject> chosen, Predicate<TableName> begun) {
        return watch.isEmpty()
                ? List.of()
                : chosen.stream()
                        .filter(object -> isFresh(object.table(), begun))
                        .toList();
    }

    /** Whether only a pattern chooses it, and no session had it before. */
    private synchronized boolean isFresh(TableName table, Predicate<TableName> begun) {
        return !streamed.contains(table) && !begun.test(table) && !((GrowingSource) source).names(objects, table);
    }

    private void leaveOut(TableName table, String why) {
        if (hold(table, why)) {
            LOG.warn("{}: table {} is left out: {}", pipeline, table, why);
        }
    }

    /** What is left out now, by name; any thread. */
    synchronized List<LeftOut> leftOut() {
        return leftOut.entrySet().stream()
                .map(entry -> new LeftOut(entry.getKey(), entry.getValue().why))
                .toList();
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
            Held out = leftOut.computeIfAbsent(table, each -> new Held());
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
            sort(judge.arrivals(known(due)), due);
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

    private void sort(List<ObjectWatch.Arrival> arrivals, Set<TableName> due) {
        Set<TableName> fit = new TreeSet<>();
        Set<TableName> gone = new HashSet<>(due);
        for (ObjectWatch.Arrival arrival : arrivals) {
            TableName table = arrival.object().table();
            gone.remove(table);
            String why = judge.why(arrival);
            if (why.isEmpty()) {
                fit.add(table);
            } else {
                leaveOut(table, why);
            }
        }
        forget(gone);
        Set<TableName> ready = alone(fit);
        if (!ready.isEmpty()) {
            byte[] behind = ((StreamingSource) source).currentPosition();
            join(new Joining(ready, behind));
        }
    }

    private synchronized boolean hold(TableName table, String why) {
        return leftOut.computeIfAbsent(table, each -> new Held())
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
