package dev.millrace.consume.destination;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.EncodedBatch;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A load made by hand. Values are Java's own: null, {@link #UNCHANGED}, Boolean, Integer or Long, Double, BigDecimal, {@link Special}, String,
 * byte[], LocalDate, LocalTime, LocalDateTime, OffsetDateTime, or a Long of nanoseconds for a TIME.
 */
public final class TestLoad implements TableLoad {
    public static final Object UNCHANGED = new Object();

    public static final long INGESTED_AT = 1_700_000_000_000_000L;
    public static final long MODIFIED_AT = 1_600_000_000_000_000L;
    public static final long LOADED_AT = 1_750_000_000_000_001L;

    private enum Origin {
        NONE,
        SAME,
        BEFORE
    }

    private final TestTable table;
    private final BatchWriter writer = new BatchWriter();
    private final List<RowCursor.Kind> kinds = new ArrayList<>();
    private final List<Origin> origins = new ArrayList<>();
    private final List<Boolean> deleted = new ArrayList<>();
    private final int schema;
    private OnDelete onDelete = OnDelete.HARD;
    private boolean shadow;
    private boolean truncated;
    private long truncatedAt = MODIFIED_AT;
    private boolean historical;
    private StoredBatch batch;

    private TestLoad(TestTable table) {
        this.table = table;
        this.schema = writer.schema(table.schema());
        writer.beginTransaction(1, MODIFIED_AT, "0/1", 0);
    }

    public static TestLoad into(TestTable table) {
        return new TestLoad(table);
    }

    public TestLoad onDelete(OnDelete value) {
        onDelete = value;
        return this;
    }

    public TestLoad asHistorical() {
        historical = true;
        return this;
    }

    public TestLoad intoShadow() {
        shadow = true;
        return this;
    }

    public TestLoad afterTruncate() {
        truncated = true;
        return this;
    }

    public TestLoad afterTruncate(long modifiedAtMicros) {
        truncatedAt = modifiedAtMicros;
        return afterTruncate();
    }

    /** Rows that follow were changed at the source then. */
    public TestLoad at(long modifiedAtMicros) {
        writer.beginTransaction(1, modifiedAtMicros, "0/1", kinds.size());
        return this;
    }

    /** The row added last was deleted again. */
    public TestLoad deletedAgain() {
        deleted.set(deleted.size() - 1, true);
        return this;
    }

    /** A row that nothing is known of at the destination. */
    public TestLoad upsert(Object... values) {
        return row(RowCursor.Kind.UPSERT, Origin.NONE, values, null);
    }

    /** A row whose key stays. */
    public TestLoad update(Object... values) {
        return row(RowCursor.Kind.UPSERT, Origin.SAME, values, null);
    }

    /** A row whose key was that of {@code before}. */
    public TestLoad move(List<?> before, Object... values) {
        return row(RowCursor.Kind.UPSERT, Origin.BEFORE, values, before.toArray());
    }

    public TestLoad delete(Object... values) {
        return row(RowCursor.Kind.DELETE, Origin.NONE, values, null);
    }

    public TestLoad insert(Object... values) {
        return row(RowCursor.Kind.INSERT, Origin.NONE, values, null);
    }

    public TestLoad deleteOne(Object... values) {
        return row(RowCursor.Kind.DELETE_ONE, Origin.NONE, values, null);
    }

    private TestLoad row(RowCursor.Kind kind, Origin origin, Object[] values, Object[] before) {
        writer.beginRow(Operation.UPDATE, schema);
        put(Arrays.copyOf(values, table.schema().columns().size()), values.length);
        if (before != null) {
            writer.beginBefore();
            put(Arrays.copyOf(before, table.schema().columns().size()), before.length);
        }
        writer.endRow();
        kinds.add(kind);
        deleted.add(false);
        origins.add(origin);
        return this;
    }

    /** Cells from {@code given} on are UNCHANGED. */
    private void put(Object[] values, int given) {
        for (int i = 0; i < values.length; i++) {
            if (i >= given || values[i] == UNCHANGED) {
                writer.putUnchanged();
            } else {
                put(values[i], table.schema().columns().get(i).type());
            }
        }
    }

    private void put(Object value, Type type) {
        if (value == null) {
            writer.putNull();
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
        } else {
            putText(value, type);
        }
    }

    private void putText(Object value, Type type) {
        if (value instanceof LocalDate date) {
            writer.putLong(date.toEpochDay());
        } else if (value instanceof LocalTime time) {
            writer.putLong(time.toNanoOfDay());
        } else if (value instanceof LocalDateTime local) {
            writer.putDateTime(local.toEpochSecond(ZoneOffset.UTC), local.get(ChronoField.NANO_OF_SECOND));
        } else if (value instanceof OffsetDateTime zoned) {
            writer.putZonedDateTime(
                    zoned.toEpochSecond(),
                    zoned.get(ChronoField.NANO_OF_SECOND),
                    zoned.getOffset().getTotalSeconds());
        } else if (value instanceof String text) {
            writer.putString(text);
        } else {
            throw new IllegalArgumentException(value.getClass() + " for " + type);
        }
    }

    @Override
    public TargetTable target() {
        return table.target();
    }

    @Override
    public Schema schema() {
        return table.schema();
    }

    @Override
    public OnDelete onDelete() {
        return onDelete;
    }

    @Override
    public boolean shadow() {
        return shadow;
    }

    @Override
    public boolean truncated() {
        return truncated;
    }

    @Override
    public boolean historical() {
        return historical;
    }

    @Override
    public long truncatedAtMicros() {
        return truncated ? truncatedAt : Long.MIN_VALUE;
    }

    @Override
    public int rowCount() {
        return kinds.size();
    }

    @Override
    public long loadedAtMicros() {
        return LOADED_AT;
    }

    @Override
    public RowCursor rows() {
        if (batch == null) {
            EncodedBatch encoded = writer.finish(0, false, true, OffsetDelta.NONE);
            batch = new StoredBatch(1, encoded.header(), Arrays.copyOf(encoded.body(), encoded.bodyLength()));
        }
        BatchReader reader = new BatchReader();
        reader.open(batch);
        return new Cursor(reader);
    }

    private final class Cursor implements RowCursor {
        private final BatchReader reader;
        private int row = -1;

        Cursor(BatchReader reader) {
            this.reader = reader;
        }

        @Override
        public boolean next() {
            row++;
            return reader.next();
        }

        @Override
        public Kind kind() {
            return kinds.get(row);
        }

        @Override
        public Cells values() {
            return reader.values();
        }

        @Override
        public Cells origin() {
            return switch (origins.get(row)) {
                case NONE -> null;
                case SAME -> reader.values();
                case BEFORE -> reader.before();
            };
        }

        @Override
        public boolean deleted() {
            return deleted.get(row);
        }

        @Override
        public long ingestedAtMicros() {
            return INGESTED_AT;
        }

        @Override
        public long modifiedAtMicros() {
            return reader.modifiedAtMicros();
        }

        @Override
        public String eventId() {
            return reader.position() + ":" + reader.ordinal();
        }
    }
}
