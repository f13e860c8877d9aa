package dev.millrace.ingest.postgres;

import dev.millrace.ingest.source.StreamListener;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices what changes a table's content without row events, by comparing the catalogue with what it was: a column whose default was filled
 * in, a column of another type, a partition attached, detached or truncated by itself, a table dropped and created again, an identity that
 * publishes other changes than before, a publication changed by someone else. What the tables were before this process comes from the last
 * learned schemas and the offset's marks. Better twice than never: a table packed by VACUUM FULL in the moment in which it also changed its columns is read again.
 *
 * <p>Confined to the stream's thread.
 */
final class ContentWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ContentWatch.class);

    /** A column as it was last seen; the type is PostgreSQL's name of it. */
    private record Seen(String type) {}

    private final Set<TableName> tables;
    private final TableMarks marks;
    private final PostgresSettings settings;
    private final StreamListener listener;
    private Map<TableName, Integer> memberships;
    private final Map<TableName, TableFacts> before = new LinkedHashMap<>();
    private final Map<TableName, Map<Integer, Seen>> columns = new HashMap<>();
    private byte[] encodedMarks;
    private final Set<TableName> missing = new TreeSet<>();
    private boolean publicationsStale;

    ContentWatch(PostgresSettings settings, List<TableName> tables, byte[] marks, StreamListener listener) {
        this.settings = settings;
        this.tables = new TreeSet<>(tables);
        this.marks = TableMarks.decode(marks);
        this.encodedMarks = marks;
        this.listener = listener;
        this.memberships = this.marks.memberships(tables);
        for (TableName table : tables) {
            listener.known(table).map(Schema::columns).ifPresent(known -> columns.put(table, seen(known)));
        }
    }

    /** The marks of the tables as last seen, for offsets. */
    byte[] marks() {
        return encodedMarks;
    }

    /** The tables that have come into a publication, or into another one, since their changes were last known to be all published. */
    Set<TableName> joined(Map<TableName, Integer> now) {
        Set<TableName> joined = new TreeSet<>();
        now.forEach((table, membership) -> {
            if (membership != Published.NOT_AT_ALL && !membership.equals(memberships.get(table))) {
                joined.add(table);
            }
        });
        return joined;
    }

    /** What had joined has been told to the listener, and nobody's change from before is still to be committed. */
    void settled(Map<TableName, Integer> now) {
        memberships = Map.copyOf(now);
        encodedMarks = TableMarks.encode(before.values(), memberships);
    }

    /** Whether the publications no longer fit, as seen since the last call. */
    boolean takePublicationsStale() {
        boolean stale = publicationsStale;
        publicationsStale = false;
        return stale;
    }

    /** Compares and tells the listener. */
    void check(Connection connection) throws SQLException {
        boolean changed = false;
        publicationsStale |= !memberships.equals(Published.read(connection, settings, tables));
        List<TableFacts> present = TableFacts.read(connection, tables);
        tellMissing(present);
        for (TableFacts now : present) {
            TableFacts was = before.get(now.table());
            if (!now.equals(was)) {
                String reason = compare(connection, was, now);
                before.put(now.table(), now);
                changed = true;
                if (!reason.isEmpty()) {
                    LOG.info("postgres: table {} is loaded again, because {}", now.table(), reason);
                    listener.contentChanged(now.table(), reason);
                }
            }
        }
        if (changed) {
            encodedMarks = TableMarks.encode(before.values(), memberships);
        }
    }

    /** What is at the destination stays there; a person should know that nothing more comes. */
    private void tellMissing(List<TableFacts> present) {
        Set<TableName> there = present.stream().map(TableFacts::table).collect(Collectors.toSet());
        for (TableName table : tables) {
            if (there.contains(table)) {
                missing.remove(table);
            } else if (missing.add(table)) {
                LOG.warn(
                        "postgres: table {} is no longer there (dropped or renamed); its rows stay at the destination as they are",
                        table);
            }
        }
    }

    /** Empty when the content is the same. */
    private String compare(Connection connection, TableFacts was, TableFacts now) throws SQLException {
        List<String> reasons = new ArrayList<>();
        if (was == null) {
            marks.differs(now).ifPresent(reasons::add);
        } else {
            if (was.oid() != now.oid()) {
                publicationsStale = true;
                reasons.add("it was dropped and created again");
            } else {
                String parts = now.partsChangedSince(was);
                if (!parts.isEmpty()) {
                    reasons.add(parts);
                }
            }
            if (!was.identity().equals(now.identity())) {
                publicationsStale = true;
                reasons.add("its key or replica identity changed");
            }
        }
        if (was == null
                || !was.columns().equals(now.columns())
                || !was.filledIn().equals(now.filledIn())) {
            compareColumns(connection, was, now, reasons);
            if (was == null && reasons.isEmpty() && marks.mayBeFilledIn(now)) {
                reasons.add("its columns were altered and older rows with them");
            }
        }
        return String.join("; ", reasons);
    }

    private void compareColumns(Connection connection, TableFacts was, TableFacts now, List<String> reasons)
            throws SQLException {
        CatalogueTable table = new Catalogue(connection).table(now.table()).orElse(null);
        if (table == null) {
            return; // without columns, or dropped between the two questions
        }
        boolean another = was != null && was.oid() != now.oid(); // its columns are others, all of them
        Map<Integer, Seen> known = another ? null : columns.get(now.table());
        boolean sameStorage = was == null ? marks.sameStorage(now) : was.storageSum(0) == now.storageSum(0);
        if (known != null) {
            int newest =
                    known.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
            for (CatalogueColumn column : table.columns()) {
                Seen seen = known.get(column.number());
                if (seen == null) {
                    // An older number than the newest known one was there before, as a generated column.
                    if (now.filledIn().contains(column.name())
                            || column.number() < newest
                            || was != null && !sameStorage) {
                        reasons.add("column " + column.name() + " was filled in");
                    }
                } else if (!seen.type.equals(column.type().sourceType()) && !sameStorage) {
                    reasons.add("column " + column.name() + " changed from " + seen.type + " to "
                            + column.type().sourceType());
                }
            }
        }
        columns.put(now.table(), seen(table.eventColumns()));
    }

    private static Map<Integer, Seen> seen(List<Column> columns) {
        Map<Integer, Seen> seen = new HashMap<>();
        columns.stream()
                .filter(column -> column.sourceId() != 0)
                .forEach(column -> seen.put(column.sourceId(), new Seen(column.sourceType())));
        return seen;
    }
}
