package dev.millrace.consume.transform;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.script.CellValues;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Runs a transformation on events and shows each one before and after every phase; nothing is applied, kept or counted where the
 * transformation is one for trials ({@link Phases#trial}). Confined to one thread.
 */
public final class Rehearsal {
    /**
     * A row as it is shown.
     *
     * @param values by column: a boolean, number or text, null for NULL; what is UNCHANGED is left out
     * @param before the row before, as far as it is known; empty where the event has none
     */
    public record Row(String table, String operation, Map<String, Object> values, Map<String, Object> before) {}

    /**
     * What a phase changed of a row.
     *
     * @param of the row it was made of, by its place among those that came into the phase, from 0
     * @param fresh whether it is a further row, of another table than that one: compared with nothing
     * @param added columns that only the new row has; of a fresh one all
     * @param changed columns whose values differ
     * @param removed columns that only the old row has
     */
    public record Difference(int of, boolean fresh, List<String> added, List<String> changed, List<String> removed) {}

    /**
     * What a phase made of an event.
     *
     * @param rows none where it was dropped, or where it failed
     * @param differences one for each row, in the same order
     */
    public record Step(String phase, List<Row> rows, List<Difference> differences, Optional<Refusal> refusal) {}

    /** Why an event can't pass a phase. */
    public record Refusal(String code, String column, String why, String remedy) {}

    /** @param steps of the phases that have to do with the event, up to the first one that refuses it, or makes nothing of it */
    public record Outcome(String eventId, long logIndex, Row input, List<Step> steps) {}

    private final Transformation transformation;
    private final Transformer transformer;
    private Refusal refused;

    public Rehearsal(Transformation transformation) {
        this.transformation = transformation;
        this.transformer = transformation.open((source, event, phase, failure) ->
                refused = new Refusal(failure.code(), failure.column(), failure.why(), failure.remedy()));
    }

    /**
     * Runs the batch's rows of the wanted tables, each by itself, as many as asked for.
     *
     * @throws MillraceException USER when a phase has nothing it can do with such rows at all
     */
    public List<Outcome> run(StoredBatch batch, Predicate<Schema> wanted, int most) {
        List<Outcome> outcomes = new ArrayList<>();
        BatchReader reader = opening(batch);
        EventSink alone = new EventSink();
        while (outcomes.size() < most && reader.next()) {
            if (reader.operation().hasCells() && wanted.test(reader.schema())) {
                outcomes.add(run(single(reader, alone, batch)));
            }
        }
        return outcomes;
    }

    /** Runs a batch that is one event, of any operation. */
    public Outcome run(StoredBatch event) {
        BatchReader reader = opened(event);
        Row input = row(reader);
        List<Step> steps = new ArrayList<>();
        List<StoredBatch> current = List.of(event);
        for (int phase = 0; phase < transformation.phases().size() && !current.isEmpty(); phase++) {
            current = step(phase, current, steps);
        }
        return new Outcome(reader.position() + ":" + reader.ordinal(), event.logIndex(), input, steps);
    }

    /** What goes on to the next phase: nothing where the event was refused. */
    private List<StoredBatch> step(int phase, List<StoredBatch> events, List<Step> steps) {
        List<StoredBatch> made = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        List<Difference> differences = new ArrayList<>();
        boolean touched = false;
        refused = null;
        for (int of = 0; of < events.size() && refused == null; of++) {
            StoredBatch before = events.get(of);
            StoredBatch after = transformer.apply(phase, before);
            touched |= after != before;
            Row old = row(opened(before));
            boolean first = true;
            for (StoredBatch single : after == before ? List.of(before) : singly(after)) {
                Row row = row(opened(single));
                made.add(single);
                rows.add(row);
                differences.add(difference(of, old, row, first));
                first = false;
            }
        }
        String name = transformation.phases().get(phase).name();
        if (refused != null) {
            steps.add(new Step(name, List.of(), List.of(), Optional.of(refused)));
            return List.of();
        }
        if (touched) {
            steps.add(new Step(name, rows, differences, Optional.empty()));
        }
        return made;
    }

    private static Difference difference(int of, Row old, Row row, boolean first) {
        boolean fresh = !first && !row.table().equals(old.table());
        List<String> added = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        row.values().forEach((column, value) -> {
            if (fresh || !old.values().containsKey(column)) {
                added.add(column);
            } else if (!Objects.equals(old.values().get(column), value)) {
                changed.add(column);
            }
        });
        List<String> removed = fresh
                ? List.of()
                : old.values().keySet().stream()
                        .filter(column -> !row.values().containsKey(column))
                        .toList();
        return new Difference(of, fresh, added, changed, removed);
    }

    /** Each event as a batch of its own. */
    private static List<StoredBatch> singly(StoredBatch batch) {
        List<StoredBatch> events = new ArrayList<>();
        BatchReader reader = opening(batch);
        EventSink alone = new EventSink();
        while (reader.next()) {
            events.add(single(reader, alone, batch));
        }
        return events;
    }

    private static StoredBatch single(BatchReader reader, EventSink alone, StoredBatch batch) {
        alone.beginBatch();
        alone.beginEvent(reader);
        alone.pass();
        return alone.finish(batch);
    }

    private static BatchReader opening(StoredBatch batch) {
        BatchReader reader = new BatchReader();
        reader.open(batch);
        return reader;
    }

    /** At the batch's first event. */
    private static BatchReader opened(StoredBatch event) {
        BatchReader reader = opening(event);
        reader.next();
        return reader;
    }

    private static Row row(BatchReader reader) {
        boolean cells = reader.operation().hasCells();
        return new Row(
                reader.schema().table().toString(),
                reader.operation().name(),
                cells ? values(reader.values()) : Map.of(),
                cells && reader.hasBefore() ? values(reader.before()) : Map.of());
    }

    private static Map<String, Object> values(Cells cells) {
        Map<String, Object> values = new LinkedHashMap<>();
        List<Column> columns = cells.schema().columns();
        for (int i = 0; i < columns.size(); i++) {
            if (!cells.isUnchanged(i)) {
                values.put(columns.get(i).name(), CellValues.shown(CellValues.read(cells, i)));
            }
        }
        return values;
    }
}
