package dev.millrace.ingest.postgres;

import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;

/**
 * How a relation's tuples become rows, resolved once per Relation message: a decoder per column, by place. Confined to the stream's thread
 * for the sake of its memory of the last answer to "is this wanted".
 */
final class TablePlan {
    private final Schema schema;
    private final CellDecoder[] decoders;
    private final int[] key;
    private final boolean[] inKey;
    private long wantedRead = -1;
    private boolean wanted;

    TablePlan(Schema schema, CellDecoder[] decoders) {
        this.schema = schema;
        this.decoders = decoders.clone();
        this.key = schema.keyColumns();
        this.inKey = new boolean[decoders.length];
        for (int column : key) {
            inKey[column] = true;
        }
    }

    TableName table() {
        return schema.table();
    }

    Schema schema() {
        return schema;
    }

    int width() {
        return decoders.length;
    }

    CellDecoder decoder(int column) {
        return decoders[column];
    }

    /** The places of the key's columns in key order; not to be changed. */
    int[] key() {
        return key;
    }

    boolean keyed() {
        return key.length > 0;
    }

    boolean inKey(int column) {
        return inKey[column];
    }

    /** Whether {@link #wanted()} was answered for this turn (a read, and a transaction in it). */
    boolean knowsWanted(long turn) {
        return wantedRead == turn;
    }

    boolean wanted() {
        return wanted;
    }

    void remember(long turn, boolean answer) {
        wantedRead = turn;
        wanted = answer;
    }
}
