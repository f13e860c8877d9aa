package dev.millrace.consume;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TableRefusedException;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.failed.Suspects;
import dev.millrace.storage.event.TableName;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies what was gathered in one transaction of the destination, and finds out what of it the destination refuses. The consumer's thread. */
final class Attempts {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);
    /** For one search; then whole parts are held back, and the pipeline goes on. */
    private static final long SEARCH_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** When all of so many rows are refused in unknown words, it isn't the rows. */
    private static final int MANY_ROWS = 1_000;

    private static final int MAX_PASSED = 10;
    /** Enough for a chain of seven tables, each of which refers to the next, in the worst order. */
    private static final int MAX_MOVES = 30;

    /** Ends a transaction in which everything is loaded. */
    interface Commit {
        void commit(LoadTransaction transaction, Tables loaded);
    }

    /** Nothing was applied; {@code suspects} are at fault, or none, and in another order of tables it may pass. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Suspects suspects;
        private final transient Optional<MillraceException> notTheRows;

        private RefusedException(Suspects suspects, Optional<MillraceException> notTheRows, MillraceException cause) {
            super(cause.getMessage(), cause, false, false);
            this.suspects = suspects;
            this.notTheRows = notTheRows;
        }

        /** Why it isn't the events that are at fault, though they are refused. */
        Optional<MillraceException> notTheRows() {
            return notTheRows;
        }

        Suspects suspects() {
            return suspects;
        }

        /** Whether nothing is suspected: next time, tables are loaded in another order. */
        boolean reordered() {
            return suspects.isEmpty();
        }
    }

    private final Destination destination;
    private final Clock clock;
    private final boolean search;
    private final Runnable alive;
    /** Tables that others are loaded before, as constraints between them have shown; the last comes last. */
    private final List<TableName> late = new ArrayList<>();
    /** How often the window under way has shown it. */
    private int moves;
    /** As {@link RefusedException#notTheRows}. */
    private Optional<MillraceException> notTheRows = Optional.empty();
    /** Whether rows that were refused have passed all together when they were looked for. */
    private boolean wholePasses;
    /** How often rows of it that were refused have passed when they were looked for. */
    private int passed;

    /**
     * @param search whether what is refused is looked for; else it is thrown as it comes
     * @param alive told now and then while it is looked for
     */
    Attempts(Destination destination, Clock clock, boolean search, Runnable alive) {
        this.destination = destination;
        this.clock = clock;
        this.search = search;
        this.alive = alive;
    }

    /** Loads and commits tables by themselves where that is wanted, and gives those that are left. */
    interface Apart {
        Collection<Gathered.TableSteps> load(Tables tables, Runners.Work work) throws InterruptedException;
    }

    /**
     * What the destination has refused.
     *
     * @param tables what went into that transaction
     * @param place where it was; null: at the commit
     */
    private record Refusal(Collection<Gathered.TableSteps> tables, WindowLoad.Place place, MillraceException why) {}

    /**
     * @param known not changed
     * @return the tables as they are known once it is applied
     * @throws RefusedException with at least one suspect, or after a change of the tables' order
     */
    Tables apply(Gathered gathered, Tables known, Apart apart, Commit commit)
            throws RefusedException, InterruptedException {
        known.sources(gathered.sources());
        Tables tables = known.copy();
        AtomicReference<Refusal> refusal = new AtomicReference<>();
        Runners.Work work = (transaction, steps, end) -> {
            WindowLoad load = new WindowLoad(tables, transaction, nowMicros());
            try {
                load.apply(steps);
            } catch (DataException | TableRefusedException e) {
                refusal.compareAndSet(null, new Refusal(steps, load.place(), e));
                throw e;
            }
            try {
                end.run();
            } catch (DataException e) {
                refusal.compareAndSet(null, new Refusal(steps, null, e));
                throw e;
            }
        };
        try {
            Collection<Gathered.TableSteps> left = inOrder(apart.load(tables, work));
            try (LoadTransaction transaction = destination.begin()) {
                work.load(transaction, left, () -> commit.commit(transaction, tables));
                moves = 0;
                passed = 0;
                return tables;
            }
        } catch (DataException | TableRefusedException e) {
            Refusal first = refusal.get();
            if (first != null && comesLater(gathered, first)) {
                throw new RefusedException(new Suspects(), Optional.empty(), e);
            }
            if (!search || first == null) {
                throw e;
            }
            wholePasses = false;
            notTheRows = Optional.empty();
            Suspects suspects = find(gathered, first, known);
            if (suspects.isEmpty() && !passesNow(gathered, first)) {
                throw e;
            }
            moves = Math.max(0, moves - gathered.tables().size()); // without those rows, other orders may do
            throw new RefusedException(suspects, notTheRows, e);
        }
    }

    /** Within a window tables may be loaded in any order: what refers to rows comes behind them. */
    private Collection<Gathered.TableSteps> inOrder(Collection<Gathered.TableSteps> tables) {
        if (late.isEmpty()) {
            return tables;
        }
        List<Gathered.TableSteps> order = new ArrayList<>(tables);
        order.sort(Comparator.comparingInt(table -> late.indexOf(table.table())));
        return order;
    }

    /** Whether the refused table is from now on loaded behind the others, which may be what it lacks. */
    private boolean comesLater(Gathered gathered, Refusal refusal) {
        WindowLoad.Place place = refusal.place();
        if (place == null || !(refusal.why() instanceof DataException data) || !data.isReference()) {
            return false;
        }
        List<Gathered.TableSteps> loaded = new ArrayList<>(refusal.tables());
        boolean behindAll =
                loaded.size() == gathered.tables().size() && loaded.indexOf(place.table()) == loaded.size() - 1;
        int tables = gathered.tables().size();
        if (behindAll || ++moves > Math.min(MAX_MOVES, tables * tables)) {
            return false;
        }
        TableName table = place.table().table();
        if (!late.remove(table)) {
            LOG.info("{}: refers to other tables, or is referred to: it is loaded behind them from now on", table);
        }
        late.add(table);
        return true;
    }

    /**
     * Whether what a table by itself was refused for has been committed beside it since, as it seems; or the destination writes its rows in another
     * order by now.
     */
    private boolean passesNow(Gathered gathered, Refusal refusal) {
        boolean beside = refusal.tables().size() < gathered.tables().size()
                && refusal.why() instanceof DataException data
                && data.isReference();
        return (beside || wholePasses) && passed++ < MAX_PASSED;
    }

    private Suspects find(Gathered gathered, Refusal refusal, Tables known) throws InterruptedException {
        Suspects suspects = new Suspects();
        WindowLoad.Place place = refusal.place();
        if (place != null && (!place.rows() || !(refusal.why() instanceof DataException))) {
            suspects.add(
                    gathered.sourceOf(place.table().table()),
                    Failure.of(Failure.Phase.MAP, refusal.why()),
                    place.behindLoadStart());
            return suspects;
        }
        if (place != null) {
            List<Gathered.TableSteps> before = new ArrayList<>(refusal.tables());
            before.subList(before.indexOf(place.table()), before.size()).clear();
            search(gathered, place, before, known, (DataException) refusal.why(), suspects);
            return suspects;
        }
        List<Gathered.TableSteps> tables = atCommit(refusal, known);
        for (Gathered.TableSteps table : tables) {
            List<Gathered.TableSteps> others = new ArrayList<>(refusal.tables());
            others.remove(table);
            Suspects found = searchAtCommit(gathered, table, others, known);
            if (!found.isEmpty()) {
                return found;
            }
        }
        // More than one table is at fault: the one that has the fewest bad rows when it is alone is it first.
        for (Gathered.TableSteps table : tables) {
            Suspects found = searchAtCommit(gathered, table, List.of(), known);
            suspects = found.isEmpty() || !suspects.isEmpty() && suspects.size() <= found.size() ? suspects : found;
        }
        return suspects;
    }

    private Suspects searchAtCommit(
            Gathered gathered, Gathered.TableSteps table, List<Gathered.TableSteps> others, Tables known)
            throws InterruptedException {
        Suspects suspects = new Suspects();
        for (int step = 0; step < table.steps().size() && suspects.isEmpty(); step++) {
            if (table.steps().get(step) instanceof Gathered.Rows rows
                    && !rows.effect().isEmpty()) {
                try {
                    search(gathered, new WindowLoad.Place(table, step, true), others, known, null, suspects);
                } catch (DataException e) {
                    LOG.debug("{}: it is not this table's rows alone: {}", table.table(), e.getMessage());
                }
            }
        }
        return suspects;
    }

    /** The tables that a refusal at the commit may be about, the one that it names first. */
    private static List<Gathered.TableSteps> atCommit(Refusal refusal, Tables known) {
        String named = refusal.why() instanceof DataException data ? data.table() : "";
        List<Gathered.TableSteps> tables = new ArrayList<>(refusal.tables());
        tables.removeIf(table -> known.state(table.table()).passedOver()); // nothing of it was loaded
        tables.sort(Comparator.comparing(
                table -> !named.equals(known.targetOf(table.table()).toString())));
        return tables;
    }

    /**
     * @param first the refusal of all of the place's rows; null where they are refused only at the commit
     * @throws DataException what stands before the place's rows is refused already
     */
    private void search(
            Gathered gathered,
            WindowLoad.Place place,
            List<Gathered.TableSteps> before,
            Tables known,
            DataException first,
            Suspects suspects)
            throws InterruptedException {
        try (Trials trials = new Trials(destination, known, before, place, nowMicros(), alive)) {
            TableLoad load = trials.open(first == null);
            long deadline = System.nanoTime() + SEARCH_NANOS;
            if (first != null && first.isReference() && !trials.keeps()) {
                trials.fill(); // what it refers to may be among the rows before
            }
            Map<Integer, BadRows.Refused> bad = new BadRows(load, trials, deadline).find(first);
            boolean inParts = trials.keeps();
            if (bad.isEmpty() && (first != null || !inParts) && trials.fill()) {
                BadRows again = new BadRows(load, trials, deadline);
                // what passes in parts fails for its order, such as that of two rows of which one takes what the other
                // leaves
                bad = inParts ? again.findTogether() : again.find(first);
                wholePasses = bad.isEmpty();
            }
            if (notTheRows.isEmpty()) {
                notTheRows = noneTaken(load, bad.values());
            }
            Set<TableName> sources = gathered.sourcesOf(place.table().table());
            RowCursor cursor = load.rows();
            for (int row = 0; cursor.next(); row++) {
                BadRows.Refused refused = bad.get(row);
                if (refused != null) {
                    Failure alone =
                            Failure.refused(Failure.Phase.LOAD, refused.code(), refused.why(), refused.column());
                    Failure failure = refused.alone() ? alone : alone.together();
                    String eventId = cursor.eventId();
                    sources.forEach(source -> suspects.add(source, eventId, failure));
                }
            }
        }
    }

    /** In words of its own a destination may say anything: were it not about rows, all of them would be held back, window after window. */
    private static Optional<MillraceException> noneTaken(TableLoad load, Collection<BadRows.Refused> bad) {
        boolean all = bad.size() == load.rowCount() && bad.size() >= MANY_ROWS;
        if (!all || !bad.stream().allMatch(row -> row.code().equals(DataException.RULE))) {
            return Optional.empty();
        }
        return Optional.of(
                MillraceException.user(
                        "EVERY_ROW_REFUSED",
                        "Table '" + load.target().name() + "' takes none of " + bad.size() + " rows",
                        common(bad),
                        "If it isn't the rows that are at fault, mend what refuses them at the destination: a trigger, for one; it is tried again."
                                + " Else have it refuse them with an SQLSTATE of class P0, as RAISE does by itself: then they are parked."));
    }

    /** What is said of each of many rows tells nothing of one of them. */
    private static String common(Collection<BadRows.Refused> bad) {
        List<String> words = bad.stream()
                .map(row -> row.why().withValues().replaceFirst(" \\(event [^)]*\\)$", ""))
                .distinct()
                .limit(2)
                .toList();
        return words.size() == 1 ? words.get(0) : bad.iterator().next().why().withoutValues();
    }

    private long nowMicros() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
    }
}
