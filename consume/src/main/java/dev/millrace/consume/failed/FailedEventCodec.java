package dev.millrace.consume.failed;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A {@link FailedEvent} as bytes, before they are sealed. Numbers are big-endian; a text is two bytes of length and modified UTF-8 ({@link
 * DataOutputStream#writeUTF}).
 *
 * <pre>
 * 1  format, 3          text table schema, text table name      1  operation      text event id
 * 1  phase, ordinal     text code, text why, text column, text remedy (not in format 1), text why without values (from format 3 on)
 * 1  status, ordinal
 * 4  attempts           8  parked at, 8 expires at, 8 next try, milliseconds from 1970 UTC
 * 8  shape of the key   1  whole table      4  keys, 8 bytes each      8  bytes
 * </pre>
 */
final class FailedEventCodec {
    private static final int FORMAT = 3;
    /** As written by versions that showed the cause with values to everybody. */
    private static final int WITH_VALUES_ONLY = 2;

    /** As written by versions that kept no remedy. */
    private static final int WITHOUT_REMEDY = 1;

    private FailedEventCodec() {}

    static byte[] encode(FailedEvent event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(event.table().schema());
            out.writeUTF(event.table().name());
            out.writeByte(event.operation().ordinal());
            out.writeUTF(event.eventId());
            out.writeByte(event.failure().phase().ordinal());
            out.writeUTF(event.failure().code());
            out.writeUTF(event.failure().why().withValues());
            out.writeUTF(event.failure().column());
            out.writeUTF(event.failure().remedy());
            out.writeUTF(event.failure().why().withoutValues());
            FailedEvent.Course course = event.course();
            out.writeByte(course.status().ordinal());
            out.writeInt(course.attempts());
            out.writeLong(course.parkedAtMillis());
            out.writeLong(course.expiresAtMillis());
            out.writeLong(course.nextTryMillis());
            out.writeLong(event.order().shape());
            out.writeBoolean(event.order().wholeTable());
            long[] keys = event.order().keys();
            out.writeInt(keys.length);
            for (long key : keys) {
                out.writeLong(key);
            }
            out.writeLong(event.bytes());
        } catch (IOException e) {
            throw new IllegalStateException("memory can't be written", e);
        }
        return bytes.toByteArray();
    }

    static FailedEvent decode(EventPlace place, byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format < WITHOUT_REMEDY || format > FORMAT) {
                throw new IOException("format " + format + " is unknown");
            }
            TableName table = new TableName(in.readUTF(), in.readUTF());
            Operation operation = Operation.of(in.readByte());
            String eventId = in.readUTF();
            Failure failure = failure(in, format);
            FailedEvent.Status status = FailedEvent.Status.values()[in.readByte()];
            FailedEvent.Course course =
                    new FailedEvent.Course(status, in.readInt(), in.readLong(), in.readLong(), in.readLong());
            long shape = in.readLong();
            boolean wholeTable = in.readBoolean();
            long[] keys = new long[in.readInt()];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = in.readLong();
            }
            FailedEvent.Order order = new FailedEvent.Order(shape, keys, wholeTable);
            return new FailedEvent(place, table, operation, eventId, failure, course, order, in.readLong());
        } catch (IOException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw MillraceException.resource(
                    "FAILED_EVENT_DAMAGED",
                    "The failed event " + place + " can't be read",
                    e.toString(),
                    "Run the version that wrote it, or skip it: millrace failed skip " + place,
                    e);
        }
    }

    private static Failure failure(DataInputStream in, int format) throws IOException {
        Failure.Phase phase = Failure.Phase.values()[in.readByte()];
        String code = in.readUTF();
        String why = in.readUTF();
        String column = in.readUTF();
        String remedy = format == WITHOUT_REMEDY ? "" : in.readUTF();
        String shown = format > WITH_VALUES_ONLY
                ? in.readUTF()
                : phase == Failure.Phase.LOAD && !code.equals(Failure.BEHIND) ? Reason.HIDDEN : why;
        return new Failure(phase, code, new Reason(why, shown), column, remedy);
    }
}
