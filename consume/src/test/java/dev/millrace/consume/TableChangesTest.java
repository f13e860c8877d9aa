package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Flaky;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableChangesTest {
    @TempDir
    Path folder;

    private Pipe pipe;
    private TableFeed film;

    @BeforeEach
    void feedAFilm() {
        pipe = new Pipe(folder);
        film = new TableFeed(pipe, "film");
    }

    private static Column key(String name, Type type, int sourceId) {
        return new Column(name, DataType.of(type), false, 1, "", sourceId);
    }

    private static Column column(String name, Type type, int sourceId) {
        return column(name, DataType.of(type), sourceId);
    }

    private static Column column(String name, DataType type, int sourceId) {
        return new Column(name, type, true, 0, "", sourceId);
    }

    /** Every kind of change to a table's shape in one history. */
    private void changeShapes() {
        film.schema(
                        1,
                        key("id", Type.INTEGER, 1),
                        column("title", Type.STRING, 2),
                        column("rate", Type.SHORT, 3),
                        column("old", Type.STRING, 4))
                .row(Operation.INSERT, 1, "one", 7, "x")
                .row(Operation.INSERT, 2, "two", 8, "y")
                .schema(
                        2,
                        key("id", Type.LONG, 1),
                        column("name", Type.STRING, 2),
                        column("rate", DataType.decimal(6, 2), 3),
                        column("added", Type.DATE, 5))
                .row(Operation.UPDATE, 1, "eins", new BigDecimal("7.50"), 19_000)
                .row(Operation.INSERT, 5_000_000_000L, "big", new BigDecimal("9.25"), null)
                .schema(
                        3,
                        key("id", Type.LONG, 1),
                        column("name", Type.STRING, 2),
                        column("rate", Type.STRING, 3),
                        column("added", DataType.time(Type.DATETIME, 6), 5))
                .row(Operation.UPDATE, 2, TableFeed.UNCHANGED, "high", new TableFeed.Moment(86_400, 500_000_000));
    }

    private static final List<String> CHANGED = List.of(
            "1|eins|7.50|x|2022-01-08 00:00:00", "2|two|high|y|1970-01-02 00:00:00.5", "5000000000|big|9.25|null|null");

    private static final String FILMS = "SELECT id, name, rate, old, added::VARCHAR FROM public.film ORDER BY id";

    @Test
    void columnsAreAddedWidenedRenamedAndKeptInsideOneWindow() throws Exception {
        changeShapes();
        pipe.drain(OnDelete.HARD);
        assertEquals(CHANGED, pipe.query(FILMS));
    }

    @Test
    void columnsChangeOverManyWindowsAndInterruptions() throws Exception {
        changeShapes();
        SplittableRandom random = new SplittableRandom(Long.getLong("seed", System.nanoTime()));
        boolean done = false;
        while (!done) {
            try (Destination destination = new Flaky(pipe.destination(), random, 5)) {
                pipe.drain(pipe.consumer(destination, OnDelete.HARD, new ConsumeOptions(1, 1, 0, 1)));
                done = true;
            } catch (MillraceException e) {
                assertEquals(Category.EXTERNAL, e.category(), e.toString());
            }
        }
        assertEquals(CHANGED, pipe.query(FILMS));
    }

    @Test
    void aLostMappingIsFoundAgainAtTheDestination() throws Exception {
        film.schema(1, key("id", Type.INTEGER, 1), column("title", Type.STRING, 2))
                .row(Operation.INSERT, 1, "one");
        pipe.drain(OnDelete.HARD);
        pipe.state.write(new StateChanges().deletePrefix(StateStore.Kind.MAPPING, ""), true);
        film.schema(2, key("id", Type.INTEGER, 1), column("title", Type.STRING, 2), column("more", Type.LONG, 3))
                .row(Operation.INSERT, 2, "two", 22);
        pipe.drain(OnDelete.HARD);
        assertEquals(
                List.of("1|one|null", "2|two|22"), pipe.query("SELECT id, title, more FROM public.film ORDER BY id"));
    }

    @Test
    void aTableThatIsNotOursIsRefusedWithTheDifference() throws Exception {
        pipe.execute("CREATE SCHEMA public");
        pipe.execute("CREATE TABLE public.film (id INTEGER)");
        film.schema(1, key("id", Type.INTEGER, 1)).row(Operation.INSERT, 1);
        MillraceException refused = assertThrows(MillraceException.class, () -> pipe.drain(OnDelete.HARD));
        assertEquals("TABLE_DIFFERS", refused.code());
        assertEquals(Category.USER, refused.category());
    }

    @Test
    void aChangedKeyIsRefused() {
        film.schema(1, key("id", Type.INTEGER, 1), column("code", Type.STRING, 2))
                .row(Operation.INSERT, 1, "a")
                .schema(2, column("id", Type.INTEGER, 1), key("code", Type.STRING, 2))
                .row(Operation.INSERT, 1, "a");
        assertEquals(
                "KEY_CHANGED",
                assertThrows(MillraceException.class, () -> pipe.drain(OnDelete.HARD))
                        .code());
    }

    @Test
    void namesThatDifferInCaseOnlyBecomeTwoTablesAndTwoColumns() throws Exception {
        film.schema(
                        1,
                        key("id", Type.INTEGER, 1),
                        column("ID", Type.STRING, 2),
                        column("__millrace_deleted", Type.STRING, 3))
                .row(Operation.INSERT, 1, "a", "b");
        new TableFeed(pipe, "FILM").schema(1, key("id", Type.INTEGER, 1)).row(Operation.INSERT, 9);
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("2"), pipe.query("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'public'"));
        assertEquals(
                List.of("1|a|b"),
                pipe.query("SELECT * EXCLUDE (__millrace_ingested_at, __millrace_loaded_at,"
                        + " __millrace_source_modified_at, __millrace_deleted) FROM public.film"));
    }

    @Test
    void aFirstLoadGoesStraightInAndAReloadReplacesWhenItIsWhole() throws Exception {
        film.schema(1, key("id", Type.INTEGER, 1), column("title", Type.STRING, 2))
                .control(Operation.LOAD_STARTED)
                .row(Operation.READ, 1, "one")
                .row(Operation.READ, 2, "two");
        pipe.drain(OnDelete.SOFT);
        String titles = "SELECT id, title FROM public.film ORDER BY id";
        assertEquals(List.of("1|one", "2|two"), pipe.query(titles));

        film.control(Operation.LOAD_COMPLETED).control(Operation.LOAD_STARTED).row(Operation.READ, 2, "new two");
        pipe.drain(OnDelete.SOFT);
        assertEquals(List.of("1|one", "2|two"), pipe.query(titles));

        film.row(Operation.INSERT, 3, "three").row(Operation.UPDATE, 3, "drei");
        pipe.drain(OnDelete.SOFT);
        film.control(Operation.LOAD_COMPLETED).row(Operation.INSERT, 4, "four");
        pipe.drain(OnDelete.SOFT);
        assertEquals(List.of("2|new two", "3|drei", "4|four"), pipe.query(titles));
    }

    @Test
    void aLoadThatBeginsAgainDropsWhatTheFirstOneBuilt() throws Exception {
        film.schema(1, key("id", Type.INTEGER, 1))
                .control(Operation.LOAD_STARTED)
                .row(Operation.READ, 1);
        pipe.drain(OnDelete.SOFT);
        film.control(Operation.LOAD_STARTED).row(Operation.READ, 2);
        pipe.drain(OnDelete.SOFT);
        assertEquals(List.of("2"), pipe.query("SELECT id FROM public.film"));
        film.control(Operation.LOAD_COMPLETED).control(Operation.LOAD_STARTED).row(Operation.READ, 5);
        pipe.drain(OnDelete.SOFT);
        film.control(Operation.LOAD_STARTED).row(Operation.READ, 6).control(Operation.LOAD_COMPLETED);
        pipe.drain(OnDelete.SOFT);
        assertEquals(List.of("6"), pipe.query("SELECT id FROM public.film"));
    }

    @Test
    void anUpdateOfATableWithoutAKeyNeedsTheRowBefore() {
        film.schema(1, column("id", Type.INTEGER, 1)).row(Operation.UPDATE, 1);
        DataException refused = assertThrows(DataException.class, () -> pipe.drain(OnDelete.HARD));
        assertTrue(refused.getMessage().contains("REPLICA IDENTITY FULL"), refused.getMessage());
    }
}
