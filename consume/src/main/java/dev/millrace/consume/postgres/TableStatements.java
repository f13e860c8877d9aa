package dev.millrace.consume.postgres;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.TargetColumn;
import dev.millrace.consume.destination.TargetColumn.Role;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.consume.destination.TargetTable;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The statements that make and change a table of ours. */
final class TableStatements {
    private TableStatements() {}

    static List<String> create(TargetTable table, TargetName name) {
        StringJoiner parts = new StringJoiner(", ", "CREATE TABLE " + Quoted.table(name) + " (", ")");
        for (TargetColumn column : table.columns()) {
            parts.add(declaration(column) + (column.inKey() && table.mode() != LoadMode.APPEND ? " NOT NULL" : ""));
        }
        if (table.keyed() && table.mode() == LoadMode.MERGE) {
            parts.add("PRIMARY KEY (" + names(table.key()) + ")");
        }
        List<String> statements = new ArrayList<>(List.of(parts.toString()));
        statements.addAll(indexes(table, name));
        return statements;
    }

    /**
     * What finds the row that a change follows on, and holds that a key has one current version. Of mode merge that is the primary key. The
     * server gives them names of its own.
     */
    private static List<String> indexes(TargetTable table, TargetName name) {
        if (!table.keyed()) {
            return List.of();
        }
        String key = Quoted.table(name) + " (" + names(table.key());
        return switch (table.mode()) {
            case MERGE -> List.of();
            case APPEND -> List.of("CREATE INDEX ON " + key + ", " + VersionStage.column(table, Role.SEQUENCE) + ")");
            case HISTORY ->
                List.of(
                        "CREATE UNIQUE INDEX ON " + key + ") WHERE " + VersionStage.column(table, Role.CURRENT),
                        "CREATE INDEX ON " + key + ", " + VersionStage.column(table, Role.VALID_TO) + ")");
        };
    }

    static String addColumn(TargetName name, TargetColumn column) {
        return alter(name) + "ADD COLUMN IF NOT EXISTS " + declaration(column);
    }

    static String widenColumn(TargetName name, TargetColumn column) {
        String quoted = Quoted.identifier(column.name());
        String type = ColumnType.of(column).sql();
        return alter(name) + "ALTER COLUMN " + quoted + " TYPE " + type + " USING " + quoted + "::" + type;
    }

    static String renameColumn(TargetName name, String from, String to) {
        return alter(name) + "RENAME COLUMN " + Quoted.identifier(from) + " TO " + Quoted.identifier(to);
    }

    static String drop(TargetName name) {
        return "DROP TABLE IF EXISTS " + Quoted.table(name);
    }

    /** The shadow's rows into the emptied table: readers see the old ones until the commit and the new ones after it. */
    static List<String> replace(TargetTable table, TargetName shadow) {
        String target = Quoted.table(table.name());
        String columns = names(table.columns());
        return List.of(
                "INSERT INTO " + target + " (" + columns + ") SELECT " + columns + " FROM " + Quoted.table(shadow),
                "DROP TABLE " + Quoted.table(shadow));
    }

    /** Gives the emptied table the key that {@code table} has now; nothing where it has it already. */
    static List<String> changeKey(TargetTable table, Catalogue.PrimaryKey present) {
        List<String> wanted = table.key().stream().map(TargetColumn::name).toList();
        List<String> statements = new ArrayList<>();
        if (present.columns().equals(wanted)) {
            return statements;
        }
        if (!present.columns().isEmpty()) {
            statements.add(alter(table.name()) + "DROP CONSTRAINT " + Quoted.identifier(present.name()));
        }
        for (String column : present.columns()) {
            if (!wanted.contains(column)) {
                statements.add(alter(table.name()) + "ALTER COLUMN " + Quoted.identifier(column) + " DROP NOT NULL");
            }
        }
        if (!wanted.isEmpty()) {
            statements.add(alter(table.name()) + "ADD PRIMARY KEY (" + names(table.key()) + ")");
        }
        return statements;
    }

    /** @param table quoted */
    static String copy(String table, List<TargetColumn> columns) {
        return "COPY " + table + " (" + names(columns) + ") FROM STDIN (FORMAT binary)";
    }

    static String names(List<TargetColumn> columns) {
        return columns.stream().map(column -> Quoted.identifier(column.name())).collect(Collectors.joining(", "));
    }

    private static String alter(TargetName name) {
        return "ALTER TABLE " + Quoted.table(name) + " ";
    }

    private static String declaration(TargetColumn column) {
        return Quoted.identifier(column.name()) + " " + ColumnType.of(column).sql();
    }
}
