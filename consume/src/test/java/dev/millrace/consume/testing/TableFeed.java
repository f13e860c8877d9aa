package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.math.BigDecimal;
import java.util.List;

/** Writes a table's events by hand, into a pipe, one batch an event. */
public final class TableFeed {
    public static final Object UNCHANGED = new Object();

    /** A DATETIME or ZONED_DATETIME. */
    public record Moment(long epochSecond, int nano) {}

    private final Pipe pipe;
    private final TableName table;
    private final BatchWriter writer = new BatchWriter();
    private Schema schema;
    private long events;

    public TableFeed(Pipe pipe, String table) {
        this.pipe = pipe;
        this.table = new TableName("public", table);
    }

    /** Events that follow have other ids than the first so many. */
    public TableFeed after(long others) {
        events = others;
        return this;
    }

    /** Rows that follow are of this shape. */
    public TableFeed schema(int version, Column... columns) {
        schema = new Schema(table, version, List.of(columns));
        return this;
    }

    public TableFeed control(Operation operation) {
        begin();
        writer.control(operation, writer.schema(schema));
        return end();
    }

    public TableFeed row(Operation operation, Object... values) {
        begin();
        writer.beginRow(operation, writer.schema(schema));
        for (int i = 0; i < values.length; i++) {
            put(values[i], schema.columns().get(i));
        }
        writer.endRow();
        return end();
    }

    private void begin() {
        events++;
        writer.beginTransaction(events, 1_700_000_000_000_000L + events, "0/" + events, 0);
    }

    private TableFeed end() {
        pipe.append(writer);
        return this;
    }

    private void put(Object value, Column column) {
        if (value == null) {
            writer.putNull();
        } else if (value == UNCHANGED) {
            writer.putUnchanged();
        } else if (value instanceof Boolean flag) {
            writer.putBoolean(flag);
        } else if (value instanceof Double number) {
            writer.putDouble(number);
        } else if (value instanceof BigDecimal decimal) {
            writer.putDecimal(decimal);
        } else if (value instanceof Special special) {
            writer.putSpecial(special);
        } else if (value instanceof Number number) {
            writer.putLong(number.longValue());
        } else if (value instanceof byte[] bytes) {
            writer.putBytes(bytes, 0, bytes.length);
        } else if (value instanceof Moment moment) {
            switch (column.type()) {
                case DATETIME -> writer.putDateTime(moment.epochSecond(), moment.nano());
                default -> writer.putZonedDateTime(moment.epochSecond(), moment.nano(), 0);
            }
        } else {
            writer.putString(value.toString());
        }
    }
}
