package dev.millrace.consume.json;

import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.EventSink;
import dev.millrace.consume.transform.EventView;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes columns of documents and child tables of their arrays. Documents decide the shapes, so a row may leave with another schema than the one
 * before it, all with the version of the source's.
 *
 * <p>A row's child rows are written with it, and those which it once had and has no longer are deleted: which those can be is known from the
 * most elements it ever had. A row whose document is UNCHANGED leaves its child rows alone.
 */
final class FlattenProgram implements RowProgram {
    private final Schema input;
    private final JsonSettings settings;
    private final LearnedShapes shapes;
    private final LearnedShape shape;
    /** Whether what is deleted at the source stays at the destination, and its child rows with it. */
    private final boolean ignoreDeletes;

    private final int[] key;
    /** Columns that stay, by their places. */
    private final int[] kept;

    private final int[] documents;
    private final List<Column> keptColumns = new ArrayList<>();
    private Schema output;
    private List<Schema> childSchemas = List.of();
    private int builtRevision = -1;

    FlattenProgram(Schema input, JsonSettings settings, LearnedShapes shapes, boolean ignoreDeletes) {
        this.ignoreDeletes = ignoreDeletes;
        this.input = input;
        this.settings = settings;
        this.shapes = shapes;
        this.shape = shapes.of(input.table());
        this.key = input.keyColumns();
        List<Integer> keptPlaces = new ArrayList<>();
        List<Integer> jsonPlaces = new ArrayList<>();
        for (int i = 0; i < input.columns().size(); i++) {
            Column column = input.columns().get(i);
            if (JsonPhase.isConverted(column)) {
                jsonPlaces.add(i);
            } else {
                keptPlaces.add(i);
                keptColumns.add(column);
            }
        }
        this.kept = keptPlaces.stream().mapToInt(Integer::intValue).toArray();
        this.documents = jsonPlaces.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public List<Schema> outputs() {
        synchronized (shape) {
            build();
            List<Schema> all = new ArrayList<>();
            all.add(output);
            all.addAll(childSchemas);
            return all;
        }
    }

    /** Rows that stay keep their child rows. */
    @Override
    public List<Schema> outputs(Operation control) {
        return ignoreDeletes && control == Operation.TRUNCATE ? outputs().subList(0, 1) : outputs();
    }

    private void build() {
        if (builtRevision == shape.revision && output != null) {
            return;
        }
        int version = input.version();
        output = new Schema(input.table(), version, shape.columns.behind(keptColumns));
        childSchemas = input.keyed()
                ? shape.children.stream()
                        .map(child -> child.schema(input, version))
                        .toList()
                : List.of();
        builtRevision = shape.revision;
    }

    @Override
    public void apply(EventView event, EventSink sink) {
        synchronized (shape) {
            boolean wholeBefore = event.before() != null && !input.keyed();
            LearnedShape.Parts values = new LearnedShape.Parts();
            LearnedShape.Parts before = new LearnedShape.Parts();
            try {
                take(event.values(), values);
                if (wholeBefore) {
                    take(event.before(), before);
                }
            } finally {
                if (shape.takeGrown()) {
                    shapes.store(shape);
                }
            }
            build();
            BatchWriter row = sink.begin(event.operation(), output);
            put(event.values(), values, event.operation(), row);
            if (event.before() != null) {
                row.beginBefore();
                put(event.before(), wholeBefore ? before : null, Operation.UPDATE, row);
            }
            row.endRow();
            if (!childSchemas.isEmpty()) {
                children(event, values, sink);
            }
        }
    }

    private void take(Cells cells, LearnedShape.Parts into) {
        for (int place : documents) {
            if (cells.encodedLength(place) > 0) {
                String column = input.columns().get(place).name();
                JsonValue value = JsonValue.Reader.read(
                        column, cells.buffer(), cells.bytesOffset(place), cells.bytesLength(place));
                shape.take(input, column, value, settings, into);
            }
        }
    }

    /** {@code parts} null: the documents are not known. What a column had that is gone stays with the rows that have it. */
    private void put(Cells cells, LearnedShape.Parts parts, Operation operation, BatchWriter row) {
        for (int place : kept) {
            row.putCopy(cells, place);
        }
        Set<String> unchanged = new HashSet<>();
        for (int place : documents) {
            if (parts == null || cells.isUnchanged(place)) {
                unchanged.add(input.columns().get(place).name());
            }
        }
        boolean isThere = operation == Operation.UPDATE || operation == Operation.DELETE;
        for (ScalarColumn column : shape.columns.all()) {
            String origin = shape.origins.get(column.place);
            if (unchanged.contains(origin) || isThere && !isDocument(origin)) {
                row.putUnchanged();
            } else {
                column.put(parts == null ? null : LearnedShape.Parts.get(parts.values, column.place), row);
            }
        }
    }

    private boolean isDocument(String column) {
        int place = input.indexOf(column);
        return place >= 0 && JsonPhase.isConverted(input.columns().get(place));
    }

    private void children(EventView event, LearnedShape.Parts values, EventSink sink) {
        Cells now = event.values();
        boolean deleted = event.operation() == Operation.DELETE;
        if (deleted && ignoreDeletes) {
            return;
        }
        Cells moved = event.before() != null && !sameKey(event.before(), now) ? event.before() : null;
        if (moved != null) {
            requireKnown(now);
            ArrayLengths gone =
                    ignoreDeletes ? new ArrayLengths() : shapes.lengths(shape, LearnedShapes.row(moved, key));
            shape.children.forEach(child -> gone.of(child)
                    .forEach((at, most) -> delete(childSchemas.get(child.place), moved, at, 0, most, sink)));
        }
        String row = LearnedShapes.row(now, key);
        ArrayLengths lengths = shapes.lengths(shape, row);
        for (ChildTable child : shape.children) {
            boolean known = isDocument(child.jsonColumn) && !now.isUnchanged(input.indexOf(child.jsonColumn));
            if (deleted || known) {
                replace(event, child, values, lengths, sink);
            }
        }
        if (lengths.grown()) {
            shapes.store(input.table(), row, lengths);
        }
    }

    /** Writes the elements there are, and deletes those there may have been. */
    private void replace(
            EventView event, ChildTable child, LearnedShape.Parts values, ArrayLengths lengths, EventSink sink) {
        Schema schema = childSchemas.get(child.place);
        for (LearnedShape.Element element : values.elements.getOrDefault(child, List.of())) {
            write(event.operation(), schema, child, event.values(), element, sink);
        }
        Map<IndexPath, Integer> now = values.lengths.getOrDefault(child, Map.of());
        lengths.of(child)
                .forEach((at, most) -> delete(schema, event.values(), at, now.getOrDefault(at, 0), most, sink));
        now.forEach((at, elements) -> lengths.note(child, at, elements));
    }

    /** The row is another one now: child rows of a document that is not sent can't move with it. */
    private void requireKnown(Cells now) {
        Set<String> withChildren = new HashSet<>();
        shape.children.forEach(child -> withChildren.add(child.jsonColumn));
        for (int place : documents) {
            String column = input.columns().get(place).name();
            if (now.isUnchanged(place) && withChildren.contains(column)) {
                throw new EventFailure(
                        "JSON_UNCHANGED_MOVED",
                        column,
                        "the row's key changed, and the document was not sent because it did not change; its child rows"
                                + " can't be moved",
                        "Have whole rows sent (PostgreSQL: ALTER TABLE " + input.table() + " REPLICA IDENTITY FULL).");
            }
        }
    }

    private boolean sameKey(Cells one, Cells other) {
        for (int column : key) {
            int from = one.encodedOffset(column);
            int otherFrom = other.encodedOffset(column);
            if (!Arrays.equals(
                    one.buffer(),
                    from,
                    from + one.encodedLength(column),
                    other.buffer(),
                    otherFrom,
                    otherFrom + other.encodedLength(column))) {
                return false;
            }
        }
        return true;
    }

    private void write(
            Operation operation,
            Schema schema,
            ChildTable child,
            Cells parent,
            LearnedShape.Element element,
            EventSink sink) {
        BatchWriter row = sink.begin(operation, schema);
        putKey(parent, element.at(), row);
        for (ScalarColumn column : child.columns.all()) {
            column.put(LearnedShape.Parts.get(element.values(), column.place), row);
        }
        row.endRow();
    }

    private void delete(Schema schema, Cells parent, IndexPath at, int from, int to, EventSink sink) {
        for (int index = from; index < to; index++) {
            BatchWriter row = sink.begin(Operation.DELETE, schema);
            putKey(parent, at.then(index), row);
            for (int column = key.length + at.length() + 1;
                    column < schema.columns().size();
                    column++) {
                row.putUnchanged();
            }
            row.endRow();
        }
    }

    private void putKey(Cells parent, IndexPath at, BatchWriter row) {
        for (int column : key) {
            row.putCopy(parent, column);
        }
        for (int level = 0; level < at.length(); level++) {
            row.putLong(at.at(level));
        }
    }
}
