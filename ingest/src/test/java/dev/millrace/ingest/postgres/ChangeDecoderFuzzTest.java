package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.error.MillraceException;
import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bytes that no server sends: every one of them is either read or refused with a code, and the batch stays readable. */
class ChangeDecoderFuzzTest {
    @Test
    void mutatedMessagesNeverDoMoreThanFail() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric, at timestamptz); ALTER TABLE t REPLICA IDENTITY FULL");
            try (Following following = Following.of(database, "t");
                    CatalogueLink link = new CatalogueLink(Reading.connections(database))) {
                database.execute(
                        "SELECT pg_create_logical_replication_slot('copy_" + database.database() + "', 'pgoutput')");
                database.execute(
                        "BEGIN; INSERT INTO t VALUES (1, 'one', 1.5, now()), (2, NULL, 'NaN', 'infinity'); UPDATE t SET id = id + 5;"
                                + " DELETE FROM t WHERE id = 6; TRUNCATE t; COMMIT");
                List<byte[]> messages = messages(database);
                assertEquals("BIIUUDTC", kinds(messages).replace("R", ""));
                List<CatalogueTable> tables =
                        link.ask("Cannot read tables", connection -> new Catalogue(connection).tables());
                for (int round = 0; round < 800; round++) {
                    Relations relations = new Relations(tables, link, following);
                    play(
                            messages,
                            random,
                            new ChangeDecoder(relations, following, StreamOffset.at(0, 1, 1, new byte[0])),
                            "seed " + seed + " round " + round);
                }
            }
        }
    }

    private static void play(List<byte[]> messages, SplittableRandom random, ChangeDecoder decoder, String about) {
        BatchWriter out = new BatchWriter();
        decoder.beginRead(out);
        boolean refused = false;
        for (byte[] message : messages) {
            byte[] bytes = message.clone();
            for (int i = random.nextInt(3); i > 0 && !refused; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(10) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            try {
                decoder.message(bytes, 0, length);
            } catch (MillraceException e) {
                refused = true;
                assertTrue(
                        List.of("STREAM_MALFORMED", "SOURCE_VALUE_MALFORMED", "TABLE_RENAMED")
                                .contains(e.code()),
                        about + ": " + e);
            }
        }
        int written = out.eventCount();
        BatchReader reader = Reading.open(out);
        int read = 0;
        while (reader.next()) {
            read++;
        }
        assertEquals(written, read, about);
    }

    private static String kinds(List<byte[]> messages) {
        StringBuilder kinds = new StringBuilder();
        messages.forEach(message -> kinds.append((char) message[0]));
        return kinds.toString();
    }

    private static List<byte[]> messages(TestDatabase database) throws Exception {
        List<byte[]> messages = new ArrayList<>();
        try (Connection connection = Reading.connections(database).administering();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT data FROM pg_logical_slot_get_binary_changes(?, NULL, NULL, 'proto_version', '1', 'publication_names', 'millrace_test')")) {
            statement.setString(1, "copy_" + database.database());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    messages.add(row.getBytes(1));
                }
            }
        }
        return messages;
    }
}
