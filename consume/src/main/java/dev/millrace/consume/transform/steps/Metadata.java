package dev.millrace.consume.transform.steps;

import dev.millrace.config.transform.StepDefinition;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Type;
import java.util.List;

/** Columns made of what is known of an event beside its values. */
final class Metadata {
    private static final DataType INSTANT = DataType.time(Type.ZONED_DATETIME, 6);

    private Metadata() {}

    static void add(String column, StepDefinition.Metadata what, Layout layout, List<Step> steps) {
        boolean ofEvent = what != StepDefinition.Metadata.SCHEMA && what != StepDefinition.Metadata.TABLE;
        String schema = layout.source().table().schema();
        String table = layout.source().table().name();
        int out = layout.slot(ofEvent);
        steps.add(new Compute(column, new int[0], new int[] {out}, false, (slots, image) -> {
            Value value = slots[out];
            switch (what) {
                case OPERATION -> value.object(image.event.operation().name());
                case EVENT_ID -> value.object(image.event.eventId());
                case TRANSACTION_ID -> value.number(image.event.transactionId());
                case MODIFIED_AT -> instant(image.event.modifiedAtMicros(), value);
                case INGESTED_AT -> instant(image.event.ingestedAtMicros(), value);
                case LOG_INDEX -> value.number(image.event.logIndex());
                case SCHEMA -> value.object(schema);
                case TABLE -> value.object(table);
            }
        }));
        layout.set(
                column,
                switch (what) {
                    case OPERATION, EVENT_ID, SCHEMA, TABLE -> DataType.of(Type.STRING);
                    case TRANSACTION_ID, LOG_INDEX -> DataType.of(Type.LONG);
                    case MODIFIED_AT, INGESTED_AT -> INSTANT;
                },
                out);
    }

    private static void instant(long micros, Value value) {
        if (micros == Long.MIN_VALUE) {
            value.none();
        } else {
            value.moment(Math.floorDiv(micros, 1_000_000L), (int) Math.floorMod(micros, 1_000_000L) * 1_000, 0);
        }
    }
}
