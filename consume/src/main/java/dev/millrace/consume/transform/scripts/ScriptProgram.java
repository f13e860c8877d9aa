package dev.millrace.consume.transform.scripts;

import dev.millrace.consume.script.RowView;
import dev.millrace.consume.script.Script;
import dev.millrace.consume.script.ScriptEvent;
import dev.millrace.consume.script.ScriptFailure;
import dev.millrace.consume.script.ScriptResult;
import dev.millrace.consume.script.Values;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.EventSink;
import dev.millrace.consume.transform.EventView;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.List;

/**
 * One script for rows of one schema. An update that has the row before goes through the script twice: what comes of the row before says which
 * row of the destination the new one takes the place of. Where the row before is known only by its key, and the script keeps the key as it is,
 * the row before is taken as it is. An update that the script drops deletes
 * the row that may be there from before.
 */
final class ScriptProgram implements RowProgram {
    private final Script script;
    private final Schema input;
    private final Shapes shapes;
    private final RowWriter rows;

    ScriptProgram(Script script, Schema input, Shapes shapes) {
        this.script = script;
        this.input = input;
        this.shapes = shapes;
        this.rows = new RowWriter(shapes, input);
    }

    @Override
    public List<Schema> outputs() {
        return shapes.all();
    }

    @Override
    public void apply(EventView event, EventSink sink) {
        try {
            script.apply(given(event, event.values(), event.before()), (results, values) -> {
                if (event.before() == null) {
                    requireOldKey(event, results, values);
                    results.forEach(row -> write(sink, row, event.values(), values));
                    if (results.isEmpty() && event.operation() == Operation.UPDATE && input.keyed()) {
                        dropped(event, sink);
                    }
                } else {
                    replace(event, sink, results, values);
                }
                return null;
            });
        } catch (ScriptFailure failure) {
            throw failure(failure);
        }
    }

    private static EventFailure failure(ScriptFailure failure) {
        String line = failure.line() > 0 ? " (line " + failure.line() + ")" : "";
        return EventFailure.withValues(
                failure.code(),
                failure.column(),
                failure.why() + line,
                failure.whyWithoutValues() + line,
                failure.remedy());
    }

    /** Without the row before, an update may give a row another key than the source's only where that one alone decides it. */
    private void requireOldKey(EventView event, List<ScriptResult> results, Values values) {
        if (event.operation() != Operation.UPDATE || !input.keyed()) {
            return;
        }
        for (ScriptResult row : results) {
            RowWriter.Key key = rows.key(row, event.values(), values);
            if (key == RowWriter.Key.OTHER || key == RowWriter.Key.MADE && !madeOfKey(event)) {
                throw new ScriptFailure(
                        "SCRIPT_KEY_UNKNOWN",
                        "",
                        0,
                        "the script makes the row's key of columns beside the source's key, and the event lacks the row before, which may have"
                                + " had another one",
                        "Let the source send whole rows; in PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL. Or make the key in a script of"
                                + " its own that reads nothing but the source's key.");
            }
        }
    }

    /** Whether the script also runs on a row of which nothing but the key is known. */
    private boolean madeOfKey(EventView event) {
        try {
            return script.apply(keyOnly(event, event.operation()), (results, values) -> !results.isEmpty());
        } catch (ScriptFailure readsMore) {
            return false;
        }
    }

    /**
     * The script drops what the row is now. Unless it is the key or the operation that it goes by, which are as they were, it may have kept the
     * row before, which is not known: it is deleted as the script has it for a DELETE, which carries no more than the key.
     */
    private void dropped(EventView event, EventSink sink) {
        if (droppedByKey(event)) {
            return;
        }
        boolean found;
        ScriptFailure deleting = null;
        try {
            found = script.apply(keyOnly(event, Operation.DELETE), (rows, values) -> {
                rows.forEach(row -> write(sink, as(Operation.DELETE, row), event.values(), values));
                return !rows.isEmpty();
            });
        } catch (ScriptFailure readsMore) {
            found = false;
            deleting = readsMore;
        }
        if (!found) {
            String why =
                    "the script drops the row for what it is now, and the event lacks the row before, which may have been loaded: its"
                            + " place is not known, since nothing comes of a DELETE of its key";
            String fails = why + ", where the script fails: ";
            throw ScriptFailure.withValues(
                    "SCRIPT_KEY_UNKNOWN",
                    0,
                    deleting == null ? why : fails + deleting.why(),
                    deleting == null ? why : fails + deleting.whyWithoutValues(),
                    "Let the script give back a DELETE before it reads anything but the key, or the source send whole rows; in PostgreSQL:"
                            + " ALTER TABLE … REPLICA IDENTITY FULL.");
        }
    }

    private boolean droppedByKey(EventView event) {
        try {
            return script.apply(keyOnly(event, event.operation()), (results, values) -> results.isEmpty());
        } catch (ScriptFailure readsMore) {
            return false;
        }
    }

    private ScriptEvent keyOnly(EventView event, Operation operation) {
        RowView row = RowView.of(event.values());
        RowView keyOnly = new RowView() {
            @Override
            public Object valueAt(int column) {
                return row.valueAt(column);
            }

            @Override
            public boolean isUnchanged(int column) {
                return !input.columns().get(column).inKey() || row.isUnchanged(column);
            }
        };
        return new ScriptEvent(operation, input, keyOnly, null, facts(event));
    }

    private ScriptEvent given(EventView event, Cells values, Cells before) {
        return new ScriptEvent(
                event.operation(), input, RowView.of(values), before == null ? null : RowView.of(before), facts(event));
    }

    private static ScriptEvent.Facts facts(EventView event) {
        return new ScriptEvent.Facts(
                event.eventId(),
                event.logIndex(),
                event.transactionId(),
                event.modifiedAtMicros(),
                event.ingestedAtMicros());
    }

    private void write(EventSink sink, ScriptResult row, Cells event, Values values) {
        Schema schema = rows.shape(row, values).schema();
        BatchWriter out = sink.begin(row.operation(), schema);
        rows.put(out, schema, row, event, values);
        out.endRow();
    }

    /** The rows that were, each replaced by the one in its place; those left over are deleted, further ones are new. */
    private void replace(EventView event, EventSink sink, List<ScriptResult> after, Values values) {
        if (rows.keepsKey(after) && event.before().anyUnchanged()) {
            asItIs(event, sink, after.get(0), values);
            return;
        }
        script.apply(given(event, event.before(), null), (before, valuesBefore) -> {
            if (isOneForOne(before, after)) {
                update(event, sink, before.get(0), after.get(0), values, valuesBefore);
                return null;
            }
            // first all of them, since a shape that a later one widens has other keys
            before.forEach(row -> rows.shape(row, valuesBefore));
            after.forEach(row -> rows.shape(row, values));
            Succession succession =
                    Succession.of(keyed(before, event.before(), valuesBefore), keyed(after, event.values(), values));
            succession.gone().forEach(old -> write(sink, as(Operation.DELETE, old), event.before(), valuesBefore));
            for (Succession.Pair pair : succession.pairs()) {
                boolean updates = pair.now().operation() == Operation.UPDATE;
                if (pair.old() != null) {
                    update(event, sink, pair.old(), pair.now(), values, valuesBefore);
                } else if (updates) { // a phase behind this one could not tell the key that an UPDATE had before
                    write(sink, as(Operation.INSERT, pair.now()), event.values(), values);
                } else {
                    write(sink, pair.now(), event.values(), values);
                }
            }
            return null;
        });
    }

    private static boolean isOneForOne(List<ScriptResult> before, List<ScriptResult> after) {
        return before.size() == 1
                && after.size() == 1
                && after.get(0).operation() == Operation.UPDATE
                && before.get(0).table().equals(after.get(0).table());
    }

    private List<Succession.Keyed> keyed(List<ScriptResult> results, Cells event, Values values) {
        return results.stream()
                .map(row -> new Succession.Keyed(row, rows.keyOf(row, event, values)))
                .toList();
    }

    private static ScriptResult as(Operation operation, ScriptResult row) {
        return new ScriptResult(row.table(), operation, row.key(), row.cells());
    }

    private void update(
            EventView event, EventSink sink, ScriptResult old, ScriptResult now, Values values, Values valuesBefore) {
        rows.shape(old, valuesBefore);
        Schema schema = rows.shape(now, values).schema();
        BatchWriter out = sink.begin(now.operation(), schema);
        rows.put(out, schema, now, event.values(), values);
        if (now.operation() == Operation.UPDATE) {
            out.beginBefore();
            rows.put(out, schema, as(Operation.UPDATE, old), event.before(), valuesBefore);
        }
        out.endRow();
    }

    private void asItIs(EventView event, EventSink sink, ScriptResult now, Values values) {
        Schema schema = rows.shape(now, values).schema();
        BatchWriter out = sink.begin(now.operation(), schema);
        rows.put(out, schema, now, event.values(), values);
        if (now.operation() == Operation.UPDATE) {
            out.beginBefore();
            rows.putBefore(out, schema, event.before(), values);
        }
        out.endRow();
    }
}
