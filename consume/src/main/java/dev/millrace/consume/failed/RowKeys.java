package dev.millrace.consume.failed;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.batch.Special;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * Digests of the keys that an event touches: of its row, and of the row before where that was another; for a table without a key of whole
 * rows. A number has the same digest in whatever type it stands, so that a widened key column changes nothing. Two keys may share a digest:
 * then one waits for the other for nothing, and no order is lost. 64 bits by FNV-1a with MurmurHash3's finaliser; digests are stored, so the
 * rule is for ever. Confined to one thread.
 */
final class RowKeys {
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;
    private static final int MAX_PLAIN_SCALE = 400;

    private final Schema schema;
    private final int[] columns;
    private final long shape;

    RowKeys(Schema schema) {
        this.schema = schema;
        int[] key = schema.keyColumns();
        if (key.length == 0) {
            key = new int[schema.columns().size()];
            for (int i = 0; i < key.length; i++) {
                key[i] = i;
            }
        }
        this.columns = key;
        this.shape = shape(schema, key);
    }

    Schema schema() {
        return schema;
    }

    /** What the digests are of: with another shape they can't be compared. */
    long shape() {
        return shape;
    }

    private static long shape(Schema schema, int[] key) {
        long hash = schema.keyed() ? FNV_OFFSET : ~FNV_OFFSET;
        for (int place : key) {
            Column column = schema.columns().get(place);
            hash = text(hash, column.name());
            hash = text(hash, family(column.type()));
        }
        return mixed(hash);
    }

    private static String family(Type type) {
        return switch (type) {
            case BYTE, SHORT, INTEGER, LONG, DECIMAL, FLOAT, DOUBLE -> "number";
            case CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF -> "text";
            case BOOLEAN, BYTE_ARRAY, DATE, TIME, DATETIME, ZONED_DATETIME -> type.name();
        };
    }

    /** The keys that the reader's current row touches, without doubles; the row has cells and this schema. */
    long[] touched(BatchReader reader) {
        long values = digest(reader.values(), reader.hasBefore() ? reader.before() : null);
        if (!reader.hasBefore()) {
            return new long[] {values};
        }
        long before = digest(reader.before(), null);
        return before == values ? new long[] {values} : new long[] {before, values};
    }

    /** @param behind gives the cells that are UNCHANGED in {@code cells}; may be null */
    long digest(Cells cells, Cells behind) {
        long hash = FNV_OFFSET;
        for (int column : columns) {
            Cells from = behind != null && cells.isUnchanged(column) ? behind : cells;
            hash = cell(hash, from, column);
        }
        return mixed(hash);
    }

    private long cell(long before, Cells cells, int column) {
        if (cells.isNull(column) || cells.isUnchanged(column)) {
            return step(before, cells.isNull(column) ? 1 : 2);
        }
        long hash = step(before, 3);
        Type type = schema.columns().get(column).type();
        return switch (type) {
            case BOOLEAN, BYTE, SHORT, INTEGER, LONG, TIME -> text(hash, Long.toString(cells.longAt(column)));
            case FLOAT, DOUBLE -> text(hash, number(cells.doubleAt(column)));
            case DECIMAL -> text(hash, special(cells, column, plain(cells, column)));
            case DATE -> text(hash, special(cells, column, Long.toString(cells.longAt(column))));
            case DATETIME, ZONED_DATETIME ->
                text(hash, special(cells, column, cells.epochSecondAt(column) + "." + cells.nanoAt(column)));
            case CHAR, STRING, BYTE_ARRAY, LIST, MAP, LIST_MAP, FILE_REF ->
                bytes(hash, cells.buffer(), cells.bytesOffset(column), cells.bytesLength(column));
        };
    }

    private static String special(Cells cells, int column, String ordinary) {
        Special special = cells.specialAt(column);
        return special == null ? ordinary : special.name();
    }

    private static String plain(Cells cells, int column) {
        return cells.specialAt(column) == null ? number(cells.decimalAt(column)) : "";
    }

    private static String number(double value) {
        return Double.isFinite(value) ? number(BigDecimal.valueOf(value)) : Double.toString(value);
    }

    private static String number(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        return Math.abs(stripped.scale()) > MAX_PLAIN_SCALE ? stripped.toString() : stripped.toPlainString();
    }

    private static long text(long hash, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return bytes(hash, utf8, 0, utf8.length);
    }

    /** The length goes in behind the bytes, so that ("ab", "c") is not ("a", "bc"). */
    private static long bytes(long before, byte[] bytes, int offset, int length) {
        long hash = before;
        for (int at = offset; at < offset + length; at++) {
            hash = step(hash, bytes[at]);
        }
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            hash = step(hash, length >>> shift);
        }
        return hash;
    }

    private static long step(long hash, int value) {
        return (hash ^ (value & 0xFF)) * FNV_PRIME;
    }

    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }
}
