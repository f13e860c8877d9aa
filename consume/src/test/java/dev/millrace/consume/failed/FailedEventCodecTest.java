package dev.millrace.consume.failed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.error.MillraceException;
import dev.millrace.consume.destination.Reason;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailedEventCodecTest {
    private static final EventPlace PLACE = new EventPlace(7, 3);

    private static FailedEvent event(String remedy) {
        Reason why = Reason.plain("transform 1: the value is not a date");
        return event(new Failure(Failure.Phase.TRANSFORM, "TRANSFORM_VALUE_UNFIT", why, "born", remedy));
    }

    private static FailedEvent event(Failure failure) {
        return new FailedEvent(
                PLACE,
                new TableName("public", "film"),
                Operation.UPDATE,
                "0/7:3",
                failure,
                new FailedEvent.Course(FailedEvent.Status.PARKED, 2, 5, 6, 0),
                new FailedEvent.Order(9, new long[] {1, -1}, false),
                60);
    }

    @Test
    void aRecordComesBackAsItWas() {
        FailedEvent event = event("Correct the row at the source.");
        FailedEvent back = FailedEventCodec.decode(PLACE, FailedEventCodec.encode(event));
        assertEquals(event.failure(), back.failure());
        assertEquals(event.course(), back.course());
        assertArrayEquals(event.order().keys(), back.order().keys());
        assertEquals(event.bytes(), back.bytes());
    }

    @Test
    void whatADestinationSaidIsKeptInBothWordings() throws IOException {
        Reason why = new Reason("Key (title)=(Heat) already exists.", "Key (title)=(***) already exists.");
        FailedEvent event = event(new Failure(Failure.Phase.LOAD, "DATA_REFUSED", why, "title", ""));
        assertEquals(
                why,
                FailedEventCodec.decode(PLACE, FailedEventCodec.encode(event))
                        .failure()
                        .why());
        Reason older =
                FailedEventCodec.decode(PLACE, inFirstFormat(event)).failure().why();
        assertEquals(new Reason(why.withValues(), Reason.HIDDEN), older);
    }

    @Test
    void aRecordOfTheFirstFormatIsReadWithNothingToDoAboutIt() throws IOException {
        FailedEvent event = event("");
        FailedEvent back = FailedEventCodec.decode(PLACE, inFirstFormat(event));
        assertEquals(event.failure(), back.failure());
        assertEquals(event.course(), back.course());
        assertEquals(event.eventId(), back.eventId());
    }

    @Test
    void aFormatToComeIsRefused() {
        byte[] bytes = FailedEventCodec.encode(event(""));
        bytes[0]++;
        assertEquals(
                "FAILED_EVENT_DAMAGED",
                assertThrows(MillraceException.class, () -> FailedEventCodec.decode(PLACE, bytes))
                        .code());
    }

    private static byte[] inFirstFormat(FailedEvent event) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            out.writeUTF(event.table().schema());
            out.writeUTF(event.table().name());
            out.writeByte(event.operation().ordinal());
            out.writeUTF(event.eventId());
            out.writeByte(event.failure().phase().ordinal());
            out.writeUTF(event.failure().code());
            out.writeUTF(event.failure().why().withValues());
            out.writeUTF(event.failure().column());
            out.writeByte(event.course().status().ordinal());
            out.writeInt(event.course().attempts());
            out.writeLong(event.course().parkedAtMillis());
            out.writeLong(event.course().expiresAtMillis());
            out.writeLong(event.course().nextTryMillis());
            out.writeLong(event.order().shape());
            out.writeBoolean(event.order().wholeTable());
            out.writeInt(0);
            out.writeLong(event.bytes());
        }
        return bytes.toByteArray();
    }
}
