package dev.millrace.consume.failed;

import dev.millrace.storage.event.TableName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A replay that is about to be committed: all that is to be done here once the destination has it.
 *
 * @param places of the events that it loads
 * @param marks what these mean for the other parked events
 */
record ReplayNote(long number, List<EventPlace> places, List<Held.Mark> marks) {
    /** 8 bytes number, 4 bytes count and 8 bytes for each event, then for each mark from, to, whether a load began, schema and table. */
    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeLong(number);
            out.writeInt(places.size());
            for (EventPlace place : places) {
                out.writeLong(place.packed());
            }
            for (Held.Mark mark : marks) {
                out.writeLong(mark.from());
                out.writeLong(mark.to());
                out.writeBoolean(mark.loadStarted());
                out.writeUTF(mark.table().schema());
                out.writeUTF(mark.table().name());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory doesn't fail
        }
        return bytes.toByteArray();
    }

    static ReplayNote decode(byte[] value) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(value));
        try {
            long number = in.readLong();
            List<EventPlace> places = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                places.add(EventPlace.of(in.readLong()));
            }
            List<Held.Mark> marks = new ArrayList<>();
            while (in.available() > 0) {
                long from = in.readLong();
                long to = in.readLong();
                boolean loadStarted = in.readBoolean();
                marks.add(new Held.Mark(new TableName(in.readUTF(), in.readUTF()), from, to, loadStarted));
            }
            return new ReplayNote(number, places, marks);
        } catch (IOException e) {
            throw new UncheckedIOException("a replay's note is cut off", e);
        }
    }
}
