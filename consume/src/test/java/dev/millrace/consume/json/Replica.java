package dev.millrace.consume.json;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.Cells;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.TableName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tables that flattened rows are applied to as a destination would, and documents put together of their columns' names alone: {@code _} parts a
 * path, a number behind it says that the column is JSON beside a plain one.
 */
final class Replica {
    private final Map<TableName, Map<List<Long>, Map<String, Object>>> tables = new HashMap<>();

    void apply(BatchReader reader) {
        while (reader.next()) {
            Map<List<Long>, Map<String, Object>> table =
                    tables.computeIfAbsent(reader.schema().table(), any -> new HashMap<>());
            Map<String, Object> row = new HashMap<>();
            if (reader.hasBefore()) {
                row.putAll(table.remove(key(reader.before())));
            }
            List<Long> key = key(reader.values());
            if (reader.operation() == Operation.DELETE) {
                table.remove(key);
                continue;
            }
            row.putAll(table.getOrDefault(key, Map.of()));
            put(reader.values(), row);
            table.put(key, row);
        }
    }

    private static List<Long> key(Cells cells) {
        List<Long> key = new ArrayList<>();
        for (int column : cells.schema().keyColumns()) {
            key.add(cells.longAt(column));
        }
        return key;
    }

    private static void put(Cells cells, Map<String, Object> row) {
        List<Column> columns = cells.schema().columns();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            if (cells.isUnchanged(i) || column.inKey()) {
                continue;
            }
            row.put(column.name(), cells.isNull(i) ? null : value(cells, i, column));
        }
    }

    private static Object value(Cells cells, int at, Column column) {
        return switch (column.type()) {
            case BOOLEAN -> cells.booleanAt(at);
            case LONG -> RandomDocuments.number(BigDecimal.valueOf(cells.longAt(at)));
            case DECIMAL -> RandomDocuments.number(cells.decimalAt(at));
            case STRING -> cells.stringAt(at);
            case MAP -> RandomDocuments.plain(cells.stringAt(at));
            default -> throw new IllegalStateException(column + " was not expected");
        };
    }

    /**
     * By id.
     *
     * @param shape says which tables are of arrays within which
     */
    Map<Long, Object> documents(LearnedShape shape) {
        Map<Long, Object> documents = new HashMap<>();
        TableName parent = new TableName("public", "t");
        tables.getOrDefault(parent, Map.of()).forEach((key, row) -> {
            Map<String, Object> document = new TreeMap<>();
            row.forEach((name, value) -> place(document, path(name), value));
            documents.put(key.get(0), document);
        });
        Map<ChildTable, Map<List<Long>, Object>> elements = new LinkedHashMap<>();
        for (ChildTable child : shape.children) {
            Map<List<Long>, Object> its = new HashMap<>();
            tables.getOrDefault(child.table, Map.of()).forEach((key, row) -> its.put(key, element(row)));
            elements.put(child, its);
        }
        List<ChildTable> innermostFirst = new ArrayList<>(shape.children);
        innermostFirst.sort(
                Comparator.comparingInt((ChildTable child) -> child.level).reversed());
        for (ChildTable child : innermostFirst) {
            arrays(child, elements, documents);
        }
        return documents;
    }

    /** Puts the table's elements, as arrays, to where those stand: in a document, or in an element around them. */
    private static void arrays(
            ChildTable child, Map<ChildTable, Map<List<Long>, Object>> elements, Map<Long, Object> documents) {
        Map<List<Long>, TreeMap<Long, Object>> arrays = new HashMap<>();
        elements.get(child).forEach((key, element) -> arrays.computeIfAbsent(
                        key.subList(0, key.size() - 1), any -> new TreeMap<>())
                .put(key.get(key.size() - 1), element));
        arrays.forEach((at, array) -> {
            if (array.lastKey() != array.size() - 1) {
                throw new AssertionError("array " + at + " of " + child.table + " has elements " + array.keySet());
            }
            List<Object> list = List.copyOf(array.values());
            if (child.outer == null) {
                place(document(documents, at.get(0)), path(child.table.name().substring("t_".length())), list);
                return;
            }
            Map<List<Long>, Object> around = elements.get(child.outer);
            String name = child.table
                    .name()
                    .substring(child.outer.table.name().length() + 1)
                    .replaceFirst("_[0-9]+$", "");
            if (name.equals("value")) {
                around.put(at, list);
            } else {
                place(fields(around, at), List.of(name.split("_", -1)), list);
            }
        });
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> fields(Map<List<Long>, Object> elements, List<Long> at) {
        Object element = elements.get(at);
        if (element == null) {
            throw new AssertionError("rows of an array without the row of its element " + at);
        }
        return (Map<String, Object>) element;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> document(Map<Long, Object> documents, long id) {
        Object document = documents.get(id);
        if (document == null) {
            throw new AssertionError("child rows without row " + id);
        }
        return (Map<String, Object>) document;
    }

    private static Object element(Map<String, Object> row) {
        Map<String, Object> fields = new TreeMap<>();
        for (Map.Entry<String, Object> cell : row.entrySet()) {
            String name = cell.getKey().replaceFirst("_[0-9]+$", "");
            if (cell.getValue() == null) {
                continue;
            } else if (name.equals("value")) {
                return cell.getValue();
            }
            place(fields, List.of(name.split("_", -1)), cell.getValue());
        }
        return fields;
    }

    private static List<String> path(String name) {
        String[] parts = name.replaceFirst("_[0-9]+$", "").split("_", -1);
        return List.of(parts).subList(1, parts.length);
    }

    @SuppressWarnings("unchecked")
    private static void place(Map<String, Object> document, List<String> path, Object value) {
        if (value == null) {
            return;
        }
        Map<String, Object> at = document;
        for (String name : path.subList(0, path.size() - 1)) {
            at = (Map<String, Object>) at.computeIfAbsent(name, any -> new TreeMap<String, Object>());
        }
        Object before = at.put(path.get(path.size() - 1), value);
        if (before != null) {
            throw new AssertionError("two values at " + path + ": " + before + " and " + value);
        }
    }
}
