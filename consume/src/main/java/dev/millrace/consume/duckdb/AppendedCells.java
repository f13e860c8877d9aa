package dev.millrace.consume.duckdb;

import java.sql.SQLException;
import org.duckdb.DuckDBAppender;

/** Appends cells to the row that an appender has begun. */
record AppendedCells(DuckDBAppender appender) implements CellSink {
    private static final int SHORT_DIGITS = 4;
    private static final int INT_DIGITS = 9;

    @Override
    public void none() throws SQLException {
        appender.appendNull();
    }

    @Override
    public void truth(boolean value) throws SQLException {
        appender.append(value);
    }

    @Override
    public void tiny(byte value) throws SQLException {
        appender.append(value);
    }

    @Override
    public void small(short value) throws SQLException {
        appender.append(value);
    }

    @Override
    public void integer(int value) throws SQLException {
        appender.append(value);
    }

    @Override
    public void big(long value) throws SQLException {
        appender.append(value);
    }

    @Override
    public void single(float value) throws SQLException {
        appender.append(value);
    }

    @Override
    public void real(double value) throws SQLException {
        appender.append(value);
    }

    /** DuckDB holds a DECIMAL in 2, 4 or 8 bytes by its digits. */
    @Override
    public void decimal(long unscaled, int digits) throws SQLException {
        if (digits <= SHORT_DIGITS) {
            appender.appendDecimal((short) unscaled);
        } else if (digits <= INT_DIGITS) {
            appender.appendDecimal((int) unscaled);
        } else {
            appender.appendDecimal(unscaled);
        }
    }

    @Override
    public void wideDecimal(long lower, long upper) throws SQLException {
        appender.appendDecimal(lower, upper);
    }

    @Override
    public void text(byte[] utf8) throws SQLException {
        appender.append(utf8);
    }

    @Override
    public void bytes(byte[] bytes) throws SQLException {
        appender.append(bytes);
    }

    @Override
    public void days(int days) throws SQLException {
        appender.appendEpochDays(days);
    }

    @Override
    public void dayMicros(long micros) throws SQLException {
        appender.appendDayMicros(micros);
    }

    @Override
    public void micros(long micros) throws SQLException {
        appender.appendEpochMicros(micros);
    }
}
