package dev.millrace.consume.transform.scripts;

import dev.millrace.consume.script.CellValues;
import dev.millrace.consume.script.ScriptFailure;
import dev.millrace.consume.script.ScriptResult;
import dev.millrace.consume.script.ScriptResult.Kept;
import dev.millrace.consume.script.ScriptResult.Made;
import dev.millrace.consume.script.Values;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes what a script gave back: finds the shape it needs, and puts cell after cell. Confined to one thread. */
final class RowWriter {
    private final Shapes shapes;
    private final Schema input;

    RowWriter(Shapes shapes, Schema input) {
        this.shapes = shapes;
        this.input = input;
    }

    /** The shape with room for the row. */
    Shape shape(ScriptResult row, Values values) {
        Shape known = shapes.of(row.table());
        Map<String, DataType> missing = new LinkedHashMap<>();
        row.cells().forEach((name, cell) -> {
            DataType now = known == null ? null : known.typeOf(name);
            DataType wanted = wanted(name, cell, now, values);
            if (wanted != null) {
                missing.put(name, wanted);
            }
        });
        Shape shape = known != null && missing.isEmpty() ? known : shapes.include(row.table(), row.key(), missing);
        if (shape == null) {
            throw failure(
                    "",
                    "table '" + row.table() + "' would get too many columns, or changes too often",
                    "Let the script give back the same columns for every event.");
        }
        if (!row.key().equals(Shapes.keyOf(shape.schema()))) {
            List<String> itsKey = Shapes.keyOf(shape.schema());
            throw ScriptFailure.withValues(
                    "SCRIPT_RESULT",
                    0,
                    "its key is " + row.key() + ", but the key of '" + row.table() + "' is " + itsKey,
                    "its key is another than that of '" + row.table() + "', which is " + itsKey,
                    "Let the script give all events of a table one key, made of columns that are there.");
        }
        return shape;
    }

    /** The type the shape must be widened by; null where it has room. */
    private DataType wanted(String name, ScriptResult.Cell cell, DataType now, Values values) {
        if (cell instanceof Kept kept) {
            DataType own = input.columns().get(kept.column()).dataType();
            return own.equals(now)
                            || now != null && TypeJoin.of(now, own, false).equals(now)
                    ? null
                    : own;
        }
        Object js = ((Made) cell).js();
        DataType source = sourceType(name);
        if (now == null && source != null && values.fits(source, js)) {
            return source;
        }
        DataType said = values.typeOf(name, js).orElse(null);
        // so that a column of the script's own can still become DOUBLE without changing what it has
        boolean beyondDouble =
                now != null && now.type() == Type.LONG && source == null && said != null && said.type() == Type.DECIMAL;
        if (now != null && !beyondDouble && (isText(now) || values.fits(now, js))) {
            return null;
        }
        return said == null || now != null || source == null ? said : TypeJoin.of(source, said, false);
    }

    private static boolean isText(DataType type) {
        return switch (type.type()) {
            case CHAR, STRING, FILE_REF -> type.length() == 0;
            default -> false;
        };
    }

    private DataType sourceType(String name) {
        int column = input.indexOf(name);
        return column < 0 ? null : input.columns().get(column).dataType();
    }

    /** Puts the row's cells in the order of the schema. */
    void put(BatchWriter out, Schema schema, ScriptResult row, Cells event, Values values) {
        boolean keyOnly = row.operation() == Operation.DELETE && schema.keyed();
        for (Column column : schema.columns()) {
            ScriptResult.Cell cell = row.cells().get(column.name());
            if (keyOnly && !column.inKey()) {
                out.putUnchanged();
            } else if (cell == null) {
                absent(out, column, row.operation(), event);
            } else if (cell instanceof Kept kept) {
                kept(out, column, kept.column(), event, values);
            } else {
                made(out, column, ((Made) cell).js(), values);
            }
        }
    }

    private void absent(BatchWriter out, Column column, Operation operation, Cells event) {
        int own = input.indexOf(column.name());
        boolean unknown = operation == Operation.UPDATE && own >= 0 && event.isUnchanged(own);
        if (unknown || operation == Operation.DELETE) {
            out.putUnchanged();
        } else {
            out.putNull();
        }
    }

    private void kept(BatchWriter out, Column column, int own, Cells event, Values values) {
        Column source = input.columns().get(own);
        if (event.isUnchanged(own)) {
            out.putUnchanged();
        } else if (event.isNull(own)) {
            out.putNull();
        } else if (source.type() == column.type()) {
            out.putCopy(event, own);
        } else {
            made(out, column, values.js(source.type(), CellValues.read(event, own)), values);
        }
    }

    /** The row before as the event has it: what the script kept has kept its place there too. */
    void putBefore(BatchWriter out, Schema schema, Cells before, Values values) {
        for (Column column : schema.columns()) {
            int own = input.indexOf(column.name());
            if (own < 0) {
                out.putUnchanged();
            } else {
                kept(out, column, own, before, values);
            }
        }
    }

    private static void made(BatchWriter out, Column column, Object js, Values values) {
        Object value = values.as(column.dataType(), js);
        if (value == null && column.inKey()) {
            throw failure(column.name(), "the key's column '" + column.name() + "' is NULL", "Give it a value.");
        }
        CellValues.write(out, column.type(), value);
    }

    private static ScriptFailure failure(String column, String why, String remedy) {
        return new ScriptFailure("SCRIPT_RESULT", column, 0, why, remedy);
    }

    /** What has become of a row's key. */
    enum Key {
        /** It is the source's. */
        SOURCE,
        /** The script has made it. */
        MADE,
        /** It is, or begins with, a column of the source that is not in the source's key. */
        OTHER
    }

    Key key(ScriptResult row, Cells event, Values values) {
        Key key = Key.SOURCE;
        for (String name : row.key()) {
            int own = input.indexOf(name);
            ScriptResult.Cell cell = row.cells().get(name);
            if (cell instanceof Kept kept && !input.columns().get(kept.column()).inKey()) {
                return Key.OTHER;
            }
            boolean same = cell instanceof Kept
                    || own >= 0 && cell instanceof Made made && isValue(own, made.js(), event, values);
            key = same ? key : Key.MADE;
        }
        return key;
    }

    private boolean isValue(int column, Object js, Cells event, Values values) {
        DataType type = input.columns().get(column).dataType();
        return input.columns().get(column).inKey()
                && !event.isUnchanged(column)
                && values.fits(type, js)
                && Objects.equals(values.as(type, js), CellValues.read(event, column));
    }

    /**
     * What the row is known by at its destination, for comparison: its table and its key's values as its shape, which has to be there, holds
     * them; null where it has no key.
     */
    Object keyOf(ScriptResult row, Cells event, Values values) {
        if (row.key().isEmpty()) {
            return null;
        }
        Schema schema = shapes.of(row.table()).schema();
        List<Object> key = new ArrayList<>();
        key.add(row.table());
        for (int place : schema.keyColumns()) {
            Column column = schema.columns().get(place);
            ScriptResult.Cell cell = row.cells().get(column.name());
            Object value = null;
            if (cell instanceof Made made) {
                value = values.as(column.dataType(), made.js());
            } else if (cell instanceof Kept kept && !event.isUnchanged(kept.column())) {
                Type own = input.columns().get(kept.column()).type();
                Object held = CellValues.read(event, kept.column());
                value = own == column.type() ? held : values.as(column.dataType(), values.js(own, held));
            }
            key.add(comparable(value));
        }
        return key;
    }

    /** Values that are equal wherever they are keys. */
    private static Object comparable(Object value) {
        if (value instanceof BigDecimal decimal) {
            return decimal.stripTrailingZeros();
        }
        if (value instanceof OffsetDateTime time) {
            return time.toInstant();
        }
        return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
    }

    /** Whether the script left the key's columns, and the table, as they were. */
    boolean keepsKey(List<ScriptResult> rows) {
        if (rows.size() != 1 || !rows.get(0).table().equals(shapes.firstTable())) {
            return false;
        }
        return rows.get(0).key().stream()
                .allMatch(name -> rows.get(0).cells().get(name) instanceof Kept kept
                        && input.columns().get(kept.column()).inKey());
    }
}
