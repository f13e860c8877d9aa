package dev.millrace.consume.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.consume.destination.DataException;
import dev.millrace.consume.testing.Pipe;
import dev.millrace.consume.testing.SourceModel;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Operation;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The largest values that are given to DuckDB, and larger ones, which are refused as a row's fault. */
@Timeout(300)
class OutsizeTest {
    private static final int MOST = 32 << 20;
    private static final String ROWS =
            "SELECT id, note, length(\"large\"), \"large\" = repeat('x', length(\"large\")) FROM shop.item ORDER BY id";

    @TempDir
    Path folder;

    private final BatchWriter writer = new BatchWriter();
    private int position;

    @Test
    void theLargestStaysWhatItIsWhileItsRowIsChangedAndMoved() throws Exception {
        Pipe pipe = new Pipe(folder, 512L << 20);
        insert(1, MOST);
        pipe.append(writer);
        pipe.drain(OnDelete.HARD);
        insert(3, MOST);
        pipe.append(writer);
        update(1, -1);
        update(3, -1);
        update(11, 1);
        pipe.append(writer);
        pipe.drain(OnDelete.HARD);
        assertEquals(List.of("3|b|" + MOST + "|true", "11|b|" + MOST + "|true"), pipe.query(ROWS));
    }

    @Test
    void aLargerOneIsRefusedWithItsColumn() {
        Pipe pipe = new Pipe(folder, 512L << 20);
        insert(1, MOST + 1);
        pipe.append(writer);
        DataException refused = assertThrows(DataException.class, () -> pipe.drain(OnDelete.HARD));
        assertTrue(refused.getMessage().contains("large"), refused.getMessage());
        assertTrue(refused.getMessage().contains("more than 32 MB"), refused.getMessage());
    }

    private void insert(int id, int length) {
        byte[] large = new byte[length];
        Arrays.fill(large, (byte) 'x');
        begin(Operation.INSERT, id, "a");
        writer.lendBytes(large, 0, length);
        writer.putString("north");
        writer.endRow();
    }

    /** Leaves the large value alone. */
    private void update(int id, int was) {
        begin(Operation.UPDATE, id, "b");
        writer.putUnchanged();
        writer.putString("north");
        if (was >= 0) {
            writer.beginBefore();
            writer.putUnchanged();
            writer.putLong(was);
            writer.putUnchanged();
            writer.putString("north");
        }
        writer.endRow();
    }

    private void begin(Operation operation, int id, String note) {
        position++;
        writer.beginTransaction(position, position, "0/" + position, 0);
        writer.beginRow(operation, writer.schema(SourceModel.SCHEMA));
        writer.putString(note);
        writer.putLong(id);
    }
}
