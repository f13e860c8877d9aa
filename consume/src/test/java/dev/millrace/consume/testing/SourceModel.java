package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A table with the key (area, id) and two texts, of which the second is left UNCHANGED where it did not change; makes random changes to
 * itself, writes them as a source would, and so always knows what the destination has to hold. Keys are exchanged and passed round, too. When
 * asked to, it is loaded again now and then while it changes, as the engine does that.
 */
public final class SourceModel {
    public static final TableName TABLE = new TableName("shop", "Item");
    public static final Schema SCHEMA = new Schema(
            TABLE,
            1,
            List.of(
                    new Column("note", DataType.of(Type.STRING), true, 0, "text", 1),
                    new Column("id", DataType.of(Type.INTEGER), false, 2, "int4", 2),
                    new Column("large", DataType.of(Type.STRING), true, 0, "text", 3),
                    new Column("area", DataType.text(Type.STRING, 10), false, 1, "varchar", 4)));

    private static final int KEYS = 12;
    /** Each has two keys at most, so a load of one batch has few enough rows for destinations with little memory. */
    private static final int MOST_EVENTS = 10;

    private final SplittableRandom random;
    private final Map<String, String[]> rows = new TreeMap<>();
    private int changes;
    private int wander;
    private int clock;
    private int reloadsPerThousand;
    private Runnable cut;
    /** While it is loaded again: keys whose rows are still to be read. */
    private TreeSet<String> unread;

    public SourceModel(SplittableRandom random) {
        this.random = random;
    }

    /** From now on so many of a thousand changes begin to load the table again. */
    public SourceModel reloading(int perThousand) {
        reloadsPerThousand = perThousand;
        return this;
    }

    /**
     * From now on its clock is put forward and back by so many microseconds at most; not while it is loaded again, where a change that leaves cells
     * alone is passed over by windows that don't have the row yet, with its time.
     */
    public SourceModel wandering(int micros) {
        wander = micros;
        return this;
    }

    private void begin(BatchWriter to) {
        if (wander > 0 && unread == null && random.nextInt(3) == 0) {
            clock = random.nextInt(-wander, wander + 1);
        }
        to.beginTransaction(changes, 1_700_000_000_000_000L + changes + clock, "0/" + changes, 1);
    }

    /** Called now and then between two changes of one transaction, so that a batch may end there, and when a batch has many. */
    public SourceModel cutting(Runnable between) {
        cut = between;
        return this;
    }

    /** Begins to load it again, whether or not a load is under way. */
    public void beginReload(BatchWriter to) {
        unread = null;
        load(to, to.schema(SCHEMA));
    }

    /** Ends a load that is under way: until then readers of the destination see what was before it. */
    public void endReload(BatchWriter to) {
        while (unread != null) {
            load(to, to.schema(SCHEMA));
        }
    }

    /** Every row as "area|id|note|large". */
    public List<String> rows() {
        List<String> all = new ArrayList<>();
        rows.forEach((key, values) -> all.add(key + "|" + values[0] + "|" + values[1]));
        return all;
    }

    /** Makes changes until there is a row: with its first one a table is made at the destination, where it can be asked for then. */
    public SourceModel begun(BatchWriter to) {
        while (rows.isEmpty()) {
            change(to);
        }
        return this;
    }

    /** Makes one random change and writes its event. */
    public void change(BatchWriter to) {
        int schema = to.schema(SCHEMA);
        if (unread != null && random.nextInt(3) == 0
                || reloadsPerThousand > 0 && random.nextInt(1_000) < reloadsPerThousand) {
            load(to, schema);
            return;
        }
        int choice = random.nextInt(100);
        String key = randomKey();
        changes++;
        if (choice < 2) {
            rows.clear();
            begin(to);
            to.control(Operation.TRUNCATE, schema);
        } else if (!rows.containsKey(key)) {
            insert(to, key);
        } else if (choice < 20) {
            rows.remove(key);
            begin(to, Operation.DELETE);
            to.putUnchanged();
            id(to, key);
            to.putUnchanged();
            area(to, key);
            to.endRow();
        } else if (choice < 30) {
            begin(to, Operation.READ);
            whole(to, key, rows.get(key));
            to.endRow();
        } else if (choice < 50) {
            move(to, key);
        } else if (choice < 65) {
            passRound(to);
        } else {
            update(to, key, key, random.nextBoolean());
        }
    }

    private void insert(BatchWriter to, String key) {
        String[] values = {text(), text()};
        rows.put(key, values);
        begin(to, Operation.INSERT);
        whole(to, key, values);
        to.endRow();
    }

    private void move(BatchWriter to, String key) {
        String newKey = randomKey();
        if (rows.containsKey(newKey)) {
            update(to, key, key, true);
        } else {
            update(to, key, newKey, true);
        }
    }

    /** Two rows or more take each other's keys, by way of one that is free. */
    private void passRound(BatchWriter to) {
        List<String> some = new ArrayList<>(rows.keySet());
        String free = randomKey();
        if (some.isEmpty() || rows.containsKey(free)) {
            return;
        }
        while (some.size() > 2 && random.nextInt(6) > 0) {
            some.remove(random.nextInt(some.size()));
        }
        String place = free;
        for (String key : some) {
            passOn(to, key, place);
            place = key;
        }
        passOn(to, free, place);
    }

    private void passOn(BatchWriter to, String key, String newKey) {
        update(to, key, newKey, true);
        if (cut != null && random.nextInt(3) == 0) {
            cut.run();
        }
    }

    /** A step of a load under changes: its beginning, the reading of a row, or its end. */
    private void load(BatchWriter to, int schema) {
        changes++;
        if (unread == null || random.nextInt(60) == 0) {
            unread = new TreeSet<>(rows.keySet());
            to.beginTransaction(0, Long.MIN_VALUE, "load/" + changes, 1);
            to.control(Operation.LOAD_STARTED, schema);
        } else if (unread.isEmpty()) {
            unread = null;
            to.beginTransaction(0, Long.MIN_VALUE, "load/" + changes, 1);
            to.control(Operation.LOAD_COMPLETED, schema);
        } else {
            String key = unread.ceiling(randomKey());
            key = key == null ? unread.first() : key;
            unread.remove(key);
            if (rows.containsKey(key)) {
                begin(to, Operation.READ);
                whole(to, key, rows.get(key));
                to.endRow();
            }
        }
    }

    private void update(BatchWriter to, String key, String newKey, boolean withBefore) {
        String[] old = rows.remove(key);
        boolean sameLarge = random.nextInt(3) > 0;
        String[] values = {text(), sameLarge ? old[1] : text()};
        rows.put(newKey, values);
        if (unread != null && !key.equals(newKey)) {
            unread.add(newKey); // its row may have moved there from a key that was not read yet
        }
        begin(to, Operation.UPDATE);
        put(to, values[0]);
        id(to, newKey);
        if (sameLarge && old[1] != null) {
            to.putUnchanged();
        } else {
            put(to, values[1]);
        }
        area(to, newKey);
        if (withBefore || !key.equals(newKey)) {
            to.beginBefore();
            if (random.nextInt(4) == 0) {
                whole(to, key, old);
            } else {
                to.putUnchanged();
                id(to, key);
                to.putUnchanged();
                area(to, key);
            }
        }
        to.endRow();
    }

    private void begin(BatchWriter to, Operation operation) {
        if (cut != null && to.eventCount() >= MOST_EVENTS) {
            cut.run();
        }
        begin(to);
        to.beginRow(operation, to.schema(SCHEMA));
    }

    private static void whole(BatchWriter to, String key, String[] values) {
        put(to, values[0]);
        id(to, key);
        put(to, values[1]);
        area(to, key);
    }

    private static void put(BatchWriter to, String value) {
        if (value == null) {
            to.putNull();
        } else {
            to.putString(value);
        }
    }

    private static void id(BatchWriter to, String key) {
        to.putLong(Long.parseLong(key.substring(key.indexOf('|') + 1)));
    }

    private static void area(BatchWriter to, String key) {
        to.putString(key.substring(0, key.indexOf('|')));
    }

    private String randomKey() {
        return (random.nextBoolean() ? "n" : "nn") + "|" + random.nextInt(KEYS);
    }

    private String text() {
        return random.nextInt(5) == 0 ? null : "t" + random.nextInt(1_000_000);
    }
}
