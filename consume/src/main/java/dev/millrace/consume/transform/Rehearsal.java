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
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Runs a transformation on events and shows each one before and after every phase; nothing is applied, kept or counted. Confined to one thread.
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
     * What a phase made of an event.
     *
     * @param rows none where it was dropped, or where it failed
     */
    public record Step(String phase, List<Row> rows, Optional<Refusal> refusal) {}

    /** Why an event can't pass a phase. */
    public record Refusal(String code, String column, String why, String remedy) {}

    /** @param steps up to the first one that refuses the event, or makes nothing of it */
    public record Outcome(String eventId, long logIndex, Row input, List<Step> steps) {}

    private final Transformation transformation;
    private final Transformer transformer;
    private Refusal refused;

    public Rehearsal(Transformation transformation) {
        this.transformation = transformation;
        this.transformer = transformation.open((event, phase, failure) ->
                refused = new Refusal(failure.code(), failure.column(), failure.why(), failure.remedy()));
    }

    /**
     * Runs the batch's rows of the wanted tables, each by itself, as many as asked for.
     *
     * @throws MillraceException USER when a phase has nothing it can do with such rows at all
     */
    public List<Outcome> run(StoredBatch batch, Predicate<Schema> wanted, int most) {
        List<Outcome> outcomes = new ArrayList<>();
        BatchReader reader = new BatchReader();
        reader.open(batch);
        EventSink alone = new EventSink();
        while (outcomes.size() < most && reader.next()) {
            if (reader.operation().hasCells() && wanted.test(reader.schema())) {
                alone.beginBatch();
                alone.beginEvent(reader);
                alone.pass();
                outcomes.add(run(alone.writer().finishDerived(batch)));
            }
        }
        return outcomes;
    }

    private Outcome run(StoredBatch event) {
        BatchReader reader = new BatchReader();
        reader.open(event);
        reader.next();
        String id = reader.position() + ":" + reader.ordinal();
        Row input = row(reader);
        List<Step> steps = new ArrayList<>();
        StoredBatch current = event;
        for (int phase = 0; phase < transformation.phases().size(); phase++) {
            refused = null;
            StoredBatch next = transformer.apply(phase, current);
            if (next != current || refused != null) {
                steps.add(
                        new Step(transformation.phases().get(phase).name(), rows(next), Optional.ofNullable(refused)));
            }
            if (refused != null || next.header().eventCount() == 0) {
                break;
            }
            current = next;
        }
        return new Outcome(id, event.logIndex(), input, steps);
    }

    private static List<Row> rows(StoredBatch batch) {
        List<Row> rows = new ArrayList<>();
        BatchReader reader = new BatchReader();
        reader.open(batch);
        while (reader.next()) {
            rows.add(row(reader));
        }
        return rows;
    }

    private static Row row(BatchReader reader) {
        return new Row(
                reader.schema().table().toString(),
                reader.operation().name(),
                values(reader.values()),
                reader.hasBefore() ? values(reader.before()) : Map.of());
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
