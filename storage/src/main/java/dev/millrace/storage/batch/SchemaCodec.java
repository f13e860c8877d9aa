package dev.millrace.storage.batch;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;

/** Schemas in a body's dictionary, drawn in {@link BatchFormat}. */
final class SchemaCodec {
    private static final int MIN_COLUMN_BYTES = 9;
    private static final int MIN_SCHEMA_BYTES = 4;
    private static final int TYPES = Type.values().length;

    private SchemaCodec() {}

    static void write(Schema schema, Bytes out) {
        out.putText(schema.table().schema());
        out.putText(schema.table().name());
        out.putVarint(schema.version());
        out.putVarint(schema.columns().size());
        for (Column column : schema.columns()) {
            out.putText(column.name());
            out.putByte(column.type().ordinal());
            out.putVarint(column.dataType().length());
            out.putVarint(column.dataType().precision());
            out.putZigzag(column.dataType().scale());
            out.putByte(column.nullable() ? 1 : 0);
            out.putVarint(column.keyPosition());
            out.putText(column.sourceType());
            out.putZigzag(column.sourceId());
        }
    }

    static RowShape[] readAll(ByteCursor in) {
        RowShape[] shapes = new RowShape[in.readCount(MIN_SCHEMA_BYTES)];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = new RowShape(read(in));
        }
        if (in.remaining() != 0) {
            throw BatchFormat.malformed(in.remaining() + " bytes follow the last schema");
        }
        return shapes;
    }

    private static Schema read(ByteCursor in) {
        TableName table = new TableName(in.readText(), in.readText());
        int version = in.readVarint();
        int count = in.readCount(MIN_COLUMN_BYTES);
        if (count == 0) {
            throw BatchFormat.malformed("the schema of " + table + " has no columns");
        }
        List<Column> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String name = in.readText();
            int type = in.readByte();
            if (type >= TYPES) {
                throw BatchFormat.malformed("column " + name + " of " + table + " has the unknown type " + type);
            }
            DataType dataType = new DataType(Type.of(type), in.readVarint(), in.readVarint(), in.readZigzag());
            boolean nullable = (in.readByte() & 1) != 0;
            int keyPosition = in.readVarint();
            columns.add(new Column(name, dataType, nullable, keyPosition, in.readText(), in.readZigzag()));
        }
        try {
            return new Schema(table, version, columns);
        } catch (IllegalArgumentException e) {
            throw BatchFormat.malformed(e.getMessage());
        }
    }
}
