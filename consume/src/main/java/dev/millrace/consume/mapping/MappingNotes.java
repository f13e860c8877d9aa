package dev.millrace.consume.mapping;

import dev.millrace.storage.event.TableName;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the consumer has found out about tables that a user should know: proposals, and why nothing of a table is loaded. It is found again
 * whenever a table is looked at, and kept in the state store only so that it can be shown meanwhile. The consumer's thread writes; any
 * reads.
 *
 * <pre>
 * 1        format version, 1
 * text ×3  code, why, remedy: empty while the table is loaded
 * 2        number of proposals, then for each: kind's ordinal (1), text ×2 column, to
 * </pre>
 */
public final class MappingNotes {
    private static final int VERSION = 1;
    private static final int MAX_TABLES = 1_000_000;
    private static final Proposal.Kind[] KINDS = Proposal.Kind.values();

    /**
     * @param code why its events are parked, as of the error that says so; empty while they are loaded
     * @param proposals open ones and rejected ones
     */
    public record Note(String code, String why, String remedy, List<Proposal> proposals) {
        /** All is well. */
        public static final Note NONE = new Note("", "", "", List.of());

        public Note {
            Objects.requireNonNull(code);
            Objects.requireNonNull(why);
            Objects.requireNonNull(remedy);
            proposals = List.copyOf(proposals);
        }

        /** Loaded, with these proposals. */
        public static Note of(List<Proposal> proposals) {
            return proposals.isEmpty() ? NONE : new Note("", "", "", proposals);
        }

        /** Whether the table's events are parked. */
        public boolean refused() {
            return !code.isEmpty();
        }
    }

    private final StateStore state;
    private final String prefix;
    /** As they are stored. */
    private final Map<TableName, Note> notes = new HashMap<>();

    public MappingNotes(String pipeline, StateStore state) {
        this.state = state;
        this.prefix = "?" + pipeline + "/"; // no pipeline's name begins like that
        notes.putAll(stored());
    }

    /** As they are stored now. */
    public Map<TableName, Note> stored() {
        Map<TableName, Note> found = new HashMap<>();
        for (Map.Entry<String, byte[]> entry : state.list(StateStore.Kind.MAPPING, prefix, MAX_TABLES)) {
            String name = entry.getKey().substring(prefix.length());
            int end = name.indexOf('\0');
            decode(entry.getValue())
                    .ifPresent(note -> found.put(new TableName(name.substring(0, end), name.substring(end + 1)), note));
        }
        return found;
    }

    /** Survives a killed process; written only where it changes something. */
    public void put(TableName table, Note note) {
        if (note.equals(notes.getOrDefault(table, Note.NONE))) {
            return;
        }
        StateChanges changes = new StateChanges();
        String key = prefix + table.schema() + "\0" + table.name();
        if (note.equals(Note.NONE)) {
            changes.delete(StateStore.Kind.MAPPING, key);
        } else {
            changes.put(StateStore.Kind.MAPPING, key, encode(note));
        }
        state.write(changes, false);
        notes.put(table, note);
    }

    private static byte[] encode(Note note) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(note.code());
            out.writeUTF(note.why());
            out.writeUTF(note.remedy());
            out.writeShort(note.proposals().size());
            for (Proposal proposal : note.proposals()) {
                out.writeByte(proposal.kind().ordinal());
                out.writeUTF(proposal.column());
                out.writeUTF(proposal.to());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Empty for a note of another version: it is only shown, and found out again. */
    private static Optional<Note> decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readUnsignedByte() != VERSION) {
                return Optional.empty();
            }
            String code = in.readUTF();
            String why = in.readUTF();
            String remedy = in.readUTF();
            List<Proposal> proposals = new ArrayList<>();
            for (int left = in.readUnsignedShort(); left > 0; left--) {
                proposals.add(new Proposal(KINDS[in.readUnsignedByte()], in.readUTF(), in.readUTF()));
            }
            return Optional.of(new Note(code, why, remedy, proposals));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
