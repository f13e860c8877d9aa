package dev.millrace.consume.json;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.event.TableName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The bytes of a learned shape. Numbers are big-endian; text is a 4-byte length and UTF-8.
 *
 * <pre>
 *  1 format = 2 · text schema · text table · 4 revision
 *  4 child tables, each: text name · text JSON column · 4 place of the one whose elements it is of, -1 none
 *  4 learned columns, each: text name · text JSON column · 1 kind · 4 whole · 4 scale; then so for each child table
 *  4 JSON columns, each: text name · node; then a node for each child table
 *  node: 4 plain column's place, -1 none · 4 JSON column's place, -1 none · 4 child table's place, -1 none · 4 fields, each: text name · node
 * </pre>
 */
final class ShapeCodec {
    private static final int FORMAT = 2;

    private ShapeCodec() {}

    static byte[] write(LearnedShape shape) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            text(out, shape.table.schema());
            text(out, shape.table.name());
            out.writeInt(shape.revision);
            out.writeInt(shape.children.size());
            for (ChildTable child : shape.children) {
                text(out, child.table.name());
                text(out, child.jsonColumn);
                out.writeInt(child.outer == null ? -1 : child.outer.place);
            }
            out.writeInt(shape.columns.size());
            for (ScalarColumn column : shape.columns.all()) {
                column(out, column, shape.origins.get(column.place));
            }
            for (ChildTable child : shape.children) {
                out.writeInt(child.columns.size());
                for (ScalarColumn column : child.columns.all()) {
                    column(out, column, child.jsonColumn);
                }
            }
            out.writeInt(shape.roots.size());
            for (Map.Entry<String, Node> root : shape.roots.entrySet()) {
                text(out, root.getKey());
                node(out, root.getValue());
            }
            for (ChildTable child : shape.children) {
                node(out, child.root);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    private static void column(DataOutputStream out, ScalarColumn column, String origin) throws IOException {
        text(out, column.name);
        text(out, origin);
        out.writeByte(column.kind.ordinal());
        out.writeInt(column.whole);
        out.writeInt(column.scale);
    }

    private static void node(DataOutputStream out, Node node) throws IOException {
        out.writeInt(node.plain == null ? -1 : node.plain.place);
        out.writeInt(node.json == null ? -1 : node.json.place);
        out.writeInt(node.child == null ? -1 : node.child.place);
        out.writeInt(node.fields.size());
        for (Map.Entry<String, Node> field : node.fields.entrySet()) {
            text(out, field.getKey());
            node(out, field.getValue());
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /** @throws MillraceException RESOURCE JSON_SHAPE_MALFORMED */
    static LearnedShape read(byte[] bytes, Predicate<TableName> claimed) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != FORMAT) {
                throw new IOException("its format is unknown");
            }
            LearnedShape shape = new LearnedShape(new TableName(text(in), text(in)), claimed);
            shape.revision = in.readInt();
            int children = in.readInt();
            for (int i = 0; i < children; i++) {
                String name = text(in);
                String jsonColumn = text(in);
                int outer = in.readInt();
                shape.children.add(new ChildTable(
                        new TableName(shape.table.schema(), name),
                        jsonColumn,
                        outer < 0 ? null : shape.children.get(outer),
                        i));
            }
            columns(in, shape.columns, shape.origins);
            for (ChildTable child : shape.children) {
                columns(in, child.columns, new ArrayList<>());
            }
            int roots = in.readInt();
            for (int i = 0; i < roots; i++) {
                Node root = new Node();
                shape.roots.put(text(in), root);
                node(in, root, shape.columns, shape);
            }
            for (ChildTable child : shape.children) {
                node(in, child.root, child.columns, shape);
            }
            return shape;
        } catch (IOException | IndexOutOfBoundsException e) {
            throw MillraceException.resource(
                    "JSON_SHAPE_MALFORMED",
                    "What was learned of a table's documents can't be read",
                    e.toString(),
                    "Restore the data folder, or load everything again: millrace reload --all --pipeline NAME",
                    e);
        }
    }

    private static void columns(DataInputStream in, Columns into, List<String> origins) throws IOException {
        int count = in.readInt();
        for (int place = 0; place < count; place++) {
            String name = text(in);
            origins.add(text(in));
            ScalarColumn.Kind kind = ScalarColumn.Kind.values()[in.readByte()];
            into.add(new ScalarColumn(name, place, kind, in.readInt(), in.readInt()));
        }
    }

    private static void node(DataInputStream in, Node node, Columns columns, LearnedShape shape) throws IOException {
        int plain = in.readInt();
        int json = in.readInt();
        int child = in.readInt();
        node.plain = plain < 0 ? null : columns.all().get(plain);
        node.json = json < 0 ? null : columns.all().get(json);
        node.child = child < 0 ? null : shape.children.get(child);
        int fields = in.readInt();
        for (int i = 0; i < fields; i++) {
            node(in, node.field(text(in)), columns, shape);
        }
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a length of " + length + " reaches beyond its end");
        }
        byte[] utf8 = new byte[length];
        in.readFully(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
