package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;

/** One event as a model takes it: values as text, times in microseconds from 1970, what is missing as ∅. */
record EventCells(BatchReader reader, long logIndex, long ingestedAt) {
    static final String NONE = "∅";

    /** When it happened: at the source where that is known. */
    long time() {
        return reader.modifiedAtMicros() == Long.MIN_VALUE ? ingestedAt : reader.modifiedAtMicros();
    }

    String modified() {
        return reader.modifiedAtMicros() == Long.MIN_VALUE ? NONE : Long.toString(reader.modifiedAtMicros());
    }

    String ingested() {
        return Long.toString(ingestedAt);
    }

    /** Of the row that it brings. */
    long sequence() {
        return (logIndex << 22 | reader.row()) * 32 + 1;
    }

    String id() {
        return reader.position() + ":" + reader.ordinal();
    }

    boolean moves() {
        return reader.hasBefore() && !oldKey().equals(key());
    }

    String key() {
        return key(reader.values());
    }

    /** The key that its row had before it. */
    String oldKey() {
        return key(reader.hasBefore() ? reader.before() : reader.values());
    }

    private static String key(Cells cells) {
        StringBuilder key = new StringBuilder();
        for (int column : cells.schema().keyColumns()) {
            key.append(value(cells, column)).append('|');
        }
        return key.toString();
    }

    /** The row it leaves, cells that it left alone being those of {@code old}; null in place of those that nobody has. */
    String[] row(String[] old) {
        return filled(reader.values(), reader.hasBefore() ? filled(reader.before(), old) : old);
    }

    /** The row before it, likewise. */
    String[] before(String[] old) {
        return filled(reader.before(), old);
    }

    private static String[] filled(Cells cells, String[] old) {
        String[] row = new String[cells.schema().columns().size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = !cells.isUnchanged(i) ? value(cells, i) : old == null ? null : old[i];
        }
        return row;
    }

    /** Of a row, joined; cells that nobody has are as good as NULL. */
    static String text(String[] row) {
        StringBuilder text = new StringBuilder();
        for (String cell : row) {
            text.append(cell == null ? NONE : cell).append('|');
        }
        return text.toString();
    }

    private static String value(Cells cells, int place) {
        if (cells.isNull(place)) {
            return NONE;
        }
        Column column = cells.schema().columns().get(place);
        return switch (column.type()) {
            case STRING -> cells.stringAt(place);
            case INTEGER, LONG -> Long.toString(cells.longAt(place));
            default -> throw new IllegalArgumentException(column + " is not known here");
        };
    }
}
