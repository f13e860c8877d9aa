package dev.millrace.storage.state;

import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A schema as bytes. Numbers are big-endian; a text is its length in bytes (4) and UTF-8.
 *
 * <pre>
 * 1 byte   format, 1
 * text     the table's schema
 * text     the table's name
 * 4 bytes  version
 * 4 bytes  number of columns, then for each:
 *   text     name
 *   1 byte   type, its ordinal
 *   4 bytes  length
 *   4 bytes  precision
 *   4 bytes  scale
 *   1 byte   1 nullable, 0 not
 *   4 bytes  place in the key, 0 none
 *   text     the source's type
 *   4 bytes  the source's number of the column
 * </pre>
 */
final class SchemaFormat {
    private static final byte FORMAT = 1;

    private SchemaFormat() {}

    static byte[] write(Schema schema) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            text(out, schema.table().schema());
            text(out, schema.table().name());
            out.writeInt(schema.version());
            out.writeInt(schema.columns().size());
            for (Column column : schema.columns()) {
                text(out, column.name());
                out.writeByte(column.type().ordinal());
                out.writeInt(column.dataType().length());
                out.writeInt(column.dataType().precision());
                out.writeInt(column.dataType().scale());
                out.writeByte(column.nullable() ? 1 : 0);
                out.writeInt(column.keyPosition());
                text(out, column.sourceType());
                out.writeInt(column.sourceId());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    static Schema read(byte[] value) {
        return StateFormat.read(value, FORMAT, "schema", SchemaFormat::readSchema);
    }

    private static Schema readSchema(ByteBuffer in) {
        TableName table = new TableName(StateFormat.readText(in), StateFormat.readText(in));
        int version = in.getInt();
        int count = in.getInt();
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = StateFormat.readText(in);
            Type type = Type.of(in.get());
            DataType dataType = new DataType(type, in.getInt(), in.getInt(), in.getInt());
            boolean nullable = in.get() != 0;
            int keyPosition = in.getInt();
            columns.add(new Column(name, dataType, nullable, keyPosition, StateFormat.readText(in), in.getInt()));
        }
        return new Schema(table, version, columns);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
