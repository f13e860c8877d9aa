package dev.millrace.storage.batch;

/** Values outside the number line: NaN for DECIMAL only, the infinities for DECIMAL, DATE, DATETIME and ZONED_DATETIME. */
public enum Special {
    NAN,
    POSITIVE_INFINITY,
    NEGATIVE_INFINITY
}
