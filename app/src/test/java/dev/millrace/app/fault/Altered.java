package dev.millrace.app.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.storage.fault.FaultPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A pipeline that renames, masks, sets and filters what it takes from the ledger: in a form that fails for some events (a script throws, a
 * cast can't be, in PostgreSQL a constraint refuses), which are parked, and in one that does the same and doesn't; and what has to come of it.
 * One event in a hundred or so: enough that most windows have some, few enough that the load keeps up with the ledger on a slow machine.
 */
final class Altered {
    private static final int KEPT = 3;

    private final Stage stage;
    private final String guarantee;

    Altered(Stage stage, String guarantee) {
        this.stage = stage;
        this.guarantee = guarantee;
    }

    /** Writes the pipeline, in the form that fails for some events. */
    void write() throws IOException {
        define(
                "if (event.values.entry % 97 === 5) throw new Error('not yet');",
                "id % 31 == 3 && version % 6 == 5 ? 'none' : '' + version");
    }

    /** Writes the form that doesn't fail. */
    private void mend() throws IOException {
        define("", "'' + version");
    }

    private void define(String refuse, String rank) throws IOException {
        Files.writeString(
                stage.folder().resolve("note.js"), "function transform(event) { " + refuse + " return event; }");
        stage.with("""
                guarantee: %s
                failed: {stopAtRate: never}
                transform:
                  - objects: [public.journal]
                    steps: [{mask: {note: {keepLast: %d}}}, {script: note.js}]
                  - objects: [public.accounts, public.savings]
                    steps: [{rename: {owner: holder}}, {set: {rank: "%s"}}, {cast: {rank: integer}}]
                  - objects: [public.items]
                    steps: [{rename: {amount: total}}]
                  - objects: [public.scratch]
                    steps: [{filter: "id %% 3 != 1"}]
                """.formatted(guarantee, KEPT, rank)).write();
    }

    /** The destination refuses some rows from now on; DuckDB has no constraints that can be added and taken away. */
    void constrain() throws Exception {
        if (!stage.duckdb()) {
            stage.target().execute("ALTER TABLE public.journal ADD CONSTRAINT late CHECK (entry % 101 <> 3) NOT VALID");
        }
    }

    /** Takes the causes away, and has all that was parked replayed, through kills in the middle of it; how many events Millrace says it has lost. */
    long mendAndReplay(List<FaultPoint> kills) throws Exception {
        mend();
        if (!stage.duckdb()) {
            stage.target().execute("ALTER TABLE public.journal DROP CONSTRAINT late");
        }
        for (FaultPoint point : kills) {
            try (MillraceProcess process = stage.run(point + ":1")) {
                assertEquals(137, process.await(Stage.SECONDS), process::text);
            }
        }
        try (MillraceProcess process = stage.run("")) {
            stage.awaitReady(process, System.nanoTime());
            Stage.await(
                    process,
                    "replayed",
                    () -> is("millrace_failed_events_replayed_total", 1, Long.MAX_VALUE)
                            && is("millrace_failed_events", 0, 0));
            assertEquals(
                    metric("failed_events_parked_total"),
                    metric("failed_events_replayed_total")
                            + metric("failed_events_skipped_total")
                            + metric("failed_events_expired_total")
                            + metric("failed_events_obsolete_total"),
                    "what was parked, and what became of it");
            long lost = metric("events_lost_total");
            process.stop(Stage.SECONDS);
            return lost;
        }
    }

    private long metric(String name) throws InterruptedException {
        return stage.admin().metric("millrace_" + name).orElseThrow().longValue();
    }

    private boolean is(String metric, long from, long to) throws InterruptedException {
        return stage.admin()
                .metric(metric)
                .filter(value -> value >= from && value <= to)
                .isPresent();
    }

    /** The ledger's rows as they have to be at the destination, in the form and order of {@link #found}. */
    static List<String> expected(Ledger.Table table) {
        return table.rows().stream()
                .filter(row -> !table.name().equals("scratch") || id(row) % 3 != 1)
                .map(form(table.name()))
                .sorted()
                .toList();
    }

    private static UnaryOperator<String> form(String table) {
        return switch (table) {
            case "accounts", "savings" -> row -> row + row.substring(row.lastIndexOf('|'));
            case "journal" ->
                row -> {
                    int note = row.indexOf('|') + 1;
                    int kept = row.length() - KEPT;
                    return row.substring(0, note) + "*".repeat(kept - note) + row.substring(kept);
                };
            default -> row -> row;
        };
    }

    private static long id(String row) {
        return Long.parseLong(row.substring(0, row.indexOf('|')));
    }

    /** The destination's rows of the table. */
    static List<String> found(Connection destination, Ledger.Table table) throws Exception {
        String query = table.query("public.").replace("owner", "holder").replace("amount", "total");
        boolean ranked = table.name().equals("accounts") || table.name().equals("savings");
        return Stage.rows(destination, ranked ? query.replace("|| version", "|| version || '|' || rank") : query);
    }
}
