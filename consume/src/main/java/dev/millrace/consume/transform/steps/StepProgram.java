package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.EventSink;
import dev.millrace.consume.transform.EventView;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.util.List;
import java.util.Optional;

/**
 * Steps made ready for one schema. Where a filter or routes decide on which table a row is in, an event becomes what it means for each of them:
 * a row that leaves a table is deleted there, one that enters it has to be whole. Confined to one thread.
 */
final class StepProgram implements RowProgram {
    /**
     * @param any whether a filter or a route decides on rows
     * @param byKeyOnly whether they look at nothing but the key
     */
    record Selection(boolean any, boolean byKeyOnly) {}

    private final Steps steps;
    private final List<Schema> outputs;
    private final Selection selection;
    private final boolean keyed;

    /** By source column. */
    private final Type[] sourceTypes;

    private final int[] loads;
    /** By output column: its slot, its type, whether it is the key's. */
    private final int[] slots;

    private final Type[] types;
    private final boolean[] inKey;
    /** By output column: how many from it on are columns of the source that follow each other there too; 0 where it is none. */
    private final int[] runs;
    /** Whether the key is made of the source's key alone. */
    private final boolean keyOfKey;
    /** Whether a row is another one with each event. */
    private final boolean ofEvent;

    private final Image now;
    private final Image old;

    StepProgram(Layout layout, Steps steps, List<Schema> outputs, Selection selection) {
        this.steps = steps;
        this.outputs = List.copyOf(outputs);
        this.selection = selection;
        this.keyed = layout.source().keyed();
        this.sourceTypes =
                layout.source().columns().stream().map(column -> column.type()).toArray(Type[]::new);
        this.loads = layout.loads();
        int count = layout.columns().size();
        this.slots = new int[count];
        this.types = new Type[count];
        this.inKey = new boolean[count];
        boolean keyFromKey = true;
        boolean fromEvent = false;
        for (int i = 0; i < count; i++) {
            LayoutColumn column = layout.columns().get(i);
            slots[i] = column.slot();
            types[i] = column.column().type();
            inKey[i] = column.column().inKey();
            fromEvent |= layout.dependsOnEvent(slots[i]);
            for (int from : layout.sources(slots[i])) {
                keyFromKey &= !inKey[i] || layout.source().columns().get(from).inKey();
            }
        }
        this.runs = runs(slots, sourceTypes.length);
        this.keyOfKey = keyFromKey;
        this.ofEvent = fromEvent;
        this.now = new Image(layout.slots());
        this.old = new Image(layout.slots());
    }

    private static int[] runs(int[] slots, int sources) {
        int[] runs = new int[slots.length];
        for (int i = slots.length - 1; i >= 0; i--) {
            boolean goesOn = i + 1 < slots.length && slots[i + 1] == slots[i] + 1 && runs[i + 1] > 0;
            runs[i] = slots[i] >= sources ? 0 : goesOn ? runs[i + 1] + 1 : 1;
        }
        return runs;
    }

    @Override
    public List<Schema> outputs() {
        return outputs;
    }

    @Override
    public Optional<String> needsWholeRows() {
        return keyOfKey ? Optional.empty() : Optional.of("its key is made of columns beside the source's key");
    }

    @Override
    public void apply(EventView event, EventSink sink) {
        Operation operation = event.operation();
        boolean changesRow = operation == Operation.UPDATE || operation == Operation.DELETE;
        if (changesRow && !keyed && ofEvent) {
            throw new EventFailure(
                    "TRANSFORM_NOT_REPEATABLE",
                    "",
                    "the table has no key, and a column made of the event's metadata keeps its rows from being found again",
                    "Take the metadata column out, or give the table a key.");
        }
        if (operation == Operation.UPDATE && !keyOfKey && event.before() == null) {
            throw new EventFailure(
                    "TRANSFORM_KEY_UNKNOWN",
                    "",
                    "the key is made of columns beside the source's key, and the event lacks the row before",
                    "Let the source send whole rows; in PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL.");
        }
        begin(now, event, event.values(), event.before());
        now.lenient = keyed && operation == Operation.DELETE;
        now.before = false;
        run(now);
        if (now.dropped) {
            return;
        }
        switch (operation) {
            case READ, INSERT -> {
                if (now.kept == Image.Answer.YES) {
                    write(sink.begin(operation, outputs.get(now.route)), now, false)
                            .endRow();
                }
            }
            case UPDATE -> update(event, sink);
            case DELETE -> delete(sink, now);
            case TRUNCATE, LOAD_STARTED, LOAD_COMPLETED -> throw new IllegalStateException(operation + " is no row");
        }
    }

    private void begin(Image image, EventView event, Cells cells, Cells fallback) {
        image.begin(event, cells, fallback, loads, sourceTypes);
    }

    private void run(Image image) {
        for (int i = 0; i < steps.count(); i++) {
            steps.run(i, image);
            if (image.dropped || image.kept == Image.Answer.NO && !followsKey(image)) {
                return;
            }
        }
        if (image.lenient) {
            requireKey(image);
        }
    }

    /** Whether a row that isn't kept may have to be deleted by its key. */
    private boolean followsKey(Image image) {
        Operation operation = image.event.operation();
        return keyed && (operation == Operation.UPDATE || operation == Operation.DELETE);
    }

    /** What was put up with may not have cost the key. */
    private void requireKey(Image image) {
        for (int i = 0; i < slots.length; i++) {
            if (inKey[i] && slots[i] >= sourceTypes.length && image.slots[slots[i]].isUnchanged()) {
                throw image.spared != null
                        ? image.spared
                        : Compute.unknown(outputs.get(0).columns().get(i).name());
            }
        }
    }

    private void update(EventView event, EventSink sink) {
        boolean hasBefore = event.before() != null;
        if (hasBefore) {
            begin(old, event, event.before(), null);
            old.lenient = keyed;
            old.before = true;
            run(old);
        }
        if (!selection.any()) {
            BatchWriter row = write(sink.begin(Operation.UPDATE, outputs.get(0)), now, false);
            if (hasBefore) {
                row.beginBefore();
                write(row, old, false);
            }
            row.endRow();
            return;
        }
        int to = now.kept == Image.Answer.YES ? now.route : Image.ANYWHERE;
        // the key stays where no row before is told, and then so does what is decided by it
        boolean sameAsBefore = !hasBefore && selection.byKeyOnly();
        boolean known = sameAsBefore || hasBefore && old.kept != Image.Answer.UNKNOWN && isSomewhere(old);
        if (!keyed && !(hasBefore && known)) {
            throw Compute.unknown("");
        }
        Image was = hasBefore ? old : now;
        for (int output = 0; output < outputs.size(); output++) {
            boolean wasThere = !known || sameAsBefore ? output == to || !known : isAt(old, output);
            if (output == to) {
                enter(sink, output, known, wasThere, hasBefore);
            } else if (wasThere) {
                delete(sink, was, output, keyed);
            }
        }
    }

    private static boolean isSomewhere(Image image) {
        return image.kept == Image.Answer.NO || image.route != Image.ANYWHERE;
    }

    private static boolean isAt(Image image, int output) {
        return image.kept == Image.Answer.YES && image.route == output;
    }

    /** The row is in this table now; where it may not have been before, it has to be whole. */
    private void enter(EventSink sink, int output, boolean known, boolean wasThere, boolean hasBefore) {
        boolean stays = known && wasThere;
        // as an UPDATE without the row before, a phase behind this one could not tell its key of before
        boolean asNew = known ? !wasThere : !keyed;
        BatchWriter row = sink.begin(asNew ? Operation.INSERT : Operation.UPDATE, outputs.get(output));
        write(row, now, !stays);
        if (hasBefore && wasThere && !asNew) {
            row.beginBefore();
            write(row, old, false);
        }
        row.endRow();
    }

    private void delete(EventSink sink, Image image) {
        if (image.kept == Image.Answer.NO) {
            return;
        }
        for (int output = 0; output < outputs.size(); output++) {
            boolean maybe = image.kept == Image.Answer.UNKNOWN || image.route == Image.ANYWHERE;
            if (maybe || image.route == output) {
                delete(sink, image, output, false);
            }
        }
    }

    /** @param keyOnly the image tells of the row as it is now, but for its key */
    private void delete(EventSink sink, Image image, int output, boolean keyOnly) {
        BatchWriter row = sink.begin(Operation.DELETE, outputs.get(output));
        for (int i = 0; i < slots.length; i++) {
            if (keyOnly && !inKey[i]) {
                row.putUnchanged();
            } else {
                put(row, image, i);
            }
        }
        row.endRow();
    }

    /** @param whole no cell may be UNCHANGED */
    private BatchWriter write(BatchWriter row, Image image, boolean whole) {
        int next = 0;
        while (next < slots.length) {
            if (whole) {
                putKnown(row, image, next++);
            } else if (runs[next] > 0) {
                row.putCopies(image.cells, slots[next], runs[next]);
                next += runs[next];
            } else {
                put(row, image, next++);
            }
        }
        return row;
    }

    private void put(BatchWriter row, Image image, int column) {
        int slot = slots[column];
        if (slot < sourceTypes.length) {
            row.putCopy(image.cells, slot);
        } else {
            image.slots[slot].write(row, types[column]);
        }
    }

    /** As {@link #put}; what the event leaves out is taken from the row before. */
    private void putKnown(BatchWriter row, Image image, int column) {
        int slot = slots[column];
        boolean copied = slot < sourceTypes.length;
        boolean missing = copied ? image.cells.isUnchanged(slot) : image.slots[slot].isUnchanged();
        if (!missing) {
            put(row, image, column);
        } else if (copied && image.fallback != null && !image.fallback.isUnchanged(slot)) {
            row.putCopy(image.fallback, slot);
        } else {
            throw new EventFailure(
                    "TRANSFORM_VALUE_MISSING",
                    outputs.get(0).columns().get(column).name(),
                    "the row may be new in its table, by a filter or a route, and the event lacks a value that did not change",
                    "Let the source send whole rows; in PostgreSQL: ALTER TABLE … REPLICA IDENTITY FULL.");
        }
    }
}
