package dev.millrace.consume.duckdb;

import java.sql.SQLException;

/** Takes cells one after the other, row by row, in the order of the columns; each call gives one cell of the type that its column has. */
interface CellSink {
    /** NULL. */
    void none() throws SQLException;

    void truth(boolean value) throws SQLException;

    /** TINYINT. */
    void tiny(byte value) throws SQLException;

    /** SMALLINT. */
    void small(short value) throws SQLException;

    /** INTEGER. */
    void integer(int value) throws SQLException;

    /** BIGINT. */
    void big(long value) throws SQLException;

    /** FLOAT. */
    void single(float value) throws SQLException;

    /** DOUBLE. */
    void real(double value) throws SQLException;

    /** A DECIMAL of up to 18 digits, which are these. */
    void decimal(long unscaled, int digits) throws SQLException;

    /** A DECIMAL of more digits: the upper half and the lower half of 128 bits. */
    void wideDecimal(long lower, long upper) throws SQLException;

    /** VARCHAR and JSON as UTF-8, which is the sink's from now on. */
    void text(byte[] utf8) throws SQLException;

    /** BLOB; the sink's from now on. */
    void bytes(byte[] bytes) throws SQLException;

    /** DATE, from 1970. */
    void days(int days) throws SQLException;

    /** TIME, from midnight. */
    void dayMicros(long micros) throws SQLException;

    /** TIMESTAMP and TIMESTAMPTZ, from 1970 UTC. */
    void micros(long micros) throws SQLException;
}
