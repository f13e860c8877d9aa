package dev.millrace.ingest.postgres;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.storage.batch.BatchReader;
import dev.millrace.storage.batch.BatchWriter;
import dev.millrace.storage.event.Operation;
import dev.millrace.storage.event.Schema;
import dev.millrace.storage.event.TableName;
import dev.millrace.storage.testing.TestDatabase;
import dev.millrace.storage.testing.TestPostgres;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ValuesTest {
    private static final TableName TABLE = new TableName("public", "v");

    private static final String TYPES = """
      CREATE TYPE mood AS ENUM ('sad', 'NULL', 'a,b');
      CREATE TYPE point2 AS (x int, "odd ""name" text, nested numeric[]);
      CREATE TYPE deep AS (p point2, ok bool, at timestamptz, doc jsonb);
      CREATE DOMAIN positive AS numeric(8,2) CHECK (VALUE > 0);
      CREATE DOMAIN small_positive AS positive CHECK (VALUE < 100);
      CREATE DOMAIN tags AS text[];
      CREATE SCHEMA "Odd schema";
      CREATE TYPE "Odd schema"."Odd type" AS ENUM ('x')""";

    /** The decoded cell, as {@link Reading#text} shows it. */
    private record Value(String type, String sql, String expected, int sinceVersion) {}

    private static Value value(String type, String sql, String expected) {
        return new Value(type, sql, expected, 0);
    }

    /** One that servers before version 14 do not know. */
    private static Value since14(String type, String sql, String expected) {
        return since(type, sql, expected, 140000);
    }

    private static Value since(String type, String sql, String expected, int version) {
        return new Value(type, sql, expected, version);
    }

    @Test
    void numbersAndBooleansAreReadAlikeFromCopyAndFromTheChangeLog() throws Exception {
        String digits = "12345678901234567890".repeat(7);
        check(
                "",
                value("bool", "true", "true"),
                value("bool", "false", "false"),
                value("int2", "-32768", "-32768"),
                value("int4", "2147483647", "2147483647"),
                value("int4", "-2147483648", "-2147483648"),
                value("int8", "9223372036854775807", "9223372036854775807"),
                value("int8", "'-9223372036854775808'", "-9223372036854775808"),
                value("int8", "0", "0"),
                value("oid", "4294967295", "4294967295"),
                value("float4", "'0.1'", "0.1"),
                value("float4", "'NaN'", "NaN"),
                value("float4", "'-Infinity'", "-Infinity"),
                value("float4", "'1e-45'", "1.4E-45"),
                value("float4", "'3.4028235e38'", "3.4028235E38"),
                value("float4", "'16777216'", "1.6777216E7"),
                value("float8", "'0.1'", "0.1"),
                value("float8", "'-0'", "-0.0"),
                value("float8", "'NaN'", "NaN"),
                value("float8", "'Infinity'", "Infinity"),
                value("float8", "'4.9e-324'", "4.9E-324"),
                value("float8", "'1.7976931348623157e308'", "1.7976931348623157E308"),
                value("float8", "'123456789012345.6'", "1.234567890123456E14"),
                value("float8", "'0.000123456789012345'", "1.23456789012345E-4"),
                value("numeric", "'0'", "0"),
                value("numeric", "'0.000'", "0.000"),
                value("numeric", "'1.50'", "1.50"),
                value("numeric(12,2)", "'-1234567890.12'", "-1234567890.12"),
                since("numeric(3,5)", "'0.00123'", "0.00123", 150000),
                since("numeric(5,-2)", "'1234567'", "1234600", 150000),
                value("numeric", "'10000'", "10000"),
                value("numeric", "'100000000'", "100000000"),
                value("numeric", "'99999999999999999999'", "99999999999999999999"),
                value("numeric", "'9223372036854775807'", "9223372036854775807"),
                value("numeric", "'9223372036854775808'", "9223372036854775808"),
                value("numeric", "'-9223372036854775808'", "-9223372036854775808"),
                value("numeric", "'922337203685477580.7'", "922337203685477580.7"),
                value("numeric", "'0.0000000000000000000000001'", "0.0000000000000000000000001"),
                value("numeric", "'" + digits + ".5'", digits + ".5"),
                value("numeric", "'1e400'", "1" + "0".repeat(400)),
                value("numeric", "'NaN'", "NAN"),
                since14("numeric", "'Infinity'", "POSITIVE_INFINITY"),
                since14("numeric", "'-Infinity'", "NEGATIVE_INFINITY"),
                value("money", "'1234.56'", "1234.56"),
                value("money", "'-92233720368547758.08'", "-92233720368547758.08"));
    }

    @Test
    void datesAndTimesAreReadAlikeFromCopyAndFromTheChangeLog() throws Exception {
        check(
                "",
                value("date", "'2024-02-29'", "2024-02-29"),
                value("date", "'4713-01-01 BC'", "-4712-01-01"),
                value("date", "'0001-12-31 BC'", "0000-12-31"),
                value("date", "'5874897-12-31'", "+5874897-12-31"),
                value("date", "'infinity'", "POSITIVE_INFINITY"),
                value("date", "'-infinity'", "NEGATIVE_INFINITY"),
                value("time", "'23:59:59.999999'", "86399999999000"),
                value("time", "'24:00:00'", "86400000000000"),
                value("time(0)", "'00:00:00'", "0"),
                value("timetz", "'12:00:00.5+05:30'", "12:00:00.5+05:30"),
                value("timestamp", "'2024-02-29 23:59:59.123456'", "2024-02-29T23:59:59.123456"),
                value("timestamp", "'1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999999"),
                value("timestamp(3)", "'1999-12-31 12:00:00.1239'", "1999-12-31T12:00:00.124"),
                value("timestamp", "'0044-03-15 12:00:00 BC'", "-0043-03-15T12:00"),
                value("timestamp", "'4714-11-24 00:00:00 BC'", "-4713-11-24T00:00"),
                value("timestamp", "'294276-12-31 23:59:59.999999'", "+294276-12-31T23:59:59.999999"),
                value("timestamp", "'infinity'", "POSITIVE_INFINITY"),
                value("timestamp", "'-infinity'", "NEGATIVE_INFINITY"),
                value("timestamptz", "'2024-07-01 12:00:00+02'", "2024-07-01T10:00"),
                value("timestamptz", "'1850-01-01 00:00:00.000001 Europe/Amsterdam'", null),
                value("timestamptz", "'0001-01-01 00:00:00 BC'", "0000-01-01T00:00"),
                value("timestamptz", "'infinity'", "POSITIVE_INFINITY"),
                value("interval", "'1 year 2 mons -3 days 04:05:06.789'", "P1Y2M-3DT4H5M6.789S"),
                value("interval", "'0'", "PT0S"));
    }

    @Test
    void textBytesAndJsonAreReadAlikeFromCopyAndFromTheChangeLog() throws Exception {
        check(
                "CREATE TYPE mood AS ENUM ('sad', 'very happy ☺')",
                value("text", "''", ""),
                value("text", "E'tab\\t quote\" back\\\\ ☺ 𝄞'", "tab\t quote\" back\\ ☺ 𝄞"),
                value("text", "repeat('x', 100000)", "x".repeat(100000)),
                value("varchar(10)", "'ä b '", "ä b "),
                value("varchar", "'NULL'", "NULL"),
                value("char(5)", "'ab'", "ab   "),
                value("char", "'é'", "é"),
                value("bpchar", "'ab '", "ab "),
                value("name", "'pg_class'", "pg_class"),
                value("\"char\"", "'a'", "a"),
                value("mood", "'very happy ☺'", "very happy ☺"),
                value("bytea", "'\\x00ff10'", "00ff10"),
                value("bytea", "''", ""),
                value("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                value("json", "' {\"a\" :  [1, null]} '", " {\"a\" :  [1, null]} "),
                value("jsonb", "'{\"b\":1.10, \"a\":[true]}'", "{\"a\": [true], \"b\": 1.10}"),
                value("jsonb", "'null'", "null"),
                value("xml", "'<a b=\"1\">ü</a>'", "<a b=\"1\">ü</a>"));
    }

    @Test
    void typesWithoutACounterpartComeAsTheirTextForm() throws Exception {
        check(
                "",
                value("inet", "'10.0.0.1'", "10.0.0.1"),
                value("inet", "'10.0.0.1/8'", "10.0.0.1/8"),
                value("cidr", "'2001:db8::/32'", "2001:db8::/32"),
                value("macaddr", "'08:00:2b:01:02:03'", "08:00:2b:01:02:03"),
                value("macaddr8", "'08:00:2b:01:02:03:04:05'", "08:00:2b:01:02:03:04:05"),
                value("bit(4)", "'1010'", "1010"),
                value("varbit", "''", ""),
                value("point", "'(1.5,-2)'", "(1.5,-2)"),
                value("box", "'(0,0),(1,1)'", "(1,1),(0,0)"),
                value("polygon", "'((0,0),(1,1),(1,0))'", "((0,0),(1,1),(1,0))"),
                value("circle", "'<(0,0),2>'", "<(0,0),2>"),
                value("path", "'[(0,0),(1,1)]'", "[(0,0),(1,1)]"),
                value("line", "'{1,2,3}'", "{1,2,3}"),
                value("lseg", "'[(0,0),(1,1)]'", "[(0,0),(1,1)]"),
                value("tsvector", "'fat:2 cat:3'", "'cat':3 'fat':2"),
                value("tsquery", "'fat & !cat'", "'fat' & !'cat'"),
                value("int4range", "'[1,5]'", "[1,6)"),
                value("numrange", "'empty'", "empty"),
                value("tstzrange", "'[2024-01-01 00:00+00,)'", "[\"2024-01-01 00:00:00+00\",)"),
                since14("int8multirange", "'{[1,2),[5,7)}'", "{[1,2),[5,7)}"),
                value("pg_lsn", "'16/B374D848'", "16/B374D848"),
                value("xid8", "'18446744073709551615'", "18446744073709551615"),
                value("tid", "'(1,2)'", "(1,2)"),
                value("jsonpath", "'$.a[*]'", "$.\"a\"[*]"),
                value("oidvector", "'1 2 3'", "1 2 3"),
                value("regclass", "'pg_catalog.pg_class'", "pg_class"));
    }

    @Test
    void arraysBecomeJson() throws Exception {
        check(
                TYPES,
                value("int4[]", "'{1,NULL,-3}'", "[1,null,-3]"),
                value("int4[]", "'{}'", "[]"),
                value("int4[]", "'{{1,2},{3,4}}'", "[[1,2],[3,4]]"),
                value("int4[]", "'[2:3][0:0]={{7},{8}}'", "[[7],[8]]"),
                value("int8[]", "'{9223372036854775807}'", "[9223372036854775807]"),
                since14(
                        "numeric[]",
                        "'{1.50,NaN,-Infinity,1e30}'",
                        "[1.50,\"NaN\",\"-Infinity\",1000000000000000000000000000000]"),
                value("float8[]", "'{1e-7,NaN,0.1}'", "[1e-07,\"NaN\",0.1]"),
                value("bool[]", "'{t,f,NULL}'", "[true,false,null]"),
                value("money[]", "'{\"$1,234.50\"}'", "[1234.50]"),
                value(
                        "text[]",
                        "ARRAY['a', '', NULL, 'NULL', 'x,y', E'q\"b\\\\', E'\\n', '{}', '☺']",
                        "[\"a\",\"\",null,\"NULL\",\"x,y\",\"q\\\"b\\\\\",\"\\n\",\"{}\",\"☺\"]"),
                value("varchar(3)[]", "'{abc}'", "[\"abc\"]"),
                value("mood[]", "'{sad,\"NULL\",\"a,b\"}'", "[\"sad\",\"NULL\",\"a,b\"]"),
                value("timestamp[]", "'{2024-01-01 10:00}'", "[\"2024-01-01 10:00:00\"]"),
                value("bytea[]", "ARRAY['\\x01ff'::bytea]", "[\"\\\\x01ff\"]"),
                value(
                        "uuid[]",
                        "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'",
                        "[\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"]"),
                value("jsonb[]", "ARRAY['{\"a\": \"b c\"}', '[1]']::jsonb[]", "[{\"a\": \"b c\"},[1]]"),
                value("box[]", "'{(1,1),(0,0);(3,3),(2,2)}'", "[\"(1,1),(0,0)\",\"(3,3),(2,2)\"]"),
                value("int4range[]", "'{\"[1,5)\"}'", "[\"[1,5)\"]"));
    }

    @Test
    void compositesAndDomainsBecomeJsonOrTheirBaseType() throws Exception {
        check(
                TYPES,
                value(
                        "point2",
                        "ROW(1, 'a \"q\" \\ b', '{1.5,NULL}')",
                        "{\"x\":1,\"odd \\\"name\":\"a \\\"q\\\" \\\\ b\",\"nested\":[1.5,null]}"),
                value("point2", "ROW(NULL, NULL, NULL)", "{\"x\":null,\"odd \\\"name\":null,\"nested\":null}"),
                value("point2", "ROW(NULL, '', '{}')", "{\"x\":null,\"odd \\\"name\":\"\",\"nested\":[]}"),
                value(
                        "point2[]",
                        "ARRAY[ROW(1, 'a,b', NULL), NULL]::point2[]",
                        "[{\"x\":1,\"odd \\\"name\":\"a,b\",\"nested\":null},null]"),
                value(
                        "deep",
                        "ROW(ROW(2, 'x y', '{1}'), true, '2024-01-01 00:00+00', '{\"k\": [1, \"two\"]}')",
                        "{\"p\":{\"x\":2,\"odd \\\"name\":\"x y\",\"nested\":[1]},\"ok\":true,\"at\":\"2024-01-01 00:00:00+00\","
                                + "\"doc\":{\"k\": [1, \"two\"]}}"),
                value("small_positive", "7", "7.00"),
                value("positive[]", "'{1,2.5}'", "[1.00,2.50]"),
                value("tags", "'{a,b}'", "[\"a\",\"b\"]"),
                value("\"Odd schema\".\"Odd type\"", "'x'", "x"),
                value("\"Odd schema\".\"Odd type\"[]", "'{x}'", "[\"x\"]"));
    }

    @Test
    void extensionTypesAreKnownByTheirFunctionsOrComeAsText() throws Exception {
        check(
                "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION ltree SCHEMA ext",
                value(
                        "ext.hstore",
                        "'a=>1, \"b \\\"q\\\" \\\\\"=>NULL, c=>\"x=>y, z\"'::ext.hstore",
                        "{\"a\":\"1\",\"c\":\"x=>y, z\",\"b \\\"q\\\" \\\\\":null}"),
                value("ext.hstore", "''::ext.hstore", "{}"),
                value("ext.hstore[]", "ARRAY['a=>NULL'::ext.hstore]", "[{\"a\":null}]"),
                value("ext.citext", "'MiXed'", "MiXed"),
                value("ext.ltree", "'Top.Science'", "Top.Science"));
    }

    @Test
    void nullsAreNulls() throws Exception {
        check(
                "",
                value("int4", "NULL", null),
                value("text", "NULL", null),
                value("inet", "NULL", null),
                value("int4[]", "NULL", null));
    }

    /** Puts all values into one row, and reads it by COPY, by COPY of the key, and from the change log. */
    private static void check(String prepare, Value... all) throws Exception {
        try (TestDatabase database = TestPostgres.shared().createDatabase()) {
            int version =
                    Integer.parseInt(database.rows("SHOW server_version_num").get(0));
            Value[] values = List.of(all).stream()
                    .filter(value -> value.sinceVersion <= version)
                    .toArray(Value[]::new);
            String columns = IntStream.range(0, values.length)
                    .mapToObj(i -> "c" + i + " " + values[i].type)
                    .collect(Collectors.joining(", "));
            String literals = List.of(values).stream().map(Value::sql).collect(Collectors.joining(", "));
            database.execute(prepare + "; CREATE TABLE v (id int PRIMARY KEY, " + columns
                    + "); CREATE PUBLICATION p FOR TABLE v");
            database.execute("SELECT pg_create_logical_replication_slot('" + database.database() + "', 'pgoutput')");
            database.execute("SET synchronous_commit = on; INSERT INTO v VALUES (1, " + literals + ")");
            Connections connections = Reading.connections(database);
            BatchWriter copied = Reading.writer();
            BatchWriter keyed = Reading.writer();
            Schema schema;
            try (PostgresChunkReader reader = Reading.reader(connections)) {
                reader.begin();
                schema = new Schema(TABLE, 1, reader.columns(TABLE));
                assertEquals(1, reader.read(schema, null, null, copied, Integer.MAX_VALUE, () -> {}));
                assertEquals(1, reader.readKey(schema, KeyForm.encode(List.of("1")), keyed));
            }
            BatchWriter streamed = streamed(connections, schema, database.database());
            compare(values, Reading.open(copied), Reading.open(keyed), Reading.open(streamed));
        }
    }

    private static void compare(Value[] values, BatchReader copied, BatchReader keyed, BatchReader streamed) {
        copied.next();
        keyed.next();
        streamed.next();
        assertAll(IntStream.range(0, values.length).mapToObj(i -> () -> {
            String name = values[i].type + " " + values[i].sql;
            String bytes = Reading.bytes(copied.values(), i + 1);
            assertEquals(Reading.bytes(streamed.values(), i + 1), bytes, name);
            assertEquals(Reading.bytes(keyed.values(), i + 1), bytes, name);
            if (values[i].expected != null || values[i].sql.equals("NULL")) {
                assertEquals(values[i].expected, Reading.text(copied.values(), i + 1), name);
            }
        }));
    }

    /** The row as pgoutput sends it, decoded from text. */
    private static BatchWriter streamed(Connections connections, Schema schema, String slot) throws Exception {
        try (Connection connection = connections.administering();
                Statement statement = connection.createStatement()) {
            List<byte[]> inserts = new ArrayList<>();
            try (ResultSet row =
                    statement.executeQuery("SELECT data FROM pg_catalog.pg_logical_slot_peek_binary_changes('"
                            + slot
                            + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'p')")) {
                while (row.next()) {
                    if (row.getBytes(1)[0] == 'I') {
                        inserts.add(row.getBytes(1));
                    }
                }
            }
            assertEquals(1, inserts.size());
            CatalogueTable table = new Catalogue(connection).table(TABLE).orElseThrow();
            BatchWriter out = Reading.writer();
            out.beginRow(Operation.INSERT, out.schema(schema));
            ByteBuffer insert = ByteBuffer.wrap(inserts.get(0));
            insert.position(6);
            int count = insert.getShort();
            for (int i = 0; i < count; i++) {
                if (insert.get() == 'n') {
                    out.putNull();
                } else {
                    int length = insert.getInt();
                    table.columns().get(i).type().text().decode(insert.array(), insert.position(), length, out);
                    insert.position(insert.position() + length);
                }
            }
            out.endRow();
            return out;
        }
    }
}
