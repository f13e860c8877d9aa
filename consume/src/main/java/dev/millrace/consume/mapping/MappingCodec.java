package dev.millrace.consume.mapping;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.mapping.TableMapping.LeftOut;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A mapping's bytes in the state store; big-endian, text as a length (2 bytes) and modified UTF-8:
 *
 * <pre>
 * 1        format version, 4
 * text ×2  source schema, source table
 * text ×2  from version 3: schema and table of the source's own object that it comes from (else the same)
 * text ×2  target schema, target table
 * 4        schema version
 * 1        1 while loading directly
 * 1        load mode's ordinal (merge in version 1, which lacks it)
 * 2        number of columns, then for each:
 *   text   source name
 *   4      source id
 *   text   target name
 *   1      type's ordinal
 *   4 ×3   length, precision, scale
 *   4      key position
 *   1      1 when dropped
 *   1+4×3  from version 3: the source's type as above (else the same)
 * 2        from version 3: number of columns that are left out, then for each:
 *   text   source name
 *   4      source id
 *   1+4×3  type as above
 * text ×2  from version 4: the destination's database and table, as it knows them (else nothing is known)
 * </pre>
 */
final class MappingCodec {
    private static final int VERSION = 4;

    private static final LoadMode[] MODES = LoadMode.values();

    private MappingCodec() {}

    static byte[] encode(TableMapping mapping) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(mapping.source().schema());
            out.writeUTF(mapping.source().name());
            out.writeUTF(mapping.object().schema());
            out.writeUTF(mapping.object().name());
            out.writeUTF(mapping.target().schema());
            out.writeUTF(mapping.target().name());
            out.writeInt(mapping.schemaVersion());
            out.writeBoolean(mapping.loadingDirectly());
            out.writeByte(mapping.mode().ordinal());
            out.writeShort(mapping.columns().size());
            for (MappedColumn column : mapping.columns()) {
                out.writeUTF(column.sourceName());
                out.writeInt(column.sourceId());
                out.writeUTF(column.targetName());
                write(out, column.type());
                out.writeInt(column.keyPosition());
                out.writeBoolean(column.dropped());
                write(out, column.sourceType());
            }
            out.writeShort(mapping.leftOut().size());
            for (LeftOut column : mapping.leftOut()) {
                out.writeUTF(column.sourceName());
                out.writeInt(column.sourceId());
                write(out, column.type());
            }
            out.writeUTF(mapping.identity().database());
            out.writeUTF(mapping.identity().table());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, DataType type) throws IOException {
        out.writeByte(type.type().ordinal());
        out.writeInt(type.length());
        out.writeInt(type.precision());
        out.writeInt(type.scale());
    }

    private static DataType readType(DataInputStream in) throws IOException {
        return new DataType(Type.of(in.readUnsignedByte()), in.readInt(), in.readInt(), in.readInt());
    }

    static TableMapping decode(String key, byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version < 1 || version > VERSION) {
                throw MillraceException.user(
                        "STATE_VERSION",
                        "The mapping of '" + key.replace('\0', '.') + "' can't be read",
                        "it was written in format " + version + ", this version knows " + VERSION,
                        "Use the Millrace version that wrote the data folder, or a newer one.");
            }
            TableName source = new TableName(in.readUTF(), in.readUTF());
            TableName object = version < 3 ? source : new TableName(in.readUTF(), in.readUTF());
            TargetName target = new TargetName(in.readUTF(), in.readUTF());
            int schemaVersion = in.readInt();
            boolean loadingDirectly = in.readBoolean();
            LoadMode mode = version == 1 ? LoadMode.MERGE : MODES[in.readUnsignedByte()];
            List<MappedColumn> columns = new ArrayList<>();
            for (int left = in.readUnsignedShort(); left > 0; left--) {
                columns.add(readColumn(in, version));
            }
            List<LeftOut> leftOut = new ArrayList<>();
            for (int left = version < 3 ? 0 : in.readUnsignedShort(); left > 0; left--) {
                leftOut.add(new LeftOut(in.readUTF(), in.readInt(), readType(in)));
            }
            Identity identity = version < 4 ? Identity.NONE : new Identity(in.readUTF(), in.readUTF());
            return new TableMapping(
                    source, object, target, schemaVersion, loadingDirectly, mode, columns, leftOut, identity);
        } catch (IOException | ArrayIndexOutOfBoundsException e) {
            throw MillraceException.resource(
                    "STATE_DAMAGED",
                    "The mapping of '" + key.replace('\0', '.') + "' can't be read",
                    "its " + bytes.length + " bytes are not whole",
                    "Restore the state store from a checkpoint.",
                    e);
        }
    }

    private static MappedColumn readColumn(DataInputStream in, int version) throws IOException {
        String sourceName = in.readUTF();
        int sourceId = in.readInt();
        String targetName = in.readUTF();
        DataType type = readType(in);
        int keyPosition = in.readInt();
        boolean dropped = in.readBoolean();
        DataType sourceType = version < 3 ? type : readType(in);
        return new MappedColumn(sourceName, sourceId, targetName, type, keyPosition, dropped, sourceType);
    }
}
