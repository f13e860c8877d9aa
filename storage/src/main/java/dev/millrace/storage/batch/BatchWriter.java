package dev.millrace.storage.batch;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;

/**
 * Encodes rows into a batch: per row {@code beginRow}, one put per column in the schema's order, optionally {@code beginBefore} and one put
 * per column again, {@code endRow}. Nothing is boxed; the buffers are reused over {@link #finish}. Confined to one thread.
 *
 * <p>A put that does not fit the column's type is a defect: {@link IllegalStateException}.
 */
public interface BatchWriter {
  /** The schema's number in this batch; registers it when it is new here (by identity first, then by table and version). */
  int schema(Schema schema);

  /**
   * The rows that follow belong to this source transaction.
   *
   * @param transactionId the source's number, 0 for a historical load
   * @param modifiedAtMicros commit time, microseconds from 1970 UTC; {@link Long#MIN_VALUE} unknown
   * @param position the offset in text, the stem of event ids: id = position + ":" + ordinal
   * @param firstOrdinal the ordinal of the next row within that offset
   */
  void beginTransaction(long transactionId, long modifiedAtMicros, String position, long firstOrdinal);

  void beginRow(Operation operation, int schema);

  void putNull();

  /** The value is what the destination already holds; never NULL. */
  void putUnchanged();

  void putBoolean(boolean value);

  /** BYTE, SHORT, INTEGER, LONG; DATE as days; TIME as nanoseconds. */
  void putLong(long value);

  /** FLOAT, DOUBLE. */
  void putDouble(double value);

  /** DECIMAL that is finite: {@code unscaled × 10^-scale}; the scale is kept (1.50 stays 1.50). */
  void putDecimal(long unscaled, int scale);

  /** DECIMAL beyond a long. */
  void putDecimal(java.math.BigDecimal value);

  /** DECIMAL, DATE, DATETIME, ZONED_DATETIME: a value outside the number line. */
  void putSpecial(Special value);

  /** DATETIME. */
  void putDateTime(long epochSecond, int nano);

  /** ZONED_DATETIME; {@code offsetSeconds} the offset it was written in, 0 where the source keeps only the instant. */
  void putZonedDateTime(long epochSecond, int nano, int offsetSeconds);

  /** CHAR, STRING, LIST, MAP, LIST_MAP, FILE_REF (UTF-8) and BYTE_ARRAY. */
  void putBytes(byte[] bytes, int offset, int length);

  /** As {@link #putBytes}, encoding as UTF-8. */
  void putString(String value);

  /** The row's values are whole; what follows is the row before the change, in full width; columns that are not known are UNCHANGED. */
  void beginBefore();

  void endRow();

  /** Takes back the row that was begun and not ended. */
  void abandonRow();

  /** TRUNCATE, LOAD_STARTED, LOAD_COMPLETED. */
  void control(Operation operation, int schema);

  int eventCount();

  /** Bytes encoded so far, before compression. */
  int sizeBytes();

  /** Finishes the batch and makes the writer empty for the next. */
  EncodedBatch finish(long createdAtMillis, boolean historicalLoad, boolean endsTransaction, OffsetDelta offsetDelta);
}
