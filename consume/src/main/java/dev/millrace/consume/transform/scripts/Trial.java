package dev.millrace.consume.transform.scripts;

import dev.millrace.consume.script.RowView;
import dev.millrace.consume.script.Script;
import dev.millrace.consume.script.ScriptEvent;
import dev.millrace.consume.script.ScriptFailure;
import dev.millrace.consume.script.ScriptResult;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shapes to begin with, before any row: the script is run on a row of plain values, which shows the tables it sends rows to, the columns of
 * the source that it lets through and the key. What it makes itself is learned from true rows only. A script that fails on such a row begins
 * with the source's own shape.
 */
final class Trial {
    private static final LocalDate DAY = LocalDate.of(2000, 1, 1);
    private static final ScriptEvent.Facts FACTS = new ScriptEvent.Facts("trial", 0, 0, 0, 0);

    private Trial() {}

    static List<Schema> of(Script script, Schema input) {
        try {
            List<Schema> shapes = script.apply(
                    new ScriptEvent(Operation.INSERT, input, new PlainRow(input.columns()), null, FACTS),
                    (results, values) -> shapes(input, results));
            return shapes.isEmpty() ? List.of(input) : shapes;
        } catch (ScriptFailure needsATrueRow) {
            return List.of(input);
        }
    }

    private static List<Schema> shapes(Schema input, List<ScriptResult> results) {
        Map<TableName, Schema> shapes = new LinkedHashMap<>();
        for (ScriptResult row : results) {
            List<Column> columns = new ArrayList<>();
            for (Column column : input.columns()) {
                if (row.cells().containsKey(column.name())) {
                    columns.add(column);
                }
            }
            boolean keyKnown = columns.stream().map(Column::name).toList().containsAll(row.key());
            if (!columns.isEmpty() && keyKnown) {
                shapes.putIfAbsent(
                        row.table(), new Schema(row.table(), input.version(), Shapes.keyed(columns, row.key())));
            }
        }
        return List.copyOf(shapes.values());
    }

    private record PlainRow(List<Column> columns) implements RowView {
        @Override
        public Object valueAt(int column) {
            return switch (columns.get(column).type()) {
                case BOOLEAN -> true;
                case BYTE, SHORT, INTEGER, LONG -> 1L;
                case FLOAT -> 1.0f;
                case DOUBLE -> 1.0;
                case DECIMAL -> BigDecimal.ONE;
                case CHAR, STRING, FILE_REF -> "a";
                case BYTE_ARRAY -> new byte[] {1};
                case DATE -> DAY;
                case TIME -> Duration.ofHours(1);
                case DATETIME -> LocalDateTime.of(DAY, java.time.LocalTime.NOON);
                case ZONED_DATETIME ->
                    LocalDateTime.of(DAY, java.time.LocalTime.NOON).atOffset(ZoneOffset.UTC);
                case LIST, LIST_MAP -> "[]";
                case MAP -> "{}";
            };
        }

        @Override
        public boolean isUnchanged(int column) {
            return false;
        }
    }
}
