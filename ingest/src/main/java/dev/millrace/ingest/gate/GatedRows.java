package dev.millrace.ingest.gate;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.gate.Comparison.Outcome;
import dev.millrace.storage.batch.BatchHeader;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.mask.Mask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Carries rows from a batch in memory, into which a connector writes them clear, into the batch that goes into the log, through their tables'
 * gates. Confined to one thread.
 *
 * <p>What becomes of an update, where the row before isn't known in full: one that doesn't pass becomes a DELETE of its key, which is
 * harmless where the row isn't. One that passes stays an update, which puts the row in where it isn't; that needs all its cells.
 */
final class GatedRows {
    private static final StoredBatch NONE =
            new StoredBatch(0, new BatchHeader(0, 0, false, true, 0, OffsetDelta.NONE), new byte[0]);
    private static final int NO_TRANSACTION = -1;

    /** One shape of a gated table: what it is in the clear batch, in the log, and between. */
    private record Plan(Schema clear, Schema gated, TableGate gate, Mask[] masks) {}

    private final BatchWriter clear = new BatchWriter();
    private final BatchReader reader = new BatchReader();
    private final Map<TableName, List<Plan>> plans = new HashMap<>();
    private int transaction;
    private long nextOrdinal;

    /** Where the connector writes. */
    BatchWriter clear() {
        return clear;
    }

    /** The schema for rows of this shape in {@link #clear()}; the version is our own. */
    Schema clear(TableName table, List<Column> columns, TableGate gate, Schema gated) {
        List<Plan> shapes = plans.computeIfAbsent(table, any -> new ArrayList<>());
        for (Plan plan : shapes) {
            if (plan.clear.columns().equals(columns) && plan.gated.equals(gated)) {
                return plan.clear;
            }
        }
        Schema schema = new Schema(table, shapes.size() + 1, columns);
        shapes.add(new Plan(schema, gated, gate, gate.openMasks()));
        return schema;
    }

    /** Drops what a failed read has left in {@link #clear()}. */
    void discard() {
        clear.abandonRow();
        if (clear.eventCount() > 0) {
            clear.finishDerived(NONE);
        }
    }

    /**
     * Moves everything out of {@link #clear()}.
     *
     * @param ids whether rows keep their ids; else they are numbered on in the transaction that {@code out} is in
     * @return rows written
     */
    int moveInto(BatchWriter out, boolean ids) {
        if (clear.eventCount() == 0) {
            return 0;
        }
        reader.open(clear.finishDerived(NONE));
        Plan[] byNumber = new Plan[reader.schemaCount()];
        for (int number = 0; number < byNumber.length; number++) {
            Schema schema = reader.schemaAt(number);
            List<Plan> shapes = plans.get(schema.table());
            byNumber[number] = shapes == null ? null : shapes.get(schema.version() - 1);
        }
        transaction = NO_TRANSACTION;
        int before = out.eventCount();
        while (reader.next()) {
            Plan plan = byNumber[reader.schemaNumber()];
            Operation operation = plan == null ? reader.operation() : operation(plan);
            if (operation != null) {
                if (ids) {
                    keepId(out);
                }
                write(operation, plan, out);
            }
        }
        reader.close();
        return out.eventCount() - before;
    }

    private void keepId(BatchWriter out) {
        if (transaction != reader.transactionNumber() || nextOrdinal != reader.ordinal()) {
            out.beginTransaction(
                    reader.transactionId(), reader.modifiedAtMicros(), reader.position(), reader.ordinal());
            transaction = reader.transactionNumber();
        }
        nextOrdinal = reader.ordinal() + 1;
    }

    /** What the row becomes; null when it is left out. */
    private Operation operation(Plan plan) {
        Operation operation = reader.operation();
        if (!plan.gate.filters() || !operation.hasCells()) {
            return operation;
        }
        Outcome now = plan.gate.passes(reader.values());
        if (operation == Operation.UPDATE) {
            return update(plan, now);
        } else if (operation == Operation.DELETE) {
            return now == Outcome.FAILS ? null : operation;
        } else if (now == Outcome.UNKNOWN) {
            throw incomplete(plan);
        }
        return now == Outcome.FAILS ? null : operation;
    }

    private Operation update(Plan plan, Outcome now) {
        Outcome before = reader.hasBefore() ? plan.gate.passes(reader.before()) : Outcome.UNKNOWN;
        if (now == Outcome.UNKNOWN) {
            throw incomplete(plan);
        } else if (now == Outcome.FAILS) {
            return before == Outcome.FAILS ? null : Operation.DELETE;
        }
        if (!plan.clear.keyed()) {
            return before == Outcome.FAILS ? Operation.INSERT : Operation.UPDATE;
        }
        boolean thereFor = before == Outcome.PASSES || !reader.hasBefore() && plan.gate.keyedFilter();
        if (reader.values().anyUnchanged() && !thereFor) {
            throw incomplete(plan);
        }
        return Operation.UPDATE;
    }

    private MillraceException incomplete(Plan plan) {
        TableName table = plan.clear.table();
        return MillraceException.user(
                "FILTER_NEEDS_WHOLE_ROWS",
                "Table " + table + " can't be filtered before the log",
                "an update (" + reader.position() + ":" + reader.ordinal()
                        + ") leaves out values that did not change, and the row before is not known",
                "Have whole rows sent (PostgreSQL: ALTER TABLE " + table
                        + " REPLICA IDENTITY FULL), then 'millrace reload --all'; or filter in 'transform'.");
    }

    private void write(Operation operation, Plan plan, BatchWriter out) {
        Schema schema = plan == null ? reader.schema() : plan.gated;
        int number = out.schema(schema);
        if (!operation.hasCells()) {
            out.control(operation, number);
            return;
        }
        out.beginRow(operation, number);
        if (operation == Operation.DELETE && reader.operation() == Operation.UPDATE) {
            Cells gone = reader.hasBefore() ? reader.before() : reader.values();
            put(gone, plan, plan.clear.keyed(), out);
        } else {
            put(reader.values(), plan, false, out);
            if (reader.hasBefore() && operation == Operation.UPDATE) {
                out.beginBefore();
                put(reader.before(), plan, false, out);
            }
        }
        out.endRow();
    }

    private static void put(Cells cells, Plan plan, boolean keyOnly, BatchWriter out) {
        List<Column> columns = cells.schema().columns();
        for (int column = 0; column < columns.size(); column++) {
            Mask mask = plan == null ? null : plan.masks[column];
            if (keyOnly && !columns.get(column).inKey()) {
                out.putUnchanged();
            } else if (mask == null) {
                out.putCopy(cells, column);
            } else {
                mask.put(cells, column, out);
            }
        }
    }
}
