package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.ObjectPattern;
import dev.millrace.config.transform.Place;
import dev.millrace.config.transform.StepDefinition;
import dev.millrace.config.transform.TransformDefinition;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * A random table, random steps that fit it, and a random history of it: once as its events, once as the rows it ends with. Whatever the steps,
 * both have to come to the same.
 */
public final class TransformTrial {
    private static final Path FILE = Path.of("trial.yaml");
    private static final int ROWS = 15;

    private final SplittableRandom random;
    private final boolean keyed;
    /** Whether events bring the whole row before. */
    private final boolean full;

    private final Schema schema;
    private final List<StepDefinition> steps;
    private final boolean selective;
    private final List<Object[]> rows = new ArrayList<>();
    private int events;

    public TransformTrial(SplittableRandom random) {
        this.random = random;
        this.keyed = random.nextInt(4) > 0;
        this.full = !keyed || random.nextBoolean();
        this.schema = schema();
        TrialSteps made = new TrialSteps(random, schema, full);
        this.steps = made.steps();
        this.selective = made.selective();
    }

    public List<TransformDefinition> transform() {
        Place place = new Place(FILE, 1, 1);
        return List.of(new TransformDefinition(
                place, List.of(ObjectPattern.of("shop.*").orElseThrow()), List.of(), steps, ""));
    }

    public Schema source() {
        return schema;
    }

    private Schema schema() {
        List<Column> columns = new ArrayList<>();
        columns.add(column("id", Type.INTEGER, keyed ? 1 : 0));
        if (random.nextBoolean()) {
            columns.add(column("area", Type.STRING, keyed ? 2 : 0));
        }
        columns.add(column("t", Type.STRING, 0));
        columns.add(column("large", Type.STRING, 0));
        for (Column each : List.of(
                column("n", Type.LONG, 0),
                new Column("d", DataType.decimal(9, 3), true, 0, "", 0),
                column("yes", Type.BOOLEAN, 0),
                column("day", Type.DATE, 0),
                column("f", Type.DOUBLE, 0))) {
            if (random.nextBoolean()) {
                columns.add(each);
            }
        }
        Collections.shuffle(columns, new Random(random.nextLong()));
        return new Schema(new TableName("shop", "item"), 1, columns);
    }

    private static Column column(String name, Type type, int keyPosition) {
        return new Column(name, DataType.of(type), keyPosition == 0, keyPosition, "", 0);
    }

    /** The history, in batches of some events. */
    public void history(Pipe pipe, int changes) {
        BatchWriter writer = new BatchWriter();
        control(writer, Operation.TRUNCATE);
        for (int i = 0; i < changes; i++) {
            change(writer);
            if (random.nextInt(7) == 0) {
                pipe.append(writer);
            }
        }
        pipe.append(writer);
    }

    /** Only the rows there are in the end. */
    public void outcome(Pipe pipe) {
        BatchWriter writer = new BatchWriter();
        control(writer, Operation.TRUNCATE);
        for (Object[] row : rows) {
            begin(writer, Operation.READ);
            put(writer, row);
            writer.endRow();
        }
        pipe.append(writer);
    }

    private void change(BatchWriter to) {
        int choice = random.nextInt(100);
        int place = rows.isEmpty() ? -1 : random.nextInt(rows.size());
        if (choice < 2) {
            rows.clear();
            control(to, Operation.TRUNCATE);
        } else if (place < 0 || rows.size() < ROWS && choice < 40) {
            insert(to);
        } else if (choice < 50) {
            Object[] row = rows.remove(place);
            begin(to, Operation.DELETE);
            put(to, full ? row : keyOnly(row));
            to.endRow();
        } else if (choice < 60 && keyed) {
            begin(to, Operation.READ);
            put(to, rows.get(place));
            to.endRow();
        } else {
            update(to, place);
        }
    }

    private void insert(BatchWriter to) {
        Object[] row = randomRow();
        if (keyed && placeOf(row) >= 0) {
            return;
        }
        rows.add(row);
        begin(to, Operation.INSERT);
        put(to, row);
        to.endRow();
    }

    private void update(BatchWriter to, int place) {
        Object[] before = rows.get(place);
        Object[] after = before.clone();
        for (int i = 0; i < after.length; i++) {
            Column column = schema.columns().get(i);
            if (random.nextInt(column.inKey() ? 6 : 2) == 0) {
                after[i] = value(column);
            }
        }
        int other = keyed ? placeOf(after) : -1;
        if (other >= 0 && other != place) {
            return;
        }
        rows.set(place, after);
        Object[] sent = after.clone();
        int large = schema.indexOf("large");
        boolean mayLack = full || !selective;
        if (mayLack && after[large] != null && after[large].equals(before[large]) && random.nextBoolean()) {
            sent[large] = TableFeed.UNCHANGED;
        }
        boolean moves = keyed && !Arrays.equals(keyOnly(before), keyOnly(after));
        begin(to, Operation.UPDATE);
        put(to, sent);
        if (full || moves) {
            to.beginBefore();
            put(to, full ? before : keyOnly(before));
        }
        to.endRow();
    }

    private int placeOf(Object[] row) {
        for (int i = 0; i < rows.size(); i++) {
            if (Arrays.equals(keyOnly(rows.get(i)), keyOnly(row))) {
                return i;
            }
        }
        return -1;
    }

    private Object[] keyOnly(Object[] row) {
        Object[] key = row.clone();
        for (int i = 0; i < key.length; i++) {
            if (!schema.columns().get(i).inKey()) {
                key[i] = TableFeed.UNCHANGED;
            }
        }
        return key;
    }

    private Object[] randomRow() {
        return schema.columns().stream().map(this::value).toArray();
    }

    private Object value(Column column) {
        if (column.nullable() && random.nextInt(6) == 0) {
            return null;
        }
        return switch (column.name()) {
            case "id" -> (long) random.nextInt(20);
            case "area" -> random.nextBoolean() ? "n" : "nn";
            case "n" -> (long) random.nextInt(-5, 6);
            case "d" -> BigDecimal.valueOf(random.nextInt(-99_999, 99_999), 3);
            case "yes" -> random.nextBoolean();
            case "day" -> (long) random.nextInt(20_000);
            case "f" -> random.nextInt(100) / 8.0;
            default -> text();
        };
    }

    private String text() {
        String[] words = {"ab", " Ab ", "é,ß", "x-1", "", "12,7", "long text of some words"};
        return words[random.nextInt(words.length)] + (random.nextBoolean() ? "" : "," + random.nextInt(9));
    }

    private void begin(BatchWriter to, Operation operation) {
        events++;
        to.beginTransaction(events, 1_700_000_000_000_000L + events, "0/" + events, 1);
        to.beginRow(operation, to.schema(schema));
    }

    private void control(BatchWriter to, Operation operation) {
        events++;
        to.beginTransaction(events, 1_700_000_000_000_000L + events, "0/" + events, 1);
        to.control(operation, to.schema(schema));
    }

    private static void put(BatchWriter writer, Object[] values) {
        for (Object value : values) {
            StepBench.put(writer, value);
        }
    }

    @Override
    public String toString() {
        return (full ? "full " : "key only ")
                + schema.columns().stream().map(Column::name).toList() + " " + steps;
    }
}
