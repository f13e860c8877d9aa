package dev.millrace.consume.transform.steps;

import dev.millrace.consume.transform.EventFailure;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Slots as objects and back, in the form that {@link dev.millrace.consume.script.CellValues} draws: only for expressions. */
final class Objects {
    private Objects() {}

    /** Null for NULL. */
    static Object of(Value value, Type type) {
        if (value.isNull()) {
            return null;
        }
        if (value.special != null) {
            return value.special;
        }
        try {
            return switch (type) {
                case BOOLEAN -> value.number != 0;
                case BYTE, SHORT, INTEGER, LONG -> value.number;
                case FLOAT -> (float) value.real;
                case DOUBLE -> value.real;
                case DATE -> LocalDate.ofEpochDay(value.number);
                case TIME -> Duration.ofNanos(value.number);
                case DATETIME -> LocalDateTime.ofEpochSecond(value.number, value.nano, ZoneOffset.UTC);
                case ZONED_DATETIME -> {
                    ZoneOffset offset = ZoneOffset.ofTotalSeconds(value.offset);
                    yield LocalDateTime.ofEpochSecond(value.number, value.nano, offset)
                            .atOffset(offset);
                }
                case DECIMAL, BYTE_ARRAY -> value.object;
                case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> value.text();
            };
        } catch (DateTimeException outside) {
            throw new EventFailure(
                    "TRANSFORM_TIME", "", "a time lies outside of what can be computed with", "Correct the row.");
        }
    }

    static void set(Value to, Type type, Object object) {
        if (object == null) {
            to.none();
        } else if (object instanceof Special special) {
            to.special(special);
        } else {
            switch (type) {
                case BOOLEAN -> to.number((Boolean) object ? 1 : 0);
                case BYTE, SHORT, INTEGER, LONG -> to.number((Long) object);
                case FLOAT -> to.real((Float) object);
                case DOUBLE -> to.real((Double) object);
                case DATE -> Times.set(to, (LocalDate) object, object.toString());
                case TIME -> to.number(((Duration) object).toNanos());
                case DATETIME -> Times.set(to, (LocalDateTime) object);
                case ZONED_DATETIME -> Times.set(to, (OffsetDateTime) object);
                case DECIMAL -> to.object((BigDecimal) object);
                case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF -> to.object(object);
            }
        }
    }
}
