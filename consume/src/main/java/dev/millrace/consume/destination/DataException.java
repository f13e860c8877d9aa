package dev.millrace.consume.destination;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;

/** A row or value the destination can't take: the data are at fault, not the destination. {@code column} is empty where it is not known. */
public final class DataException extends MillraceException {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final String column;

  public DataException(String table, String column, String why, Throwable cause) {
    super(
        "DATA_REFUSED",
        Category.USER,
        "Table '" + table + "'" + (column.isEmpty() ? "" : " column '" + column + "'") + " can't take a value",
        why,
        "Correct the row at the source or exclude the column, then start the pipeline again; nothing was lost.",
        cause);
    this.table = table;
    this.column = column;
  }

  public String table() {
    return table;
  }

  public String column() {
    return column;
  }
}
