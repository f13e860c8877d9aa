package dev.millrace.consume.mapping;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.TargetName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A choice's bytes in the state store; big-endian, text as a length (2 bytes) and modified UTF-8:
 *
 * <pre>
 * 1        format version, 1
 * 1        bits: 1 skipped, 2 approved, 4 with a table of its own
 * 1        load's ordinal
 * text ×2  the table's schema and name, only where it has one
 * 2        number of accepted proposals, then their keys as text
 * 2        number of rejected ones, then their keys
 * </pre>
 */
final class MappingChoiceCodec {
    private static final int VERSION = 1;
    private static final int SKIPPED = 1;
    private static final int APPROVED = 2;
    private static final int TO = 4;
    private static final MappingChoice.Load[] LOADS = MappingChoice.Load.values();

    private MappingChoiceCodec() {}

    static byte[] encode(MappingChoice choice) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeByte((choice.skipped() ? SKIPPED : 0)
                    | (choice.approved() ? APPROVED : 0)
                    | (choice.to().isPresent() ? TO : 0));
            out.writeByte(choice.load().ordinal());
            if (choice.to().isPresent()) {
                out.writeUTF(choice.to().get().schema());
                out.writeUTF(choice.to().get().name());
            }
            write(out, choice.accepted());
            write(out, choice.rejected());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Set<String> keys) throws IOException {
        out.writeShort(keys.size());
        for (String key : new TreeSet<>(keys)) {
            out.writeUTF(key);
        }
    }

    static MappingChoice decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw MillraceException.user(
                        "STATE_VERSION",
                        "A choice about an object's mapping can't be read",
                        "it was written in format " + version + ", this version knows " + VERSION,
                        "Use the Millrace version that wrote the data folder, or a newer one.");
            }
            int bits = in.readUnsignedByte();
            MappingChoice.Load load = LOADS[in.readUnsignedByte()];
            Optional<TargetName> to = Optional.empty();
            if ((bits & TO) != 0) {
                to = Optional.of(new TargetName(in.readUTF(), in.readUTF()));
            }
            return new MappingChoice(
                    (bits & SKIPPED) != 0, (bits & APPROVED) != 0, to, readKeys(in), readKeys(in), load);
        } catch (IOException | ArrayIndexOutOfBoundsException e) {
            throw MillraceException.resource(
                    "STATE_DAMAGED",
                    "A choice about an object's mapping can't be read",
                    "its " + bytes.length + " bytes are not whole",
                    "Restore the state store from a checkpoint.",
                    e);
        }
    }

    private static Set<String> readKeys(DataInputStream in) throws IOException {
        Set<String> keys = new HashSet<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            keys.add(in.readUTF());
        }
        return keys;
    }
}
