package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.ingest.source.BareSource;
import dev.millrace.ingest.source.ChunkReader;
import dev.millrace.ingest.source.ChunkedSource;
import dev.millrace.ingest.source.GrowingSource;
import dev.millrace.ingest.source.ObjectWatch;
import dev.millrace.ingest.source.Snapshot;
import dev.millrace.ingest.source.Source;
import dev.millrace.ingest.source.SourceObject;
import dev.millrace.ingest.source.StreamListener;
import dev.millrace.ingest.source.StreamReader;
import dev.millrace.ingest.source.StreamingSource;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.peer.PeerWatch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One PostgreSQL database as a source. Keeps no connection of its own: each method opens what it needs. Thread-safe.
 *
 * <p>Offsets are {@link StreamOffset}s; positions are LSNs of 8 bytes, big-endian.
 */
final class PostgresSource implements Source, StreamingSource, ChunkedSource, BareSource, GrowingSource {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresSource.class);
    private static final int PAGE = 8192;
    private static final int PAGE_HEADER = 24;
    private static final int SEGMENT_HEADER = 40;

    private final PostgresSettings settings;
    private final Connections connections;
    private final AtomicBoolean positionAwaited = new AtomicBoolean();
    private final PeerWatch watch;

    PostgresSource(PostgresSettings settings) {
        this.settings = settings;
        this.connections = new Connections(settings);
        this.watch = new PeerWatch("peer-watch-" + settings.pipeline(), settings.peerTimeout());
    }

    @Override
    public List<Finding> check(List<String> objects) {
        return new SourceCheck(connections).run(objects);
    }

    @Override
    public List<SourceObject> discover() {
        return tables().stream().map(CatalogueTable::object).toList();
    }

    @Override
    public List<SourceObject> select(List<String> objects) {
        return choose(tables(), objects).stream().map(CatalogueTable::object).toList();
    }

    @Override
    public Optional<ObjectWatch> watch(List<String> objects) {
        ObjectPatterns patterns = new ObjectPatterns(objects);
        return patterns.open() ? Optional.of(new NewTables(connections, patterns)) : Optional.empty();
    }

    @Override
    public boolean names(List<String> objects, TableName table) {
        return new ObjectPatterns(objects).names(table);
    }

    @Override
    public List<String> without(List<String> objects, Collection<TableName> leftOut) {
        return Stream.concat(objects.stream(), ObjectPatterns.excluding(leftOut).stream())
                .toList();
    }

    @Override
    public List<List<String>> preview(TableName table, int rows) {
        return reading("Cannot preview table " + table, connection -> {
            CatalogueTable found = new Catalogue(connection)
                    .table(table)
                    .orElseThrow(() -> MillraceException.user(
                            "OBJECT_NOT_FOUND",
                            "Table " + table + " is not there",
                            "",
                            "'millrace discover' lists what is there."));
            return RowPreview.read(connection, found, rows);
        });
    }

    @Override
    public byte[] prepare(List<TableName> tables) {
        Server server;
        try (Connection walsender = connections.replicating()) {
            server = Server.identify(walsender);
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot ask which server " + settings.address() + " is", e);
        }
        try (Connection connection = connections.administering()) {
            Server.requireLogicalWal(connection);
            Optional<Slot> slot = Slot.find(connection, settings.slot());
            if (slot.isPresent()) {
                slot.get().requireUsable(settings);
            }
            // Before the slot: changes are decoded with the publications as they were then.
            new Publications(connection, settings).fit(read(connection, tables));
            byte[] marks = slot.isPresent() ? new byte[0] : marks(connection, tables);
            long from = slot.isPresent() ? slot.get().confirmed() : Slot.create(connection, settings);
            LOG.info("postgres: slot {} of {} begins at {}", settings.slot(), settings.address(), Lsn.text(from));
            return StreamOffset.at(from, server.timeline(), server.systemId(), marks)
                    .encode();
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot prepare streaming from " + settings.address(), e);
        }
    }

    @Override
    public StreamReader openStream(List<TableName> tables, byte[] offset, StreamListener listener) {
        StreamOffset from = StreamOffset.decode(offset);
        Connection walsender = connections.replicating();
        CatalogueLink link = new CatalogueLink(connections);
        boolean opened = false;
        try {
            Server server = Server.identify(walsender);
            server.requireSame(from, settings);
            ContentWatch watch = new ContentWatch(settings, tables, from.marks(), listener);
            List<CatalogueTable> present = prepareToStream(tables, from, watch, listener);
            long waiting = link.ask("Cannot compare the catalogue with what it was", connection -> {
                watch.check(connection);
                return SlotPiece.waiting(connection, settings, from.end());
            });
            ChangeDecoder decoder = new ChangeDecoder(new Relations(present, link, listener), listener, from);
            ContentRounds rounds = new ContentRounds(link, watch, () -> refit(tables, watch, listener));
            LOG.info(
                    "postgres: streaming {} tables from slot {} behind {}",
                    tables.size(),
                    settings.slot(),
                    from.describe());
            CatchUp.Parts parts = new CatchUp.Parts(connections, link, decoder, rounds, server);
            StreamReader reader;
            if (waiting >= settings.catchUpBytes()) {
                LOG.info(
                        "postgres: {} MB of log wait, so slot {} is read in pieces first",
                        waiting >> 20,
                        settings.slot());
                walsender.close();
                reader = new CatchUp(parts, from, () -> goOver(parts, from));
            } else {
                reader = stream(walsender, parts, from);
            }
            opened = true;
            return reader;
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot stream from slot '" + settings.slot() + "'", e);
        } finally {
            if (!opened) {
                link.close();
                closeQuietly(walsender);
            }
        }
    }

    private StreamReader stream(Connection walsender, CatchUp.Parts parts, StreamOffset from) throws SQLException {
        PostgresStream stream = new PostgresStream(
                settings,
                new PostgresStream.Parts(
                        walsender,
                        PostgresStream.start(walsender, settings, from),
                        parts.link(),
                        parts.decoder(),
                        parts.rounds(),
                        parts.server()),
                positionAwaited);
        // Only now that the slot is ours nobody else can move it; and the server begins where it stands, without a
        // word.
        Slot.requireStillBehind(parts.link(), settings, from.end());
        return stream;
    }

    /** The stream behind what was read in pieces; it decodes on where they ended. */
    private StreamReader goOver(CatchUp.Parts parts, StreamOffset from) {
        StreamOffset at = StreamOffset.at(parts.decoder().end(), from.timeline(), from.systemId(), from.marks());
        Connection walsender = connections.replicating();
        boolean opened = false;
        try {
            Server.identify(walsender).requireSame(at, settings);
            StreamReader stream = stream(walsender, parts, at);
            LOG.info("postgres: slot {} is streamed from {} on", settings.slot(), at.describe());
            opened = true;
            return stream;
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot stream from slot '" + settings.slot() + "'", e);
        } finally {
            if (!opened) {
                closeQuietly(walsender);
            }
        }
    }

    /** That the slot can go on from there, and that the publications hold what they should. */
    private List<CatalogueTable> prepareToStream(
            List<TableName> tables, StreamOffset from, ContentWatch watch, StreamListener listener)
            throws SQLException {
        try (Connection connection = connections.administering()) {
            Server.requireLogicalWal(connection);
            Slot.endReaders(connection, settings.slot(), connections.slotReaders());
            Slot slot = Slot.whenFree(connection, settings.slot()).orElseThrow(() -> Slot.missing(settings));
            slot.requireUsable(settings);
            slot.requireBehind(from.end(), settings);
            slot.requireFree();
            return fit(connection, tables, watch, listener);
        }
    }

    private void refit(List<TableName> tables, ContentWatch watch, StreamListener listener) {
        try (Connection connection = connections.administering()) {
            fit(connection, tables, watch, listener);
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot fit the publications of " + settings.address(), e);
        }
    }

    /** All of it is there when the slot begins, which waits for everybody who writes; so nothing is missing from the stream. */
    private byte[] marks(Connection connection, List<TableName> tables) throws SQLException {
        return TableMarks.encode(TableFacts.read(connection, tables), Published.read(connection, settings, tables));
    }

    /**
     * What was not published until now is missing from the stream, so tables new in a publication are loaded again if they were known before. A
     * publication that was dropped counts as one, too: made anew, all its tables are new in it. Of a transaction that wrote to such a table before
     * it came in, nothing or only a part is ever published: no load may begin before it has ended, or it would be in neither of the two.
     * Which tables these are shows until the offset carries their new memberships; so a failure or a crash in between waits again.
     */
    private List<CatalogueTable> fit(
            Connection connection, List<TableName> tables, ContentWatch watch, StreamListener listener)
            throws SQLException {
        List<CatalogueTable> present = read(connection, tables);
        Publications publications = new Publications(connection, settings);
        for (String name : publications.fit(present)) {
            LOG.warn("postgres: publication {} was missing and was made again", name);
        }
        Map<TableName, Integer> memberships = Published.read(connection, settings, tables);
        Set<TableName> joined = watch.joined(memberships);
        for (TableName table : joined) {
            if (listener.known(table).isPresent()) {
                listener.contentChanged(table, "not all its changes were published until now");
            }
        }
        if (!joined.isEmpty()) {
            OlderWriters.awaitEnd(connection, settings, joined);
            publications.refresh();
        }
        watch.settled(memberships);
        return present;
    }

    @Override
    public byte[] currentPosition() {
        return reading("Cannot ask for the position of " + settings.address(), connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
                                    + " ELSE pg_catalog.pg_current_wal_insert_lsn() END::text")) {
                row.next();
                return StreamOffset.position(Lsn.parse(row.getString(1)));
            }
        });
    }

    /**
     * An insert position behind a page's header is the end of a record on the page before (no record ends inside a header), where the stream
     * stands once it has passed it.
     */
    @Override
    public boolean reached(byte[] offset, byte[] position) {
        long wanted = StreamOffset.positionOf(position);
        long onPage = wanted & PAGE - 1;
        if (onPage == PAGE_HEADER || onPage == SEGMENT_HEADER) {
            wanted -= onPage;
        }
        boolean reached = Long.compareUnsigned(StreamOffset.positionOf(offset), wanted) >= 0;
        if (!reached) {
            positionAwaited.set(true);
        }
        return reached;
    }

    @Override
    public long distanceBytes(byte[] offset, byte[] position) {
        return Math.max(0, StreamOffset.positionOf(position) - StreamOffset.positionOf(offset));
    }

    @Override
    public String describe(byte[] offset) {
        return offset.length == Long.BYTES
                ? Lsn.text(StreamOffset.positionOf(offset))
                : StreamOffset.decode(offset).describe();
    }

    @Override
    public ChunkReader openChunkReader() {
        return new PostgresChunkReader(connections, watch);
    }

    @Override
    public Snapshot decode(byte[] encoded) {
        return PostgresSnapshot.decode(encoded);
    }

    @Override
    public Read readBare(TableName table, byte[] upTo, LongPredicate goOn) {
        return BareCopy.read(connections, table, upTo, goOn);
    }

    @Override
    public void removeTraces() {
        try (Connection connection = connections.administering()) {
            Slot.endReaders(connection, settings.slot(), connections.slotReaders());
            Optional<Slot> slot = Slot.whenFree(connection, settings.slot());
            if (slot.isPresent()) {
                slot.get().requireFree();
                Slot.drop(connection, settings.slot());
            }
            new Publications(connection, settings).drop();
            LOG.info("postgres: slot {} and publications of {} are removed", settings.slot(), settings.address());
        } catch (SQLException e) {
            throw PostgresErrors.of("Cannot remove slot '" + settings.slot() + "'", e);
        }
    }

    /** Nothing is kept open between calls, save by readers, which are then watched no more. */
    @Override
    public void close() {
        positionAwaited.set(false);
        watch.close();
    }

    private List<CatalogueTable> tables() {
        return reading(
                "Cannot list the tables of " + settings.address(), connection -> new Catalogue(connection).tables());
    }

    /** The chosen tables of those present. */
    static List<CatalogueTable> choose(List<CatalogueTable> present, List<String> objects) {
        Set<TableName> chosen = new HashSet<>(new ObjectPatterns(objects)
                .choose(present.stream().map(CatalogueTable::name).toList()));
        return present.stream().filter(table -> chosen.contains(table.name())).toList();
    }

    /** Those of {@code tables} that are there; one dropped meanwhile is left out, its past changes still come. */
    private static List<CatalogueTable> read(Connection connection, List<TableName> tables) throws SQLException {
        Catalogue catalogue = new Catalogue(connection);
        List<CatalogueTable> present = new ArrayList<>();
        for (TableName table : tables) {
            catalogue.table(table).ifPresent(present::add);
        }
        return present;
    }

    private <T> T reading(String what, CatalogueLink.Question<T> question) {
        try (Connection connection = connections.asking()) {
            return question.ask(connection);
        } catch (SQLException e) {
            throw PostgresErrors.of(what, e);
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("postgres: closing a connection failed", e);
        }
    }
}
