package dev.millrace.consume;

import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableLoad;
import java.util.BitSet;
import java.util.Collection;
import java.util.Optional;

/**
 * Loads parts of a step's rows for {@link BadRows}, behind what was loaded before them, and takes everything back. Where the destination can
 * come back to a place in a transaction, all of it is one transaction; else every part is one, at first without the rows that stand before
 * the step, which may be many.
 * The consumer's thread.
 */
final class Trials implements BadRows.Trial, AutoCloseable {
    private final Destination destination;
    private final Tables known;
    private final Collection<Gathered.TableSteps> before;
    private final WindowLoad.Place place;
    private final long loadedAtMicros;
    private final Runnable alive;
    private LoadTransaction transaction;
    private TableLoad load;
    private boolean keeps;
    private boolean filled;

    /**
     * @param known not changed
     * @param before other tables that are loaded first
     * @param place the step
     * @param alive told of every part
     */
    Trials(
            Destination destination,
            Tables known,
            Collection<Gathered.TableSteps> before,
            WindowLoad.Place place,
            long loadedAtMicros,
            Runnable alive) {
        this.destination = destination;
        this.known = known;
        this.before = before;
        this.place = place;
        this.loadedAtMicros = loadedAtMicros;
        this.alive = alive;
    }

    /**
     * The rows that parts are made of.
     *
     * @param atOnce whether constraints that wait for the commit are held against each part as well
     * @throws DataException what stands before them is refused already
     */
    TableLoad open(boolean atOnce) {
        transaction = destination.begin();
        Optional<LoadTransaction.Mark> mark = transaction.mark();
        mark.ifPresent(LoadTransaction.Mark::keep);
        keeps = mark.isPresent();
        reach(keeps);
        if (!keeps) {
            close();
            return load;
        }
        if (atOnce) {
            transaction.checkAtOnce(load.target());
        }
        transaction.load(new PartOfLoad(load, 0, 0, new BitSet(), true));
        return load;
    }

    private void reach(boolean withRows) {
        WindowLoad window = new WindowLoad(known.copy(), transaction, loadedAtMicros);
        if (withRows) {
            window.apply(before);
        }
        load = window.reach(place, withRows);
    }

    /**
     * From now on every part is a transaction of its own, in which rows that stand before the step are loaded as well; false where that is so
     * already.
     */
    boolean fill() {
        boolean changed = keeps || !filled;
        close();
        keeps = false;
        filled = true;
        return changed;
    }

    @Override
    public boolean keeps() {
        return keeps;
    }

    @Override
    public DataException run(int from, int to, BitSet without) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("searching for rows that are refused");
        }
        alive.run();
        return keeps ? marked(from, to, without) : alone(from, to, without);
    }

    private DataException marked(int from, int to, BitSet without) {
        LoadTransaction.Mark mark = transaction.mark().orElseThrow();
        try {
            transaction.load(new PartOfLoad(load, from, to, without, false));
        } catch (DataException e) {
            mark.back();
            return e;
        }
        mark.keep();
        return null;
    }

    private DataException alone(int from, int to, BitSet without) {
        try {
            transaction = destination.begin();
            reach(filled);
            transaction.load(new PartOfLoad(load, from, to, without, true));
            return null;
        } catch (DataException e) {
            return e;
        } finally {
            close();
        }
    }

    /** Takes everything back; idempotent. */
    @Override
    public void close() {
        LoadTransaction open = transaction;
        transaction = null;
        if (open != null) {
            open.close();
        }
    }
}
