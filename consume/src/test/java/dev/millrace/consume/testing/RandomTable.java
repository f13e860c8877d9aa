package dev.millrace.consume.testing;

import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.DataType;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.event.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * One table of a random shape that changes at random, rows and shape, and tells of it as a source does. {@code id} (and {@code area}) are
 * its key where it has one; {@code note} is sent by every event and {@code code} is mostly a number; {@code large} and {@code doc} are left UNCHANGED
 * where they did not change; the others come, go, get other names and wider types.
 */
final class RandomTable {
    private static final int ROWS = 14;

    private final SplittableRandom random;
    private final RandomTables.Traits traits;
    private final RandomTables.Transactions transactions;
    private final TableName name;
    private final boolean keyed;
    /** Whether events bring the whole row before. */
    private final boolean full;

    private final List<Column> columns = new ArrayList<>();
    private final List<Object[]> rows = new ArrayList<>();
    private int version = 1;
    private int columnsSoFar;
    /** Keys whose rows are still to be read by the load that is under way; null while there is none. */
    private List<Object[]> unread;

    RandomTable(
            String name, SplittableRandom random, RandomTables.Traits traits, RandomTables.Transactions transactions) {
        this.name = new TableName("shop", name);
        this.random = random;
        this.traits = traits;
        this.transactions = transactions;
        this.keyed = !traits.keyless() || random.nextInt(3) > 0;
        this.full = !keyed || traits.full() || random.nextBoolean();
        columns.add(column("id", DataType.of(Type.INTEGER), keyed ? 1 : 0));
        if (random.nextBoolean()) {
            columns.add(column("area", DataType.text(Type.STRING, 10), keyed ? 2 : 0));
        }
        columns.add(column("note", DataType.of(Type.STRING), 0));
        columns.add(column("code", DataType.of(Type.STRING), 0));
        columns.add(column("large", DataType.of(Type.STRING), 0));
        if (traits.documents()) {
            columns.add(new Column("doc", DataType.of(Type.MAP), true, 0, "jsonb", ++columnsSoFar));
        }
        Collections.shuffle(columns, new Random(random.nextLong()));
        for (int i = random.nextInt(3); i > 0; i--) {
            add();
        }
    }

    private Column column(String columnName, DataType type, int keyPosition) {
        return new Column(columnName, type, keyPosition == 0, keyPosition, "", ++columnsSoFar);
    }

    private Schema schema() {
        return new Schema(name, version, columns);
    }

    /** Makes one random change, or a step of a load, and writes its event. */
    void change(BatchWriter to) {
        if (unread != null && random.nextInt(3) == 0 || traits.reloads() && random.nextInt(150) == 0) {
            load(to);
            return;
        }
        if (traits.evolves() && random.nextInt(40) == 0) {
            evolve();
        }
        int choice = random.nextInt(100);
        if (traits.truncates() && choice < 2) {
            rows.clear();
            transactions.begin(to);
            to.control(Operation.TRUNCATE, to.schema(schema()));
        } else if (rows.isEmpty() || rows.size() < ROWS && choice < 25) {
            insert(to);
        } else if (choice < 38) {
            delete(to, random.nextInt(rows.size()));
        } else if (choice < 43 && keyed) {
            write(to, Operation.READ, rows.get(random.nextInt(rows.size())), null);
        } else if (choice < 50 && keyed) {
            exchange(to);
        } else {
            update(to, random.nextInt(rows.size()), random.nextInt(5) == 0);
        }
    }

    /** Ends a load that is under way: until then readers of the destination see what was before it. */
    void endLoad(BatchWriter to) {
        while (unread != null) {
            load(to);
        }
    }

    private void insert(BatchWriter to) {
        Object[] row = columns.stream().map(this::value).toArray();
        if (!keyed || placeOf(row) < 0) {
            rows.add(row);
            write(to, Operation.INSERT, row, null);
        }
    }

    private void delete(BatchWriter to, int place) {
        Object[] row = rows.remove(place);
        write(to, Operation.DELETE, full ? row : keyOnly(row), null);
    }

    private void update(BatchWriter to, int place, boolean mayMove) {
        Object[] after = rows.get(place).clone();
        for (int i = 0; i < after.length; i++) {
            Column column = columns.get(i);
            boolean always = column.name().equals("note") || column.name().equals("code");
            if (always || !column.inKey() && random.nextBoolean() || mayMove && column.inKey()) {
                after[i] = value(column);
            }
        }
        int other = keyed ? placeOf(after) : -1;
        if (other < 0 || other == place) {
            update(to, place, after);
        }
    }

    private void update(BatchWriter to, int place, Object[] after) {
        Object[] before = rows.set(place, after);
        boolean moves = keyed && !sameKey(before, after);
        if (moves && unread != null) {
            unread.add(keyOnly(after)); // its row may have moved there from a key that was not read yet
        }
        Object[] sent = after.clone();
        for (int i = 0; i < sent.length; i++) {
            String column = columns.get(i).name();
            boolean mayLack = column.equals("large") || column.equals("doc") && !moves;
            if (mayLack && sent[i] != null && sent[i].equals(before[i]) && random.nextInt(3) > 0) {
                sent[i] = TableFeed.UNCHANGED;
            }
        }
        boolean tells = full || moves || random.nextBoolean();
        write(to, Operation.UPDATE, sent, tells ? full ? before : keyOnly(before) : null);
    }

    /** Two rows take each other's keys, by way of one that is free. */
    private void exchange(BatchWriter to) {
        int one = random.nextInt(rows.size());
        int other = random.nextInt(rows.size());
        Object[] free = columns.stream().map(this::value).toArray();
        if (one == other || placeOf(free) >= 0) {
            return;
        }
        Object[] oneKey = rows.get(one);
        Object[] otherKey = rows.get(other);
        move(to, one, free);
        move(to, other, oneKey);
        move(to, one, otherKey);
    }

    private void move(BatchWriter to, int place, Object[] key) {
        Object[] after = rows.get(place).clone();
        for (int i = 0; i < after.length; i++) {
            after[i] = columns.get(i).inKey() ? key[i] : after[i];
        }
        after[indexOf("note")] = value(columns.get(indexOf("note")));
        update(to, place, after);
    }

    /** A step of a load under changes: its beginning, the reading of a row, or its end. Without a key it is one step. */
    private void load(BatchWriter to) {
        if (unread == null) {
            unread = new ArrayList<>();
            rows.forEach(row -> unread.add(keyOnly(row)));
            control(to, Operation.LOAD_STARTED);
            if (!keyed) {
                rows.forEach(row -> write(to, Operation.READ, row, null));
                unread.clear();
                control(to, Operation.LOAD_COMPLETED);
                unread = null;
            }
        } else if (unread.isEmpty()) {
            unread = null;
            control(to, Operation.LOAD_COMPLETED);
        } else {
            int place = placeOf(unread.remove(random.nextInt(unread.size())));
            if (place >= 0) {
                write(to, Operation.READ, rows.get(place), null);
            }
        }
    }

    private void control(BatchWriter to, Operation operation) {
        transactions.begin(to);
        to.control(operation, to.schema(schema()));
    }

    private void write(BatchWriter to, Operation operation, Object[] row, Object[] before) {
        transactions.begin(to);
        to.beginRow(operation, to.schema(schema()));
        Arrays.stream(row).forEach(value -> StepBench.put(to, value));
        if (before != null) {
            to.beginBefore();
            Arrays.stream(before).forEach(value -> StepBench.put(to, value));
        }
        to.endRow();
    }

    /** A column that was renamed is never dropped: one that is parked before, and replayed behind that, renames nothing any more. */
    private void evolve() {
        version++;
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().matches("[xy]\\d+")) {
                others.add(i);
            }
        }
        int choice = random.nextInt(5);
        if (others.isEmpty() || choice == 0) {
            add();
            return;
        }
        int place = others.get(random.nextInt(others.size()));
        Column column = columns.get(place);
        if (choice == 1 && column.name().startsWith("x")) {
            columns.remove(place);
            rows.replaceAll(row -> {
                List<Object> left = new ArrayList<>(Arrays.asList(row));
                left.remove(place);
                return left.toArray();
            });
            unread = unread == null ? null : keysOf();
        } else if (choice == 2) {
            columns.set(place, renamed(column, "y" + ++columnsSoFar));
        } else {
            DataType wider = wider(column.dataType());
            columns.set(place, retyped(column, wider));
            if (column.type() == Type.LONG && wider.type() == Type.DECIMAL) {
                rows.forEach(row -> row[place] = row[place] == null ? null : BigDecimal.valueOf((long) row[place]));
            }
        }
    }

    private List<Object[]> keysOf() {
        List<Object[]> keys = new ArrayList<>();
        rows.forEach(row -> keys.add(keyOnly(row)));
        return keys;
    }

    private static Column renamed(Column column, String name) {
        return new Column(
                name,
                column.dataType(),
                column.nullable(),
                column.keyPosition(),
                column.sourceType(),
                column.sourceId());
    }

    private static Column retyped(Column column, DataType type) {
        return new Column(
                column.name(), type, column.nullable(), column.keyPosition(), column.sourceType(), column.sourceId());
    }

    private static DataType wider(DataType type) {
        return switch (type.type()) {
            case SHORT -> DataType.of(Type.INTEGER);
            case INTEGER -> DataType.of(Type.LONG);
            case LONG -> DataType.decimal(22, 3);
            case DECIMAL -> DataType.decimal(type.precision() + 2, 3);
            default -> type;
        };
    }

    private void add() {
        DataType[] types = {
            DataType.of(Type.SHORT),
            DataType.of(Type.INTEGER),
            DataType.decimal(9, 3),
            DataType.of(Type.BOOLEAN),
            DataType.of(Type.DATE),
            DataType.of(Type.DOUBLE),
            DataType.of(Type.STRING)
        };
        DataType type = types[random.nextInt(types.length)];
        columns.add(column("x" + (columnsSoFar + 1), type, 0));
        rows.replaceAll(row -> Arrays.copyOf(row, columns.size()));
        unread = unread == null ? null : keysOf();
    }

    private int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException(column);
    }

    private int placeOf(Object[] key) {
        for (int i = 0; i < rows.size(); i++) {
            if (sameKey(rows.get(i), key)) {
                return i;
            }
        }
        return -1;
    }

    private boolean sameKey(Object[] one, Object[] other) {
        return Arrays.equals(keyOnly(one), keyOnly(other));
    }

    private Object[] keyOnly(Object[] row) {
        Object[] key = row.clone();
        for (int i = 0; i < key.length; i++) {
            key[i] = columns.get(i).inKey() ? key[i] : TableFeed.UNCHANGED;
        }
        return key;
    }

    private Object value(Column column) {
        if (column.nullable() && random.nextInt(6) == 0) {
            return null;
        }
        return switch (column.name()) {
            case "id" -> (long) random.nextInt(12);
            case "area" -> random.nextBoolean() ? "n" : "nn";
            case "code" -> (random.nextInt(7) == 0 ? "no " : "") + random.nextInt(1_000);
            case "doc" -> document();
            default ->
                switch (column.type()) {
                    case SHORT, INTEGER, LONG -> (long) random.nextInt(-30_000, 30_000);
                    case DECIMAL -> BigDecimal.valueOf(random.nextInt(-99_999, 99_999), 3);
                    case BOOLEAN -> random.nextBoolean();
                    case DATE -> (long) random.nextInt(20_000);
                    case DOUBLE -> random.nextInt(100) / 8.0;
                    default -> "t" + random.nextInt(1_000_000);
                };
        };
    }

    private String document() {
        StringBuilder text = new StringBuilder("{\"a\":" + random.nextInt(9));
        if (random.nextInt(3) == 0) {
            text.append(",\"b\":{\"c")
                    .append(random.nextInt(4))
                    .append("\":\"v")
                    .append(random.nextInt(9))
                    .append("\"}");
        }
        for (String list : new String[] {"d", "e"}) {
            if (random.nextBoolean()) {
                text.append(",\"").append(list).append("\":[");
                for (int i = random.nextInt(4); i > 0; i--) {
                    text.append("{\"f\":").append(random.nextInt(9)).append(i > 1 ? "}," : "}");
                }
                text.append(']');
            }
        }
        return text.append('}').toString();
    }
}
