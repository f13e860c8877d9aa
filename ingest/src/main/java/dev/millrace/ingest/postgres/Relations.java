package dev.millrace.ingest.postgres;

import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.postgres.RelationMessage.RelationColumn;
import dev.millrace.ingest.source.StreamListener;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the relations of the stream are here. A Relation message decides a table's shape: the catalogue may be ahead of it by later
 * changes, and only adds what the message lacks (column numbers, nullability, the order of the key). Confined to the stream's thread.
 */
final class Relations {
    private final Map<Integer, TableName> chosenByOid = new HashMap<>();
    private final Map<TableName, Integer> chosen = new HashMap<>();
    private final Map<Integer, RelationMessage> messages = new HashMap<>();
    private final Map<Integer, Map<String, Integer>> numbers = new HashMap<>();
    private final PlanTable plans = new PlanTable();
    private final CatalogueLink link;
    private final StreamListener listener;

    Relations(List<CatalogueTable> tables, CatalogueLink link, StreamListener listener) {
        this.link = link;
        this.listener = listener;
        for (CatalogueTable table : tables) {
            chosen.put(table.name(), (int) table.oid());
            chosenByOid.put((int) table.oid(), table.name());
            remember((int) table.oid(), table.eventColumns());
        }
    }

    /**
     * Null for a relation that was not chosen (a partition, whose root stands for it).
     *
     * @throws MillraceException STREAM_MALFORMED for one that no message told of
     */
    TablePlan plan(int oid) {
        TablePlan plan = plans.get(oid);
        if (plan == null && !plans.knows(oid)) {
            throw MessageBytes.malformed(
                    "a change of relation " + Integer.toUnsignedString(oid) + ", which was never described");
        }
        return plan;
    }

    /** Whether anything about a chosen table is new with this message: then its content may be, too. */
    boolean learn(RelationMessage message) {
        if (message.equals(messages.get(message.oid()))) {
            return plans.get(message.oid()) != null;
        }
        TableName table = chosenByOid.get(message.oid());
        if (table == null) {
            TableName named = new TableName(message.schema(), message.name());
            table = chosen.containsKey(named) ? named : null;
        }
        if (table == null || message.columns().isEmpty()) { // rows without columns are nothing anyone could tell of
            plans.put(message.oid(), null);
        } else {
            TableName name = table;
            plans.put(message.oid(), link.ask("Cannot read the catalogue for table " + name, connection -> {
                Catalogue catalogue = new Catalogue(connection);
                return plan(message, name, catalogue.table(name), catalogue.types());
            }));
        }
        messages.put(message.oid(), message);
        return table != null;
    }

    private TablePlan plan(
            RelationMessage message, TableName table, Optional<CatalogueTable> found, TypeCatalogue types)
            throws SQLException {
        boolean same = found.isPresent() && (int) found.get().oid() == message.oid();
        if (!same && !message.name().equals(table.name())) {
            throw MillraceException.user(
                    "TABLE_RENAMED",
                    "Cannot follow table " + table,
                    "it is now called " + message.schema() + "." + message.name(),
                    "Choose it by its new name (it is loaded again under that), or rename it back.");
        }
        Map<String, CatalogueColumn> present = new HashMap<>();
        if (same) {
            found.get().columns().forEach(column -> present.put(column.name(), column));
        }
        List<String> key = key(message, same ? found.get() : null);
        List<Column> columns = new ArrayList<>();
        CellDecoder[] decoders = new CellDecoder[message.columns().size()];
        for (RelationColumn column : message.columns()) {
            CatalogueColumn now = present.get(column.name());
            boolean unaltered = now != null && now.typeOid() == column.typeOid() && now.typmod() == column.typmod();
            ColumnType type = unaltered ? now.type() : types.resolve(column.typeOid(), column.typmod());
            int keyPosition = key.indexOf(column.name()) + 1;
            boolean nullable = keyPosition == 0 && (now == null || !now.notNull());
            int number = now != null
                    ? now.number()
                    : numbers.getOrDefault(message.oid(), Map.of()).getOrDefault(column.name(), 0);
            decoders[columns.size()] = type.text();
            columns.add(new Column(column.name(), type.dataType(), nullable, keyPosition, type.sourceType(), number));
        }
        remember(message.oid(), columns);
        Schema schema = listener.learn(table, columns);
        return new TablePlan(schema, decoders);
    }

    /**
     * The key's columns in order. The message flags the identity's columns; under FULL those are all, and the key is the primary key, which only
     * the catalogue knows.
     */
    private static List<String> key(RelationMessage message, CatalogueTable now) {
        List<String> ordered = now == null
                ? List.of()
                : now.keyColumns().stream().map(CatalogueColumn::name).toList();
        List<String> sent = message.columns().stream().map(RelationColumn::name).toList();
        if (message.identity() == 'f') {
            return sent.containsAll(ordered) ? ordered : List.of();
        }
        if (message.identity() == 'n'
                || now != null && ordered.isEmpty() && !now.generated().isEmpty()) {
            return List.of(); // with a generated column in the identity the other columns alone are no key
        }
        List<String> flagged = message.columns().stream()
                .filter(RelationColumn::inIdentity)
                .map(RelationColumn::name)
                .toList();
        return flagged.size() == ordered.size() && flagged.containsAll(ordered) ? ordered : flagged;
    }

    /** A column that was renamed since keeps its number here under its older name. */
    private void remember(int oid, List<Column> columns) {
        Map<String, Integer> known = numbers.computeIfAbsent(oid, key -> new HashMap<>());
        columns.stream()
                .filter(column -> column.sourceId() != 0)
                .forEach(column -> known.put(column.name(), column.sourceId()));
    }
}
