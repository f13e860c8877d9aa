package dev.millrace.ingest.postgres;

import dev.millrace.ingest.source.StreamListener;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.batch.OffsetDelta;
import dev.millrace.storage.batch.StoredBatch;
import dev.millrace.storage.event.Column;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.FuzzTarget;
import dev.millrace.storage.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** What a real server sends of tables of all kinds and values of all types: as changes, and as binary COPY. For one thread. */
public final class Captures implements AutoCloseable {
    private static final List<String> TABLES = List.of("bare", "every", "moved", "parts");
    private static final String MAKE = """
      CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN small AS int CHECK (VALUE < 1000);
      CREATE TYPE pair AS (a int, b text);
      CREATE TABLE every (id bigint PRIMARY KEY, b bool, i2 int2, i4 int4, o oid, f4 float4, f8 float8, n numeric, p numeric(12,2),
        m money, t text, v varchar(20), c char(8), y bytea, u uuid, j json, jb jsonb, d date, ti time, ts timestamp,
        tz timestamptz, tt timetz, iv interval, bits bit(5), vb varbit, ip inet, mac macaddr, ints int[], texts text[], pairs pair,
        mo mood, sm small, rng int4range, vec tsvector, times timestamptz[], bools bool[]);
      CREATE TABLE moved (a int, b text, big text, PRIMARY KEY (b, a)); ALTER TABLE moved ALTER big SET STORAGE EXTERNAL;
      CREATE TABLE bare (x int, y text, z numeric); ALTER TABLE bare REPLICA IDENTITY FULL;
      CREATE TABLE parts (k int PRIMARY KEY, w text) PARTITION BY RANGE (k);
      CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);
      CREATE PUBLICATION captured FOR TABLE every, moved, bare, parts WITH (publish_via_partition_root = true);""";
    private static final String FILL = """
      BEGIN;
      INSERT INTO every VALUES (1, true, -3, 4, 5, 1.5, -2.25e-300, 12345.6789, -7.50, '$1,234.56', 'text', 'var', 'char', '\\x00ff10',
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a" : 1}', '{"b": [1, 2, null]}', '2024-02-29', '23:59:59.999999',
        '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+02', '12:00:00+05:30', '1 year 2 mons 3 days 04:05:06', B'10101',
        B'110', '10.0.0.1/8', '08:00:2b:01:02:03', '{1,NULL,3}', '{"a,b",NULL,"c\\"d"}', '(7,"x y")', 'glad', 999, '[1,5)',
        'a fat cat', '{"2024-01-01 00:00:00+00"}', '{t,f,NULL}'),
        (2, NULL, NULL, NULL, NULL, 'NaN', 'Infinity', 'NaN', NULL, NULL, '', '', '', '', NULL, 'null', '[]', 'infinity', '24:00',
        '-infinity', '0044-03-15 00:00:00+00 BC', NULL, '-00:00:01', NULL, '', '::1', NULL, '{}', '{{a,b},{c,d}}', '(,)', 'sad', 0,
        'empty', '', '{}', '[0:1]={t,f}'),
        (9223372036854775807, false, 32767, -2147483648, 4294967295, 3.4e38, 1e308, 123456789012345678901234567890.123456789, 0.01,
        '-$0.01', repeat('long ', 200), 'ünï', 'ç', decode(repeat('ab', 300), 'hex'), NULL, '"s"', '1e400', '4713-01-01 BC',
        '00:00', '294276-12-31 23:59:59.999999', 'infinity', '00:00-12', '178000000 years', B'00000', B'1', '0.0.0.0/0', NULL,
        '[2:3]={1,2}', '{"\\\\"}', '(1,"(""q"")")', 'sad', -5, '(,)', 'x', NULL, NULL);
      INSERT INTO moved VALUES (1, 'one', repeat('0123456789', 900)), (2, 'two', 'short');
      INSERT INTO bare VALUES (1, 'one', 1.1), (NULL, NULL, 'NaN'); INSERT INTO parts VALUES (1, 'low'), (99, NULL);
      COMMIT;
      BEGIN; UPDATE every SET i4 = 5, t = NULL WHERE id = 1; UPDATE moved SET a = 3 WHERE a = 1; UPDATE moved SET b = 'two', big = 'x' WHERE a = 2;
      UPDATE bare SET y = 'changed' WHERE x = 1; UPDATE parts SET k = 2 WHERE k = 1; COMMIT;
      BEGIN; DELETE FROM every WHERE id = 2; DELETE FROM moved WHERE a = 3; DELETE FROM bare WHERE x IS NULL; DELETE FROM parts WHERE k = 99;
      TRUNCATE every, bare; INSERT INTO every (id) VALUES (11); COMMIT""";

    private final CatalogueLink link;
    private final List<CatalogueTable> tables;
    private final List<byte[]> messages = new ArrayList<>();
    private final List<CopyFuzz.Copy> copies = new ArrayList<>();
    private final Relations relations;

    private Captures(TestDatabase database) throws SQLException, IOException {
        database.execute(MAKE);
        String slot = "captured_" + database.database();
        database.execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        database.execute(FILL);
        Connections connections = Reading.connections(database);
        link = new CatalogueLink(connections);
        tables = link.ask("Cannot read tables", connection -> new Catalogue(connection).tables());
        relations = new Relations(tables, link, new Listener());
        try (Connection connection = connections.administering()) {
            changes(connection, slot);
            database.execute(
                    "INSERT INTO every (id, t, n) SELECT i, repeat('t', i), i / 7.0 FROM generate_series(20, 24) i");
            for (CatalogueTable table : tables) {
                if (TABLES.contains(table.name().name())) {
                    copy(connection, table);
                }
            }
        }
        for (byte[] message : messages) {
            if (message[0] == 'R') {
                MessageBytes in = new MessageBytes();
                in.open(message, 1, message.length - 1);
                relations.learn(RelationMessage.read(in));
            }
        }
    }

    /** Makes the tables in an empty database and captures what the server says of them. */
    public static Captures of(TestDatabase database) throws SQLException, IOException {
        return new Captures(database);
    }

    /** Every decoder of this package. */
    public List<FuzzTarget> targets() {
        return List.of(changes(), new CopyFuzz(copies), relationMessages(), new OffsetFuzz());
    }

    ChangeFuzz changes() {
        return new ChangeFuzz(relations, messages);
    }

    RelationFuzz relationMessages() {
        return new RelationFuzz(tables, link, messages);
    }

    /** What the decoders make of the captures. */
    public List<StoredBatch> batches() {
        List<StoredBatch> batches = new ArrayList<>();
        BatchWriter out = new BatchWriter();
        ChangeDecoder decoder = new ChangeDecoder(relations, new Listener(), StreamOffset.at(0, 1, 1, new byte[0]));
        for (byte[] message : messages) {
            if (message[0] == 'B') {
                decoder.beginRead(out);
            }
            if (message[0] != 'R') {
                decoder.message(message, 0, message.length);
            }
            if (message[0] == 'C') {
                byte[] offset =
                        StreamOffset.at(decoder.end(), 1, 1, new byte[24]).encode();
                OffsetDelta delta = new OffsetDelta(Map.of("stream", Optional.of(offset)));
                batches.add(out.finish(0, false, true, delta).stored(batches.size() + 1L));
            }
        }
        for (CopyFuzz.Copy copy : copies) {
            copy.read(copy.messages(), out);
            batches.add(out.finish(0, true, true, OffsetDelta.NONE).stored(batches.size() + 1L));
        }
        return batches;
    }

    /** The tables' schemas. */
    public List<Schema> schemas() {
        return copies.stream().map(CopyFuzz.Copy::schema).toList();
    }

    private void changes(Connection connection, String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT data FROM pg_logical_slot_get_binary_changes(?, NULL, NULL, 'proto_version', '1', 'publication_names', 'captured')")) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    messages.add(row.getBytes(1));
                }
            }
        }
    }

    private void copy(Connection connection, CatalogueTable table) throws SQLException {
        List<byte[]> sent = new ArrayList<>();
        CopyOut out = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(ChunkStatements.copyRange(table, table.columns(), null, null));
        for (byte[] message = out.readFromCopy(); message != null; message = out.readFromCopy()) {
            sent.add(message);
        }
        CellDecoder[] decoders =
                table.columns().stream().map(column -> column.type().copied()).toArray(CellDecoder[]::new);
        copies.add(new CopyFuzz.Copy(new Schema(table.name(), 1, table.eventColumns()), decoders, List.copyOf(sent)));
    }

    @Override
    public void close() {
        link.close();
    }

    /** Wants everything and gives each shape version 1. */
    static final class Listener implements StreamListener {
        @Override
        public void transactionBegins(long transactionId) {}

        @Override
        public boolean wants(TableName table, long transactionId) {
            return true;
        }

        @Override
        public void keyMoved(TableName table, byte[] newKey) {
            KeyForm.decode(newKey);
        }

        @Override
        public void contentChanged(TableName table, String reason) {}

        @Override
        public Optional<Schema> known(TableName table) {
            return Optional.empty();
        }

        @Override
        public Schema learn(TableName table, List<Column> columns) {
            return new Schema(table, 1, columns);
        }
    }
}
