package dev.millrace.consume.testing;

import dev.millrace.config.pipeline.OnDelete;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A merged table without a key, and the source of its events. Which one of some equal rows a deletion takes isn't said, so that a row tells its
 * times only when it was deleted.
 */
final class BagModel implements TableModel {
    private static final Schema SCHEMA = new Schema(
            new TableName("shop", "Item"),
            1,
            List.of(
                    new Column("note", DataType.of(Type.STRING), true, 0, "text", 1),
                    new Column("id", DataType.of(Type.INTEGER), true, 0, "int4", 2)));

    private record Row(String values, String deleted) {}

    private final OnDelete onDelete;
    private final List<Row> rows = new ArrayList<>();

    BagModel(OnDelete onDelete) {
        this.onDelete = onDelete;
    }

    /** Writes a random event of few different rows, also of rows that are not there. */
    static void change(BatchWriter to, SplittableRandom random, int number) {
        to.beginTransaction(number, 1_700_000_000_000_000L + random.nextInt(50), "0/" + number, 1);
        int schema = to.schema(SCHEMA);
        int choice = random.nextInt(100);
        if (choice < 2) {
            to.control(Operation.TRUNCATE, schema);
            return;
        }
        to.beginRow(choice < 45 ? Operation.INSERT : choice < 75 ? Operation.DELETE : Operation.UPDATE, schema);
        row(to, random);
        if (choice >= 75) {
            to.beginBefore();
            row(to, random);
        }
        to.endRow();
    }

    private static void row(BatchWriter to, SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            to.putNull();
        } else {
            to.putString(random.nextBoolean() ? "" : "n");
        }
        if (random.nextInt(4) == 0) {
            to.putNull();
        } else {
            to.putLong(random.nextInt(2));
        }
    }

    @Override
    public void put(EventCells event) {
        if (event.reader().hasBefore()) {
            remove(EventCells.text(event.before(null)), event);
        }
        rows.add(new Row(EventCells.text(event.row(null)), ""));
    }

    @Override
    public void delete(EventCells event) {
        remove(EventCells.text(event.row(null)), event);
    }

    private void remove(String values, EventCells event) {
        int place = rows.indexOf(new Row(values, ""));
        if (place < 0 || onDelete == OnDelete.IGNORE) {
            return;
        }
        rows.remove(place);
        if (onDelete == OnDelete.SOFT) {
            rows.add(new Row(values, event.modified()));
        }
    }

    @Override
    public void truncate(EventCells event) {
        switch (onDelete) {
            case HARD -> rows.clear();
            case SOFT ->
                rows.replaceAll(row -> row.deleted().isEmpty() ? new Row(row.values(), event.modified()) : row);
            case IGNORE -> {}
        }
    }

    @Override
    public void loadStarted() {
        throw new IllegalStateException("it is not loaded again");
    }

    @Override
    public void loadCompleted(long atMicros) {
        throw new IllegalStateException("it is not loaded again");
    }

    @Override
    public List<String> rows() {
        return rows.stream()
                .map(row -> row.values() + (row.deleted().isEmpty() ? "0|0" : "1|" + row.deleted()))
                .toList();
    }

    @Override
    public String query(Columns columns) {
        return "SELECT note, id, " + columns.flag("__millrace_deleted") + ", CASE WHEN __millrace_deleted THEN "
                + columns.micros("__millrace_source_modified_at") + " ELSE 0 END FROM shop.\"Item\"";
    }
}
