package dev.millrace.consume.duckdb;

import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetName;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Pieces of SQL: every identifier is quoted. */
final class Sql {
    private Sql() {}

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    static String name(TargetName table) {
        return quote(table.schema()) + "." + quote(table.name());
    }

    /** A condition on DuckDB's own catalogue functions: names are the same whatever their case. */
    static String isTable(TargetName table) {
        return "lower(schema_name) = lower(" + literal(table.schema()) + ") AND lower(table_name) = lower("
                + literal(table.name()) + ")";
    }

    static String column(String alias, TargetColumn column) {
        return alias + "." + quote(column.name());
    }

    /** The column's value such that two are equal only where they are the same: to DuckDB -0.0 and 0.0 are equal. */
    static String exact(String alias, TargetColumn column) {
        return switch (DuckDbTypes.kind(column.dataType())) {
            case FLOAT, DOUBLE -> "CAST(" + column(alias, column) + " AS VARCHAR)";
            default -> column(alias, column);
        };
    }

    static <T> String list(List<T> items, String between, Function<T, String> form) {
        return items.stream().map(form).collect(Collectors.joining(between));
    }

    /** The columns' names. */
    static String names(List<TargetColumn> columns) {
        return list(columns, ", ", column -> quote(column.name()));
    }
}
