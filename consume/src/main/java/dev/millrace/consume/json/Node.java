package dev.millrace.consume.json;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A place in a table's documents. A path that is an object here, plain there and an array elsewhere has all of it: columns below it, a column
 * for its plain values, one for JSON, a child table. Under its shape's lock.
 */
final class Node {
    final Map<String, Node> fields = new LinkedHashMap<>();
    ScalarColumn plain;
    ScalarColumn json;
    ChildTable child;

    Node field(String name) {
        return fields.computeIfAbsent(name, any -> new Node());
    }
}
