package dev.millrace.consume.script;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import java.util.Objects;

/**
 * What a script is given.
 *
 * @param schema the event's; columns are numbered by it
 * @param before the row before an update, null where the event has none
 */
public record ScriptEvent(Operation operation, Schema schema, RowView values, RowView before, Facts facts) {
    public ScriptEvent {
        Objects.requireNonNull(operation);
        Objects.requireNonNull(schema);
        Objects.requireNonNull(values);
        Objects.requireNonNull(facts);
    }

    /**
     * @param id the event's id
     * @param transactionId the source's number, 0 for a historical load
     * @param modifiedAtMicros microseconds from 1970 UTC; {@link Long#MIN_VALUE} unknown
     * @param ingestedAtMicros microseconds from 1970 UTC
     */
    public record Facts(String id, long logIndex, long transactionId, long modifiedAtMicros, long ingestedAtMicros) {
        /** What counts as now. */
        long nowMicros() {
            return modifiedAtMicros == Long.MIN_VALUE ? ingestedAtMicros : modifiedAtMicros;
        }
    }
}
