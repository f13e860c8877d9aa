package dev.millrace.consume;

import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.effect.TableEffect;
import dev.millrace.consume.failed.Failure;
import dev.millrace.consume.failed.Held;
import dev.millrace.consume.failed.Suspects;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What a window's batches come to, table by table, without asking the destination anything: so it can be gathered while the window before is
 * still being loaded. Order between tables is not kept, since a window is applied in one transaction; order within a table is. Used by one
 * thread at a time.
 */
final class Gathered {
    /** Stands for a table that has a batch's rows already. */
    private static final TableSteps PASSED = new TableSteps(null, null);

    /** One table's share. */
    static final class TableSteps {
        private final TableName table;
        private final LoadRules.Rule rule;
        private final List<Step> steps = new ArrayList<>();
        /** The step that takes rows now; null where the next row begins one. */
        private Rows rows;

        private TableSteps(TableName table, LoadRules.Rule rule) {
            this.table = table;
            this.rule = rule;
        }

        TableName table() {
            return table;
        }

        /** In the order in which they are to be applied. */
        List<Step> steps() {
            return steps;
        }

        private TableEffect effect(Schema schema) {
            if (rows == null || !sameShape(rows.schema, schema)) {
                rows = new Rows(schema, TableEffect.of(schema, rule));
                steps.add(rows);
            }
            rows.events++;
            return rows.effect;
        }

        /** A transformation that was changed gives the same version another shape. */
        private static boolean sameShape(Schema one, Schema other) {
            return one == other || one.version() == other.version() && one.sameShape(other);
        }

        private void control(BatchReader reader, long ingestedAtMicros) {
            Schema schema = reader.schema();
            switch (reader.operation()) {
                case TRUNCATE -> {
                    if (rows != null && rows.effect.endsBeforeTruncation()) {
                        rows = null;
                    }
                    effect(schema).truncate(reader, ingestedAtMicros);
                }
                case LOAD_STARTED -> add(new LoadStarted(schema));
                case LOAD_COMPLETED -> add(new LoadCompleted(schema, ingestedAtMicros));
                case READ, INSERT, UPDATE, DELETE -> throw new IllegalStateException(reader.operation() + " is a row");
            }
        }

        private void add(Step step) {
            steps.add(step);
            rows = null;
        }
    }

    /** Something to be done to a table that has the shape of {@code schema}. */
    sealed interface Step permits Rows, LoadStarted, LoadCompleted {
        Schema schema();
    }

    /** Events that change rows, and a TRUNCATE. */
    static final class Rows implements Step {
        private final Schema schema;
        private final TableEffect effect;
        private long events;

        private Rows(Schema schema, TableEffect effect) {
            this.schema = schema;
            this.effect = effect;
        }

        @Override
        public Schema schema() {
            return schema;
        }

        TableEffect effect() {
            return effect;
        }

        /** How many it was made of. */
        long events() {
            return events;
        }
    }

    record LoadStarted(Schema schema) implements Step {}

    /** @param atMicros when that came into the log */
    record LoadCompleted(Schema schema, long atMicros) implements Step {}

    private final Map<TableName, TableSteps> tables = new LinkedHashMap<>();
    private final Held held = new Held();
    private final Suspects suspects = new Suspects();
    private final List<Window.Batch> batches = new ArrayList<>();
    private final List<Integer> wholeAt = new ArrayList<>();
    private final long after;
    private final Ahead ahead;
    private final LoadRules rules;
    private Gatherer lastGatherer;
    private long events;
    private long bytes;
    private long modifiedAtMicros = Long.MIN_VALUE;
    private long oldestAtMicros = Long.MAX_VALUE;

    /**
     * @param after the log index of the batch before the first
     * @param rules how each table is loaded
     * @param ahead tables whose rows are passed over, up to where they are
     */
    Gathered(long after, LoadRules rules, Ahead ahead) {
        this.after = after;
        this.rules = rules;
        this.ahead = ahead;
    }

    /**
     * Adds the batch that follows. After an exception the window is of no use.
     *
     * @param gatherer the gathering thread's own
     * @throws DataException when a row can't be applied and failed ones aren't held back
     */
    void add(StoredBatch batch, Gatherer gatherer) {
        add(batch, 0, gatherer);
    }

    /** As {@link #add(StoredBatch, Gatherer)}, for a batch of one event that was number {@code row} of its batch. */
    void add(StoredBatch batch, int row, Gatherer gatherer) {
        batches.add(new Window.Batch(batch.logIndex(), batch.header().eventCount()));
        events += batch.header().eventCount();
        oldestAtMicros = Math.min(oldestAtMicros, batch.header().createdAtMillis() * 1_000);
        long decoded = batch.header().rawLength();
        if (batch.header().eventCount() > 0) {
            lastGatherer = gatherer;
            BatchReader reader = gatherer.open(batch, row, this);
            decoded = Math.max(decoded, reader.buffer().length);
            gather(batch, reader, gatherer.holdsFailures());
            gatherer.walked();
            reader.close();
        }
        bytes += decoded;
    }

    private void gather(StoredBatch batch, BatchReader reader, boolean holdsFailures) {
        long ingestedAtMicros = batch.header().createdAtMillis() * 1_000;
        TableSteps[] byNumber = new TableSteps[reader.schemaCount()];
        while (reader.next()) {
            int number = reader.schemaNumber();
            TableSteps steps = byNumber[number];
            if (steps == null) {
                TableName table = reader.schema().table();
                steps = ahead.has(table, batch.logIndex()) ? PASSED : tables.computeIfAbsent(table, this::steps);
                byNumber[number] = steps;
            }
            if (steps == PASSED) {
                continue;
            }
            long modified = reader.modifiedAtMicros();
            if (modified != Long.MIN_VALUE) {
                modifiedAtMicros = Math.max(modifiedAtMicros, modified);
                oldestAtMicros = Math.min(oldestAtMicros, modified);
            }
            if (reader.operation().hasCells()) {
                try {
                    steps.effect(reader.schema()).add(reader, ingestedAtMicros);
                } catch (DataException e) {
                    if (!holdsFailures) {
                        throw e;
                    }
                    String eventId = reader.position() + ":" + reader.ordinal();
                    Failure failure = Failure.of(Failure.Phase.VALIDATE, e);
                    sourcesOf(reader.schema().table()).forEach(source -> suspects.add(source, eventId, failure));
                }
            } else {
                steps.control(reader, ingestedAtMicros);
            }
        }
    }

    private TableSteps steps(TableName table) {
        return new TableSteps(table, rules.of(table.schema(), table.name()));
    }

    /** The source's table that {@code table} comes from. Any thread. */
    TableName sourceOf(TableName table) {
        return sources().apply(table);
    }

    /** The source's tables that rows of {@code table} may come from. Any thread. */
    Set<TableName> sourcesOf(TableName table) {
        return lastGatherer == null ? Set.of(table) : lastGatherer.sourcesOf(table);
    }

    /** {@link #sourceOf}, without what was gathered: it may be kept. */
    UnaryOperator<TableName> sources() {
        return lastGatherer == null ? UnaryOperator.identity() : lastGatherer::sourceOf;
    }

    /** What of it is held back. */
    Held held() {
        return held;
    }

    /** Events of it that have failed; where there are any, it is to be gathered again without them. */
    Suspects suspects() {
        return suspects;
    }

    /** No source transaction is open behind the batch added last. */
    void whole() {
        wholeAt.add(batches.size());
    }

    /** Whether some of it stands before a source transaction that may be open at its end. */
    boolean anyWhole() {
        return !wholeAt.isEmpty();
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** The log index of the batch added last, or before the first. */
    long lastIndex() {
        return batches.isEmpty() ? after : batches.get(batches.size() - 1).logIndex();
    }

    long events() {
        return events;
    }

    /** Decoded bytes. */
    long bytes() {
        return bytes;
    }

    /** The newest commit time at the source, {@link Long#MIN_VALUE} when there is none. */
    long modifiedAtMicros() {
        return modifiedAtMicros;
    }

    /** When the oldest of it was committed at the source, or read where that is unknown; {@link Long#MAX_VALUE} while it is empty. */
    long oldestAtMicros() {
        return oldestAtMicros;
    }

    Collection<TableSteps> tables() {
        return tables.values();
    }

    Window window() {
        return new Window(after, batches, wholeAt);
    }
}
