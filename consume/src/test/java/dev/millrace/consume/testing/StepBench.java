package dev.millrace.consume.testing;

import dev.millrace.config.load.ConfigLoader;
import dev.millrace.config.pipeline.PipelineDefinition;
import dev.millrace.consume.transform.EventFailure;
import dev.millrace.consume.transform.Phases;
import dev.millrace.consume.transform.Transformer;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Steps as YAML, put to rows by hand. */
public final class StepBench {
    public static final Object UNCHANGED = TableFeed.UNCHANGED;

    private final PipelineDefinition definition;
    private final Schema schema;
    private final BatchWriter writer = new BatchWriter();
    private final List<EventFailure> failures = new ArrayList<>();

    /** @param steps the value of {@code steps}, indented by six */
    public StepBench(Path folder, String steps, Column... columns) throws IOException {
        this.definition = load(folder, "transform:\n  - objects: [\"*.*\"]\n    steps:\n" + steps.indent(6));
        this.schema = new Schema(new TableName("public", "orders"), 1, List.of(columns));
        writer.beginTransaction(7, 1_700_000_000_123_456L, "0/7", 0);
    }

    /** A pipeline with this text behind its ends. */
    public static PipelineDefinition load(Path folder, String text) throws IOException {
        Path file = folder.resolve("shop.yaml");
        Files.writeString(file, "source: {type: none}\ndestination: {type: none}\n" + text);
        return new ConfigLoader(
                        Map.of("none", List.of()),
                        Map.of("none", List.of()),
                        Map.of("SALT", "a salt that is long enough")::get)
                .loadPipeline(file)
                .orThrow();
    }

    public static Column key(String name, Type type) {
        return new Column(name, DataType.of(type), false, 1, "", 0);
    }

    public static Column column(String name, Type type) {
        return new Column(name, DataType.of(type), true, 0, "", 0);
    }

    public static Column decimal(String name, int precision, int scale) {
        return new Column(name, DataType.decimal(precision, scale), true, 0, "", 0);
    }

    public StepBench row(Operation operation, Object... values) {
        return change(operation, null, values);
    }

    /** @param before null for none */
    public StepBench change(Operation operation, Object[] before, Object... values) {
        writer.beginRow(operation, writer.schema(schema));
        put(writer, values);
        if (before != null) {
            writer.beginBefore();
            put(writer, before);
        }
        writer.endRow();
        return this;
    }

    private static void put(BatchWriter writer, Object[] values) {
        for (Object value : values) {
            put(writer, value);
        }
    }

    /** Puts a cell: text, whole numbers, Double, BigDecimal, Boolean, Special, a moment, null, {@link #UNCHANGED}. */
    public static void put(BatchWriter writer, Object value) {
        if (value == null) {
            writer.putNull();
        } else if (value == UNCHANGED) {
            writer.putUnchanged();
        } else if (value instanceof Boolean flag) {
            writer.putBoolean(flag);
        } else if (value instanceof Double number) {
            writer.putDouble(number);
        } else if (value instanceof BigDecimal decimal) {
            writer.putDecimal(decimal);
        } else if (value instanceof Special special) {
            writer.putSpecial(special);
        } else if (value instanceof TableFeed.Moment moment) {
            writer.putDateTime(moment.epochSecond(), moment.nano());
        } else if (value instanceof Number number) {
            writer.putLong(number.longValue());
        } else {
            writer.putString(value.toString());
        }
    }

    /** What comes of the rows so far, each as "OPERATION table name=value … [before name=value …]". */
    public List<String> run() {
        StoredBatch batch =
                writer.finish(1_700_000_001_000L, false, true, OffsetDelta.NONE).stored(5);
        Transformer transformer = Phases.of(definition).open((source, event, phase, failure) -> failures.add(failure));
        BatchReader reader = transformer.open(batch);
        List<String> rows = new ArrayList<>();
        while (reader.next()) {
            StringBuilder text =
                    new StringBuilder(reader.operation() + " " + reader.schema().table());
            show(reader.values(), text);
            if (reader.hasBefore()) {
                text.append(" before");
                show(reader.before(), text);
            }
            rows.add(text.toString());
        }
        return rows;
    }

    /** The one row's values by name, as {@link #run} shows them. */
    public String one() {
        List<String> rows = run();
        if (rows.size() != 1) {
            throw new IllegalStateException(rows + " " + failures);
        }
        return rows.get(0).substring(rows.get(0).indexOf(' ', rows.get(0).indexOf(' ') + 1) + 1);
    }

    /** Why rows were refused, each as "CODE column: why". */
    public List<String> failures() {
        return failures.stream()
                .map(each -> each.code() + " " + each.column() + ": " + each.why())
                .toList();
    }

    private static void show(Cells cells, StringBuilder text) {
        List<Column> columns = cells.schema().columns();
        for (int i = 0; i < columns.size(); i++) {
            text.append(' ')
                    .append(columns.get(i).name())
                    .append('=')
                    .append(show(cells, i, columns.get(i).type()));
        }
    }

    private static String show(Cells cells, int column, Type type) {
        if (cells.isNull(column)) {
            return "null";
        }
        if (cells.isUnchanged(column)) {
            return "~";
        }
        Special special = cells.specialAt(column);
        if (special != null) {
            return special.toString();
        }
        return switch (type) {
            case BOOLEAN -> String.valueOf(cells.booleanAt(column));
            case BYTE, SHORT, INTEGER, LONG, TIME -> Long.toString(cells.longAt(column));
            case DATE -> java.time.LocalDate.ofEpochDay(cells.longAt(column)).toString();
            case FLOAT, DOUBLE -> Double.toString(cells.doubleAt(column));
            case DECIMAL -> cells.decimalAt(column).toPlainString();
            case DATETIME -> cells.epochSecondAt(column) + "s" + cells.nanoAt(column);
            case ZONED_DATETIME ->
                cells.epochSecondAt(column) + "s" + cells.nanoAt(column) + "+" + cells.offsetSecondsAt(column);
            default -> cells.stringAt(column);
        };
    }
}
