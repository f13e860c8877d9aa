package dev.millrace.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.Destination;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.TableFeed;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Type;
import dev.millrace.storage.state.StateChanges;
import dev.millrace.storage.state.StateStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may happen while a table is loaded anew, and to columns that the source's rows don't have. */
final class ShadowTest {
    private static final Column ID = new Column("id", DataType.of(Type.INTEGER), false, 1, "", 1);
    private static final Column TITLE = new Column("title", DataType.of(Type.STRING), true, 0, "", 2);
    private static final Column MORE = new Column("more", DataType.of(Type.LONG), true, 0, "", 3);
    private static final String TITLES = "SELECT id, title FROM public.film ORDER BY id";

    @TempDir
    Path folder;

    private Pipe pipe;
    private TableFeed film;

    @BeforeEach
    void feedAFilm() throws InterruptedException {
        pipe = new Pipe(folder);
        film = new TableFeed(pipe, "film");
        film.schema(1, ID, TITLE)
                .control(Operation.LOAD_STARTED)
                .row(Operation.READ, 1, "one")
                .row(Operation.READ, 2, "two")
                .control(Operation.LOAD_COMPLETED);
        oneBatchAtATime();
    }

    private void oneBatchAtATime() throws InterruptedException {
        try (Destination destination = pipe.destination()) {
            pipe.drain(pipe.consumer(destination, OnDelete.HARD, new ConsumeOptions(1, 1, 0, 1)));
        }
    }

    @Test
    void aTruncationDuringAReloadEmptiesWhatIsBeingLoadedAndLaterTheTable() throws Exception {
        film.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "new one").control(Operation.TRUNCATE);
        oneBatchAtATime();
        assertEquals(List.of("1|one", "2|two"), pipe.query(TITLES));
        film.row(Operation.INSERT, 7, "seven").control(Operation.LOAD_COMPLETED);
        oneBatchAtATime();
        assertEquals(List.of("7|seven"), pipe.query(TITLES));
    }

    @Test
    void aColumnAddedDuringAReloadIsInTheTableAfterIt() throws Exception {
        film.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "new one");
        oneBatchAtATime();
        film.schema(2, ID, TITLE, MORE).row(Operation.READ, 2, "new two", 22).row(Operation.UPDATE, 1, "newer one", 11);
        oneBatchAtATime();
        film.control(Operation.LOAD_COMPLETED).row(Operation.INSERT, 3, "three", 33);
        oneBatchAtATime();
        assertEquals(
                List.of("1|newer one|11", "2|new two|22", "3|three|33"),
                pipe.query("SELECT id, title, more FROM public.film ORDER BY id"));
    }

    @Test
    void aReloadGoesOnWhereItWasWhenTheMappingIsLost() throws Exception {
        film.control(Operation.LOAD_STARTED).row(Operation.READ, 1, "new one");
        oneBatchAtATime();
        pipe.state.write(new StateChanges().deletePrefix(StateStore.Kind.MAPPING, ""), true);
        film.row(Operation.READ, 2, "new two").row(Operation.READ, 2, "new two").control(Operation.LOAD_COMPLETED);
        oneBatchAtATime();
        assertEquals(List.of("1|new one", "2|new two"), pipe.query(TITLES));
    }

    @Test
    void aChunkReadAgainReplacesItsRows() throws Exception {
        film.control(Operation.LOAD_STARTED);
        for (int round = 0; round < 2; round++) {
            for (int id = 1; id <= 20; id++) {
                film.row(Operation.READ, id, "round " + round);
            }
            oneBatchAtATime();
        }
        film.control(Operation.LOAD_COMPLETED);
        oneBatchAtATime();
        assertEquals(
                List.of("20|20|round 1|round 1"),
                pipe.query("SELECT count(*), count(DISTINCT id), min(title), max(title) FROM public.film"));
    }

    @Test
    void aColumnThatSomeoneAddedKeepsItsValuesAndItsDefault() throws Exception {
        pipe.execute("ALTER TABLE public.film ADD COLUMN note VARCHAR DEFAULT 'none'");
        pipe.execute("UPDATE public.film SET note = 'seen' WHERE id = 1");
        film.row(Operation.UPDATE, 1, "eins")
                .row(Operation.INSERT, 3, "three")
                .row(Operation.UPDATE, 2, TableFeed.UNCHANGED);
        pipe.drain(OnDelete.HARD);
        assertEquals(
                List.of("1|eins|seen", "2|two|none", "3|three|none"),
                pipe.query("SELECT id, title, note FROM public.film ORDER BY id"));
    }
}
