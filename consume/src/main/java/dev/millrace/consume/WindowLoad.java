package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.LoadTransaction;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.effect.TableEffect;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.fault.FaultPoint;
import java.util.Collection;

/**
 * Applies one window in one transaction: hands over each table's net effect, in as many pieces as the table changes its shape or a
 * historical load begins or ends.
 */
final class WindowLoad {
    private final Tables tables;
    private final LoadTransaction transaction;
    private final long loadedAtMicros;
    private Place place;

    /**
     * A step of a table's share.
     *
     * @param rows whether its rows were being loaded, rather than its table made ready
     */
    record Place(Gathered.TableSteps table, int step, boolean rows) {
        /** Whether it is, or follows in its window, the beginning of a historical load. */
        boolean behindLoadStart() {
            return table.steps().subList(0, step + 1).stream().anyMatch(Gathered.LoadStarted.class::isInstance);
        }
    }

    WindowLoad(Tables tables, LoadTransaction transaction, long loadedAtMicros) {
        this.tables = tables;
        this.transaction = transaction;
        this.loadedAtMicros = loadedAtMicros;
    }

    void apply(Collection<Gathered.TableSteps> window) {
        for (Gathered.TableSteps table : window) {
            for (int step = 0; step < table.steps().size(); step++) {
                apply(table, step, true);
            }
        }
    }

    /**
     * Only what leads up to a step with rows.
     *
     * @param filled whether the rows of the table's steps before are loaded as well
     * @return the step's rows, to be loaded by the caller
     */
    TableLoad reach(Place only, boolean filled) {
        for (int step = 0; step < only.step(); step++) {
            apply(only.table(), step, filled);
        }
        apply(only.table(), only.step(), false);
        Gathered.Rows rows = (Gathered.Rows) only.table().steps().get(only.step());
        TableState state = tables.state(only.table().table());
        return load(state, rows.effect(), state.words.rule().onDelete());
    }

    private void apply(Gathered.TableSteps table, int number, boolean filled) {
        Gathered.Step step = table.steps().get(number);
        TableState state = tables.state(table.table());
        place = new Place(table, number, false);
        boolean begins = step instanceof Gathered.LoadStarted;
        if (tables.passesOver(state, begins)) {
            state.passed += step instanceof Gathered.Rows rows ? rows.events() : 0;
            return;
        }
        enter(state, step.schema(), begins);
        if (step instanceof Gathered.Rows rows) {
            if (filled && !rows.effect().isEmpty()) {
                place = new Place(table, number, true);
                apply(state, rows.effect(), state.words.rule().onDelete());
            }
        } else if (begins) {
            state.loadBegan = true;
            startLoad(state);
        } else if (step instanceof Gathered.LoadCompleted completed) {
            completeLoad(state, completed.atMicros());
        }
    }

    /** Where it is, or was when it failed; null before the first step. */
    Place place() {
        return place;
    }

    /** What follows has another shape, is the table's first, or all of the table, which may take in what was left out of it. */
    private void enter(TableState state, Schema schema, boolean loadBegins) {
        if (loadBegins || !schema.equals(state.schema)) {
            tables.prepare(transaction, state, schema, loadBegins);
        }
    }

    /** Into the table itself while it holds nothing that readers would miss, else into a shadow. */
    private void startLoad(TableState state) {
        if (state.mapping.mode() == LoadMode.APPEND) {
            return; // what is read is added to what is there
        }
        if (state.shadow) {
            transaction.beginShadow(state.target);
        } else if (transaction.isEmpty(state.target)) {
            loadingDirectly(state, true);
        } else if (state.mapping.loadingDirectly() && state.mapping.mode() == LoadMode.MERGE) {
            apply(state, TableEffect.emptied(state.schema), OnDelete.HARD);
        } else {
            transaction.beginShadow(state.target);
            state.shadow = true;
            loadingDirectly(state, false);
        }
    }

    private void completeLoad(TableState state, long atMicros) {
        if (state.shadow) {
            transaction.completeShadow(state.target, atMicros, loadedAtMicros);
            state.shadow = false;
        }
        loadingDirectly(state, false);
    }

    private static void loadingDirectly(TableState state, boolean value) {
        if (state.mapping.loadingDirectly() != value) {
            state.mapping = state.mapping.withLoadingDirectly(value);
            state.mappingChanged = true;
        }
    }

    private void apply(TableState state, TableEffect effect, OnDelete deletes) {
        state.rows += transaction.load(load(state, effect, deletes));
        FaultPoint.MID_LOAD.pass();
    }

    private TableLoad load(TableState state, TableEffect effect, OnDelete deletes) {
        boolean loading = state.shadow || state.mapping.loadingDirectly();
        return effect.load(new TableEffect.Run(state.target, deletes, state.shadow, loading, loadedAtMicros));
    }
}
