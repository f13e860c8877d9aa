package dev.millrace.storage.batch;

import dev.millrace.storage.event.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The schemas and transactions a writer's rows refer to; drawn in {@link BatchFormat}. Confined to its writer's thread. */
final class Dictionary {
    /** Row shapes are kept over batches, up to this many, since the next batch mostly has the same schemas. */
    private static final int KEPT_SHAPES = 10_000;

    private final Map<Schema, RowShape> knownShapes = new IdentityHashMap<>();
    private final Map<Schema, Integer> byIdentity = new IdentityHashMap<>();
    private final Map<Schema, Integer> byShape = new HashMap<>();
    private final List<RowShape> shapes = new ArrayList<>();
    private Schema lastSchema;
    private int lastNumber;

    private final Bytes transactions = new Bytes(1 << 10);
    private int transactionCount;

    private boolean transactionBegun;
    private boolean transactionWritten;
    private long transactionId;
    private long modifiedAtMicros;
    private String position;
    private long nextOrdinal;

    int schema(Schema schema) {
        if (schema == lastSchema) {
            return lastNumber;
        }
        Integer known = byIdentity.get(schema);
        if (known == null) {
            known = register(schema);
            byIdentity.put(schema, known);
        }
        lastSchema = schema;
        lastNumber = known;
        return lastNumber;
    }

    private Integer register(Schema schema) {
        Integer number = byShape.get(schema);
        if (number != null) {
            return number;
        }
        if (knownShapes.size() >= KEPT_SHAPES) {
            knownShapes.clear();
        }
        shapes.add(knownShapes.computeIfAbsent(schema, RowShape::new));
        byShape.put(schema, shapes.size() - 1);
        return shapes.size() - 1;
    }

    RowShape shape(int number) {
        return shapes.get(number);
    }

    void beginTransaction(long id, long modifiedAt, String newPosition, long firstOrdinal) {
        transactionBegun = true;
        transactionWritten = false;
        transactionId = id;
        modifiedAtMicros = modifiedAt;
        position = Objects.requireNonNull(newPosition);
        nextOrdinal = firstOrdinal;
    }

    /** The number of the transaction that rows belong to now; written down with its first row here. */
    int transaction() {
        if (!transactionWritten) {
            if (!transactionBegun) {
                throw new IllegalStateException("a row begins before any transaction");
            }
            transactions.putLong(transactionId);
            transactions.putLong(modifiedAtMicros);
            transactions.putLong(nextOrdinal);
            transactions.putText(position);
            transactionCount++;
            transactionWritten = true;
        }
        return transactionCount - 1;
    }

    long modifiedAtMicros() {
        return transactionBegun ? modifiedAtMicros : Long.MIN_VALUE;
    }

    void rowEnded() {
        nextOrdinal++;
    }

    void write(Bytes out, int rows) {
        int lengthAt = out.size();
        out.putInt(0);
        out.putVarint(shapes.size());
        for (RowShape shape : shapes) {
            SchemaCodec.write(shape.schema(), out);
        }
        out.setInt(lengthAt, out.size() - lengthAt - 4);
        out.putVarint(transactionCount);
        out.putBytes(transactions.array(), 0, transactions.size());
        out.putVarint(rows);
    }

    /** Forgets the schemas' numbers; the transaction goes on. */
    void clear() {
        byIdentity.clear();
        byShape.clear();
        shapes.clear();
        lastSchema = null;
        transactions.clear();
        transactionCount = 0;
        transactionWritten = false;
    }
}
