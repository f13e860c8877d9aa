package dev.millrace.consume.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.config.pipeline.LoadRules;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.ConsumeOptions;
import dev.millrace.consume.destination.Destination;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What historical loads leave in a table with a history: each case into an empty destination, in windows of every size. */
public final class HistoryLoads {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "", 1);
    private static final Column TITLE = new Column("title", DataType.of(Type.STRING), true, 0, "", 2);
    private static final Column NOTE = new Column("note", DataType.of(Type.MAP), true, 0, "jsonb", 3);
    private static final String VERSIONS =
            "SELECT id, title, note, CASE WHEN __millrace_current AND __millrace_valid_to IS NULL THEN"
                    + " 'current' WHEN NOT __millrace_current AND __millrace_valid_to >= __millrace_valid_from THEN 'ended' ELSE 'wrong' END"
                    + " FROM public.film ORDER BY id, __millrace_sequence";

    private final Pipe pipe;
    private final Supplier<Destination> destinations;
    private final ModeTrial.Query query;
    private final TableFeed film;
    private final ConsumeOptions options;

    /** @param windowRows how many rows a window takes */
    public HistoryLoads(Pipe pipe, Supplier<Destination> destinations, ModeTrial.Query query, int windowRows) {
        this.pipe = pipe;
        this.destinations = destinations;
        this.query = query;
        this.options = new ConsumeOptions(windowRows, 1 << 20, 0, 1);
        this.film = new TableFeed(pipe, "film").schema(1, ID, TITLE, NOTE);
    }

    /** A row is read once its load has begun; changes before that make no version with cells that nobody has. */
    public void firstLoadUnderChanges() throws Exception {
        film.control(Operation.LOAD_STARTED)
                .row(Operation.UPDATE, 1, "one, changed", TableFeed.UNCHANGED)
                .row(Operation.UPDATE, 2, "two, never read", TableFeed.UNCHANGED)
                .row(Operation.DELETE, 2, TableFeed.UNCHANGED, TableFeed.UNCHANGED)
                .row(Operation.INSERT, 3, "three", "[3]")
                .row(Operation.READ, 1, "one, changed", "[1]")
                .row(Operation.READ, 3, "three", "[3]")
                .row(Operation.UPDATE, 1, "one, again", TableFeed.UNCHANGED)
                .control(Operation.LOAD_COMPLETED)
                .row(Operation.UPDATE, 3, "three, later", TableFeed.UNCHANGED);
        drain();
        assertEquals(
                List.of(
                        "1|one, changed|[1]|ended",
                        "1|one, again|[1]|current",
                        "3|three|[3]|ended",
                        "3|three, later|[3]|current"),
                query.rows(VERSIONS));
    }

    /** Loaded again: what is as it was goes on, what is not there any more ends, what has changed follows on what was. */
    public void reloadUnderChanges() throws Exception {
        load("one", "two", "three", "four", "five");
        film.row(Operation.DELETE, 5, TableFeed.UNCHANGED, TableFeed.UNCHANGED);
        film.control(Operation.LOAD_STARTED)
                .row(Operation.READ, 1, "one", "[1]")
                .row(Operation.UPDATE, 3, "zwei und drei", TableFeed.UNCHANGED)
                .row(Operation.READ, 2, "two, missed", "[2]")
                .row(Operation.READ, 3, "zwei und drei", "[3]")
                .row(Operation.READ, 6, "six", null)
                .row(Operation.UPDATE, 1, "one, changed", TableFeed.UNCHANGED)
                .row(Operation.READ, 5, "five", "[5]");
        drain();
        assertEquals(
                List.of(
                        "1|one|[1]|current",
                        "2|two|[2]|current",
                        "3|three|[3]|current",
                        "4|four|[4]|current",
                        "5|five|[5]|ended"),
                query.rows(VERSIONS));
        film.control(Operation.LOAD_COMPLETED).row(Operation.DELETE, 6, TableFeed.UNCHANGED, TableFeed.UNCHANGED);
        drain();
        assertEquals(
                List.of(
                        "1|one|[1]|ended",
                        "1|one, changed|[1]|current",
                        "2|two|[2]|ended",
                        "2|two, missed|[2]|current",
                        "3|three|[3]|ended",
                        "3|zwei und drei|[3]|current",
                        "4|four|[4]|ended",
                        "5|five|[5]|ended",
                        "5|five|[5]|current",
                        "6|six|∅|ended"),
                query.rows(VERSIONS));
    }

    /** Loads that are begun again and again leave one version of what never changed. */
    public void reloadsOfWhatNeverChanged() throws Exception {
        load("one", "two");
        load("one", "two");
        film.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "lost with its load", null);
        drain();
        load("one", "two");
        drain();
        assertEquals(List.of("1|one|[1]|current", "2|two|[2]|current"), query.rows(VERSIONS));
    }

    /** A truncation ends all that is current, and what comes after it begins anew. */
    public void truncation() throws Exception {
        load("one", "two", "three");
        film.row(Operation.UPDATE, 1, "uno", TableFeed.UNCHANGED)
                .row(Operation.INSERT, 4, "four", null)
                .control(Operation.TRUNCATE)
                .row(Operation.INSERT, 2, "due", null);
        drain();
        assertEquals(
                List.of(
                        "1|one|[1]|ended",
                        "1|uno|[1]|ended",
                        "2|two|[2]|ended",
                        "2|due|∅|current",
                        "3|three|[3]|ended",
                        "4|four|∅|ended"),
                query.rows(VERSIONS));
    }

    /** What comes after a truncation, by a clock that was put back, is valid from when what it ended was. All in one window. */
    public void truncationByAnEarlierClock() throws Exception {
        film.after(10_000);
        load("one", "two");
        film.after(0)
                .row(Operation.UPDATE, 1, "uno", TableFeed.UNCHANGED)
                .control(Operation.TRUNCATE)
                .row(Operation.INSERT, 1, "eins", null)
                .row(Operation.INSERT, 2, "zwei", null);
        drain();
        assertEquals(
                List.of("1|one|follows", "1|uno|follows", "1|eins|follows", "2|two|follows", "2|zwei|follows"),
                query.rows("SELECT id, title, CASE WHEN __millrace_valid_from < lag(__millrace_valid_to) OVER"
                        + " (PARTITION BY id ORDER BY __millrace_sequence) THEN 'overlaps' ELSE 'follows' END"
                        + " FROM public.film ORDER BY id, __millrace_sequence"));
    }

    /** Many rows of one event: loaded again, each is held against its own version. */
    public void reloadOfManyRowsOfOneEvent() throws Exception {
        Path folder = pipe.file().toAbsolutePath().getParent();
        Files.writeString(
                folder.resolve("twenty.js"),
                "function transform(e) { return Array.from({length: 20}, (none, i) => ({operation: e.operation,"
                        + " values: {id: i, title: i == 17 ? e.values.title : 'same', note: null}})) }");
        pipe.transform = StepBench.load(folder, "transform:\n  - steps:\n      - script: twenty.js\n")
                .transform();
        load("one");
        load("two");
        assertEquals(
                List.of("17|one|ended", "17|two|current", "21|null|null"),
                query
                        .rows(
                                "SELECT id, title, CASE WHEN __millrace_current THEN 'current' ELSE 'ended' END FROM public.film"
                                        + " WHERE id = 17 UNION ALL SELECT count(*), 'null', 'null' FROM public.film ORDER BY 1, 2")
                        .stream()
                        .map(row -> row.replace("∅", "null"))
                        .toList());
    }

    /** Of a table that is appended to, every load adds its rows. */
    public void appendedLoads() throws Exception {
        for (int round = 0; round < 2; round++) {
            film.control(Operation.LOAD_STARTED)
                    .row(Operation.READ, 1, "one", "[1]")
                    .row(Operation.UPDATE, 1, "uno", TableFeed.UNCHANGED)
                    .control(Operation.LOAD_COMPLETED);
        }
        drain(LoadMode.APPEND);
        assertEquals(
                List.of("1|one|[1]|read", "1|uno|[1]|update", "1|one|[1]|read", "1|uno|[1]|update"),
                query.rows(
                        "SELECT id, title, note, __millrace_operation FROM public.film ORDER BY __millrace_sequence"));
    }

    private void load(String... titles) throws Exception {
        film.control(Operation.LOAD_STARTED);
        for (int i = 1; i <= titles.length; i++) {
            film.row(Operation.READ, i, titles[i - 1], "[" + i + "]");
        }
        film.control(Operation.LOAD_COMPLETED);
        drain();
    }

    private void drain() throws InterruptedException {
        drain(LoadMode.HISTORY);
    }

    private void drain(LoadMode mode) throws InterruptedException {
        LoadRules rules = new LoadRules(mode, OnDelete.SOFT, List.of());
        try (Destination destination = destinations.get()) {
            pipe.drain(pipe.consumer(destination, rules, options, Optional.empty()));
        }
    }
}
