package dev.millrace.app.cli;

import dev.millrace.app.Connectors;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace preview}: some rows of an object. */
@Command(name = "preview", description = "Shows some rows of an object.", mixinStandardHelpOptions = true)
final class PreviewCommand implements Callable<Integer> {
    private static final int MOST_ROWS = 1_000;

    private final MillraceCommand root;

    @Parameters(index = "0", paramLabel = "PIPELINE", description = "A pipeline's file or name.")
    private String pipeline;

    @Parameters(index = "1", paramLabel = "OBJECT", description = "The object, e.g. public.film.")
    private String object;

    @Option(
            names = {"-n", "--rows"},
            defaultValue = "10",
            description = "How many rows, at most 1,000. Default: ${DEFAULT-VALUE}.")
    private int rows;

    PreviewCommand(MillraceCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (rows < 1 || rows > MOST_ROWS) {
            throw MillraceException.user(
                    "ARGUMENTS_INVALID",
                    "--rows " + rows + " is out of range",
                    "",
                    "Ask for 1 to " + MOST_ROWS + " rows.");
        }
        try (Source source = Connectors.source(root.pipeline(pipeline))) {
            SourceObject found = source.select(List.of(object)).get(0);
            List<List<String>> values = source.preview(found.table(), rows);
            String[] names = found.columns().stream()
                    .map(dev.millrace.storage.event.Column::name)
                    .toArray(String[]::new);
            if (root.json()) {
                values.forEach(row -> root.terminal().json(json(names, row)));
            } else {
                TextTable table = new TextTable(names);
                values.forEach(row -> table.row(
                        row.stream().map(cell -> cell == null ? "NULL" : cell).toArray(String[]::new)));
                table.lines().forEach(root.terminal()::data);
            }
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> json(String[] names, List<String> row) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            fields.put(names[i], row.get(i));
        }
        return fields;
    }
}
