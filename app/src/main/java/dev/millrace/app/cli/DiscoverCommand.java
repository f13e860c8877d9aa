package dev.millrace.app.cli;

import dev.millrace.app.Connectors;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.storage.event.Column;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace discover}: what a source holds. */
@Command(
        name = "discover",
        description = "Lists a source's objects with columns, types, keys and estimated rows.",
        mixinStandardHelpOptions = true)
final class DiscoverCommand implements Callable<Integer> {
    private final MillraceCommand root;

    @Parameters(paramLabel = "PIPELINE", description = "A pipeline's file or name.")
    private String pipeline;

    @Option(names = "--columns", description = "With each object's columns.")
    private boolean columns;

    DiscoverCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        List<SourceObject> objects;
        try (Source source = Connectors.source(root.pipeline(pipeline))) {
            objects = source.discover();
        }
        if (root.json()) {
            objects.forEach(object -> root.terminal().json(json(object)));
            return ExitCode.OK;
        }
        TextTable table = new TextTable("object", "kind", "columns", "key", "rows (estimate)", "note");
        for (SourceObject object : objects) {
            List<String> key = object.columns().stream()
                    .filter(Column::inKey)
                    .map(Column::name)
                    .toList();
            String rows = object.estimatedRows() < 0 ? "?" : ProgressDisplay.count(object.estimatedRows());
            table.row(
                    object.table().toString(),
                    object.kind(),
                    Integer.toString(object.columns().size()),
                    String.join(", ", key),
                    rows,
                    object.note());
            if (columns) {
                object.columns()
                        .forEach(column -> table.row(
                                "  " + column.name(),
                                column.sourceType(),
                                "",
                                column.inKey() ? "key" : "",
                                "",
                                type(column)));
            }
        }
        table.lines().forEach(root.terminal()::data);
        return ExitCode.OK;
    }

    private static String type(Column column) {
        return column.type() + (column.nullable() ? "" : " not null");
    }

    private static Map<String, Object> json(SourceObject object) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("schema", object.table().schema());
        fields.put("name", object.table().name());
        fields.put("kind", object.kind());
        fields.put("estimatedRows", object.estimatedRows());
        fields.put("estimatedBytes", object.estimatedBytes());
        fields.put("note", object.note());
        fields.put(
                "columns", object.columns().stream().map(DiscoverCommand::json).toList());
        return fields;
    }

    private static Map<String, Object> json(Column column) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", column.name());
        fields.put("type", column.type().name());
        fields.put("sourceType", column.sourceType());
        fields.put("nullable", column.nullable());
        fields.put("keyPosition", column.keyPosition());
        return fields;
    }
}
