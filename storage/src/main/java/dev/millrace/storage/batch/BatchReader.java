package dev.millrace.storage.batch;

import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;

/**
 * Walks a batch's rows in place. After {@link #next} the accessors tell of that row until the next call. Confined to one thread; may be
 * reopened on another batch.
 *
 * <p>Malformed bytes never crash, hang or allocate without bound: {@link dev.millrace.config.error.MillraceException} BATCH_MALFORMED.
 */
public interface BatchReader {
  /** Begins with {@code batch}; what came of an earlier batch (its cells, its buffer) stays valid but is no longer moved. */
  void open(StoredBatch batch);

  /** Moves to the next row; false behind the last. */
  boolean next();

  Operation operation();

  Schema schema();

  /** The schema's number within this batch, for tables of plans. */
  int schemaNumber();

  /** Number of schemas in this batch, and each of them. */
  int schemaCount();

  Schema schemaAt(int number);

  long transactionId();

  /** Microseconds from 1970 UTC, {@link Long#MIN_VALUE} unknown. */
  long modifiedAtMicros();

  /** The event id's stem and number; the id is {@code position() + ":" + ordinal()}. */
  String position();

  long ordinal();

  /** The row's values; one instance, moved by {@link #next}. */
  Cells values();

  boolean hasBefore();

  /** The row before; only when {@link #hasBefore()}; one instance, moved by {@link #next}. */
  Cells before();

  /** Where the current row's values begin in {@link #buffer()}, and their length: an image that {@link Cells#moveTo} reads again. */
  int valuesOffset();

  int valuesLength();

  /** The same for {@link #before()}; only when {@link #hasBefore()}. */
  int beforeOffset();

  int beforeLength();

  /** The decompressed body; valid as long as it is held, whatever is opened next. */
  byte[] buffer();
}
