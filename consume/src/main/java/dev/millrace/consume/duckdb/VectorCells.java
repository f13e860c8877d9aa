package dev.millrace.consume.duckdb;

import dev.millrace.consume.duckdb.DuckDbTypes.ColumnKind;
import java.util.Arrays;
import java.util.List;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBWritableVector;

/**
 * Puts cells into the vectors of a chunk that DuckDB has asked for. Texts are handed over a column at a time. What the driver's vectors
 * can't take as it is comes as a number, and {@link #value} says how DuckDB makes the value of it. Confined to one thread.
 */
final class VectorCells implements CellSink {
    /** DuckDB asks for no more rows at once. */
    private static final int MAX_ROWS = 2_048;

    private static final int LONG_DIGITS = 18;

    private final List<ColumnKind> kinds;
    private final DuckDBWritableVector[] vectors;
    /** By column; null where it has no texts. */
    private final byte[][][] texts;

    private int row;
    private int column;

    VectorCells(List<ColumnKind> kinds) {
        this.kinds = List.copyOf(kinds);
        this.vectors = new DuckDBWritableVector[kinds.size()];
        this.texts = new byte[kinds.size()][][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = type(kinds.get(i)) == DuckDBColumnType.VARCHAR ? new byte[MAX_ROWS][] : null;
        }
    }

    /** Whether values of the kind can be given so. */
    static boolean takes(ColumnKind kind, int digits) {
        return switch (kind) {
            case BOOLEAN,
                    TINYINT,
                    SMALLINT,
                    INTEGER,
                    BIGINT,
                    FLOAT,
                    DOUBLE,
                    VARCHAR,
                    JSON,
                    DATE,
                    TIMESTAMP,
                    TIMESTAMPTZ -> true;
            case DECIMAL -> digits <= LONG_DIGITS;
            case TIME, BLOB -> false;
        };
    }

    /** The type of a column's vector. */
    static DuckDBColumnType type(ColumnKind kind) {
        return switch (kind) {
            case BOOLEAN -> DuckDBColumnType.BOOLEAN;
            case TINYINT -> DuckDBColumnType.TINYINT;
            case SMALLINT -> DuckDBColumnType.SMALLINT;
            case INTEGER, DATE -> DuckDBColumnType.INTEGER;
            case BIGINT, DECIMAL, TIMESTAMP, TIMESTAMPTZ -> DuckDBColumnType.BIGINT;
            case FLOAT -> DuckDBColumnType.FLOAT;
            case DOUBLE -> DuckDBColumnType.DOUBLE;
            case VARCHAR, JSON -> DuckDBColumnType.VARCHAR;
            case TIME, BLOB -> throw new IllegalStateException(kind + " is none of a vector's");
        };
    }

    /** The value as an expression of what stands in the vector, which has this name. */
    static String value(ColumnKind kind, int digits, int scale, String name) {
        return switch (kind) {
            case DECIMAL -> {
                String whole = "CAST(" + name + " AS DECIMAL(" + digits + ",0))";
                yield scale == 0
                        ? whole
                        : "CAST(" + whole + " * CAST('0." + "0".repeat(scale - 1) + "1' AS DECIMAL(" + scale + ","
                                + scale + ")) AS DECIMAL(" + digits + "," + scale + "))";
            }
            case DATE -> finite(name, "DATE", "DATE '1970-01-01' + " + name, Integer.MAX_VALUE);
            case TIMESTAMP -> finite(name, "TIMESTAMP", "make_timestamp(" + name + ")", Long.MAX_VALUE);
            case TIMESTAMPTZ -> finite(name, "TIMESTAMPTZ", "make_timestamptz(" + name + ")", Long.MAX_VALUE);
            default -> name;
        };
    }

    private static String finite(String name, String type, String value, long infinity) {
        return "CASE WHEN " + name + " = " + infinity + " THEN CAST('infinity' AS " + type + ") WHEN " + name + " = "
                + -infinity + " THEN CAST('-infinity' AS " + type + ") ELSE " + value + " END";
    }

    void begin(DuckDBDataChunkWriter chunk) {
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = chunk.vector(i);
        }
        row = -1;
    }

    void beginRow() {
        row++;
        column = 0;
    }

    /** All rows of the chunk have been given. */
    void end() {
        int rows = row + 1;
        for (int i = 0; rows > 0 && i < vectors.length; i++) {
            if (texts[i] != null) {
                vectors[i].setStringUtf8Batch(0, rows == MAX_ROWS ? texts[i] : Arrays.copyOf(texts[i], rows));
                Arrays.fill(texts[i], 0, rows, null);
            }
        }
    }

    /** How many rows a chunk may get. */
    static int most(DuckDBDataChunkWriter chunk) {
        return (int) Math.min(MAX_ROWS, chunk.capacity());
    }

    @Override
    public void none() {
        int current = column++;
        if (texts[current] == null) {
            vectors[current].setNull(row);
        } else {
            texts[current][row] = null;
        }
    }

    @Override
    public void truth(boolean value) {
        vectors[column++].setBoolean(row, value);
    }

    @Override
    public void tiny(byte value) {
        vectors[column++].setByte(row, value);
    }

    @Override
    public void small(short value) {
        vectors[column++].setShort(row, value);
    }

    @Override
    public void integer(int value) {
        vectors[column++].setInt(row, value);
    }

    @Override
    public void big(long value) {
        vectors[column++].setLong(row, value);
    }

    @Override
    public void single(float value) {
        vectors[column++].setFloat(row, value);
    }

    @Override
    public void real(double value) {
        vectors[column++].setDouble(row, value);
    }

    @Override
    public void decimal(long unscaled, int digits) {
        vectors[column++].setLong(row, unscaled);
    }

    @Override
    public void text(byte[] utf8) {
        texts[column++][row] = utf8;
    }

    @Override
    public void days(int days) {
        vectors[column++].setInt(row, days);
    }

    @Override
    public void micros(long micros) {
        vectors[column++].setLong(row, micros);
    }

    @Override
    public void wideDecimal(long lower, long upper) {
        throw unfit();
    }

    @Override
    public void bytes(byte[] bytes) {
        throw unfit();
    }

    @Override
    public void dayMicros(long micros) {
        throw unfit();
    }

    private IllegalStateException unfit() {
        return new IllegalStateException("a vector of " + kinds.get(column) + " was given another value");
    }
}
