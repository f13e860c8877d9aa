package dev.millrace.storage.batch;

import dev.millrace.storage.event.Schema;
import java.math.BigDecimal;

/**
 * One row image's cells, read in place by column number. Which accessor fits which type is told in {@link BatchWriter}; another one gives
 * nonsense or throws, never reads outside the image. Confined to one thread.
 */
public interface Cells {
  /**
   * Points at a row image of {@code schema} (see {@link BatchReader#valuesOffset()}).
   *
   * @throws dev.millrace.config.error.MillraceException BATCH_MALFORMED
   */
  void moveTo(Schema schema, byte[] buffer, int offset, int length);

  Schema schema();

  boolean isNull(int column);

  boolean isUnchanged(int column);

  /** Whether any column is UNCHANGED. */
  boolean anyUnchanged();

  boolean booleanAt(int column);

  /** BYTE, SHORT, INTEGER, LONG, DATE (days), TIME (nanoseconds). */
  long longAt(int column);

  double doubleAt(int column);

  /** The special value of a DECIMAL, DATE, DATETIME or ZONED_DATETIME, or null for an ordinary one. */
  Special specialAt(int column);

  /** Whether the DECIMAL's unscaled value fits a long: then the next two are its parts. */
  boolean isSmallDecimal(int column);

  long unscaledAt(int column);

  int scaleAt(int column);

  BigDecimal decimalAt(int column);

  /** DATETIME, ZONED_DATETIME. */
  long epochSecondAt(int column);

  int nanoAt(int column);

  int offsetSecondsAt(int column);

  /** Where text or bytes stand in {@link #buffer()}. */
  int bytesOffset(int column);

  int bytesLength(int column);

  String stringAt(int column);

  /** The cell's encoding, state excluded: equal cells of one type have equal bytes, so keys may be hashed and compared by them. */
  int encodedOffset(int column);

  int encodedLength(int column);

  byte[] buffer();
}
