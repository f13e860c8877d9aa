package dev.millrace.consume.duckdb;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.RowCursor;
import dev.millrace.consume.destination.TableLoad;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * A load of a table without a key by way of a temporary table: all inserts, then each delete takes one equal row, the oldest first. Since
 * every deleted row was there at its time, this leaves the same rows as the events one by one. Equal rows are numbered on both sides, so
 * that the deletes are one statement however many they are.
 */
final class KeylessStage {
  private static final String STAGE = "__millrace_stage";
  private static final String DELETED = "__millrace_stage_deleted";

  private final DuckDBConnection connection;
  private final TableLoad load;
  private final String into;
  private final List<TargetColumn> values;
  private final List<TargetColumn> metadata;
  private long inserts;
  private long deletes;

  KeylessStage(DuckDBConnection connection, TableLoad load, TargetName into) {
    this.connection = connection;
    this.load = load;
    this.into = Sql.name(into);
    this.values =
        load.target().columns().stream().filter(c -> c.role() == Role.VALUE && c.sourceIndex() >= 0).toList();
    this.metadata = load.target().columns().stream().filter(c -> c.role() != Role.VALUE).toList();
  }

  void run() throws SQLException {
    List<TargetColumn> written = new ArrayList<>(values);
    written.addAll(metadata);
    execute(
        "CREATE OR REPLACE TEMP TABLE " + STAGE + " ("
            + Sql.list(written, ", ", column -> Sql.quote(column.name()) + " " + DuckDbTypes.name(column.dataType()))
            + ", " + DELETED + " BOOLEAN)");
    fill();
    if (inserts > 0) {
      execute(
          "INSERT INTO " + into + " (" + Sql.names(written) + ") SELECT " + Sql.names(written) + " FROM temp." + STAGE
              + " WHERE NOT " + DELETED);
    }
    if (deletes > 0 && load.onDelete() != OnDelete.IGNORE) {
      execute(remove());
    }
    execute("DROP TABLE temp." + STAGE);
  }

  private void fill() throws SQLException {
    RowAppender rows = new RowAppender(load.target().name().toString(), values);
    MetadataAppender meta = new MetadataAppender(metadata, load.loadedAtMicros());
    try (DuckDBAppender appender = connection.createAppender("temp", "main", STAGE)) {
      RowCursor row = load.rows();
      while (row.next()) {
        boolean deleted = row.kind() == RowCursor.Kind.DELETE_ONE;
        appender.beginRow();
        rows.append(appender, row, row.values());
        meta.append(appender, row);
        appender.append(deleted);
        appender.endRow();
        inserts += deleted ? 0 : 1;
        deletes += deleted ? 1 : 0;
      }
    }
  }

  private String remove() {
    String names = Sql.names(values);
    String live = Sql.quote(name(Role.DELETED));
    String sql =
        " FROM (SELECT " + names + ", row_number() OVER (PARTITION BY " + names + ") AS n FROM temp." + STAGE + " WHERE "
            + DELETED + ") AS d JOIN (SELECT " + names + ", rowid AS place, row_number() OVER (PARTITION BY " + names
            + " ORDER BY rowid) AS n FROM " + into + " WHERE NOT " + live + ") AS c ON (c.n = d.n AND "
            + Sql.list(values, " AND ", column -> Sql.column("c", column) + " IS NOT DISTINCT FROM " + Sql.column("d", column))
            + ")";
    String chosen = "(SELECT c.place" + sql + ")";
    if (load.onDelete() == OnDelete.HARD) {
      return "DELETE FROM " + into + " WHERE rowid IN " + chosen;
    }
    return "UPDATE " + into + " SET " + live + " = true, " + Sql.quote(name(Role.LOADED_AT)) + " = (SELECT max("
        + Sql.quote(name(Role.LOADED_AT)) + ") FROM temp." + STAGE + ") WHERE rowid IN " + chosen;
  }

  private String name(Role role) {
    return metadata.stream().filter(column -> column.role() == role).findFirst().orElseThrow().name();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
