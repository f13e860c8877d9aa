package dev.millrace.app.fault.shapes;

import dev.millrace.app.fault.Stage;
import dev.millrace.storage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The outermost values of every type, loaded and as changes: each arrives as the same text, or by the form that is documented for its type. */
final class EdgeValues implements Shape {
    private static final String NESTED = "repeat('[', 5000) || repeat(']', 5000)";
    private static final Map<String, List<String>> VALUES = new TreeMap<>();

    static {
        VALUES.put("smallint", List.of("-32768", "32767", "0"));
        VALUES.put("int", List.of("-2147483648", "2147483647"));
        VALUES.put("bigint", List.of("'-9223372036854775808'", "9223372036854775807"));
        VALUES.put("oid", List.of("0", "4294967295"));
        VALUES.put(
                "numeric",
                List.of(
                        "'NaN'",
                        "'Infinity'",
                        "'-Infinity'",
                        "repeat('9', 131072)::numeric",
                        "('0.' || repeat('1', 16383))::numeric",
                        "('-' || repeat('7', 131072) || '.' || repeat('3', 16383))::numeric",
                        "0.000",
                        "-0.10",
                        "'1e-16383'"));
        VALUES.put("numeric(38,10)", List.of("9999999999999999999999999999.9999999999", "-0.0000000001"));
        VALUES.put("numeric(1000,500)", List.of("repeat('9', 500)::numeric", "'NaN'"));
        VALUES.put("numeric(3,5)", List.of("0.00999", "-0.00001"));
        VALUES.put("numeric(3,-2)", List.of("99900", "-100"));
        VALUES.put("real", List.of("'NaN'", "'Infinity'", "'-Infinity'", "'3.4028235e38'", "'1e-45'", "'-0'"));
        VALUES.put("double precision", List.of("'NaN'", "'-Infinity'", "'1.7976931348623157e308'", "'5e-324'", "'-0'"));
        VALUES.put("money", List.of("'-92233720368547758.08'", "'92233720368547758.07'"));
        VALUES.put("date", List.of("'4713-01-01 BC'", "'5874897-12-31'", "'infinity'", "'-infinity'", "'0001-01-01'"));
        VALUES.put("time", List.of("'00:00'", "'24:00'", "'23:59:59.999999'"));
        VALUES.put("timetz", List.of("'24:00:00+15:59:59'", "'00:00-15:59'"));
        VALUES.put(
                "timestamp",
                List.of("'4713-01-01 00:00 BC'", "'infinity'", "'-infinity'", "'294246-12-31 23:59:59.999999'"));
        VALUES.put(
                "timestamptz", List.of("'4713-01-02 00:00+00 BC'", "'infinity'", "'294246-12-31 23:59:59.999999+00'"));
        VALUES.put(
                "interval",
                List.of("'-178000000 years'", "'178000000 years'", "'1 mon -1 day 00:00:00.000001'", "'0'"));
        VALUES.put(
                "text",
                List.of(
                        "''",
                        "' '",
                        "E'\\x01\\x02\\x7f'",
                        "'🙂🏳️‍🌈'",
                        "E'\\u2028\\ufeff\\ufffe'",
                        "E'\\\\N'",
                        "'NULL'",
                        "E'\\r\\n\\t'",
                        "'{\"a\":1}'"));
        VALUES.put("char(5)", List.of("''", "'ab'", "'abcde'"));
        VALUES.put("varchar(3)", List.of("'äöü'", "''"));
        VALUES.put("bytea", List.of("''", "'\\x00'", "'\\xff00ff'", "'\\x5c78'"));
        VALUES.put("uuid", List.of("'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"));
        VALUES.put("bit(9)", List.of("B'000000001'", "B'111111111'"));
        VALUES.put("varbit", List.of("B''", "B'10'"));
        VALUES.put("inet", List.of("'0.0.0.0/0'", "'::1'", "'10.1.2.3'", "'2001:db8::/32'"));
        VALUES.put("macaddr8", List.of("'08:00:2b:01:02:03:04:05'"));
        VALUES.put("tsvector", List.of("''", "'''it''''s'':1A the:2,3'"));
        VALUES.put("xml", List.of("'<a>&lt;</a>'", "''"));
        VALUES.put("point", List.of("'(1e300,-0)'"));
        VALUES.put(
                "jsonb",
                List.of(
                        "'null'",
                        "'1e400'",
                        "'\"\\u20ac\"'",
                        "(" + NESTED + ")::jsonb",
                        "'{\"a\": {\"\": []}}'",
                        "repeat('9', 5000)::jsonb"));
        VALUES.put("edges.mood", List.of("'sad'", "'so-so'", "'🙂'"));
        VALUES.put("edges.small", List.of("0", "999"));
    }

    /** What arrives as JSON is compared with the JSON that the server itself makes. */
    private static final Map<String, List<String>> AS_JSON = Map.of(
            "int[]", List.of("'{}'", "'{1,NULL,3}'", "'{{1,2},{3,4}}'", "'[0:1]={5,6}'"),
            "text[]", List.of("'{}'", "ARRAY['', NULL, 'NULL', 'a,b', 'c\\d', 'q\"']", "'{{a},{b}}'"),
            "edges.pair", List.of("'(1,x)'", "'(,)'", "ROW(2, 'a \"b\" \\')"),
            "edges.pair[]", List.of("ARRAY[(1,'x')::edges.pair, NULL, (2, NULL)::edges.pair]"));

    @Override
    public String name() {
        return "edges";
    }

    @Override
    public void create(TestDatabase source) throws SQLException {
        source.execute(
                "CREATE SCHEMA edges; CREATE TYPE edges.mood AS ENUM ('sad', 'so-so', '🙂');"
                        + " CREATE DOMAIN edges.small AS int CHECK (VALUE BETWEEN 0 AND 999); CREATE TYPE edges.pair AS (a int, b text)");
        for (Map<String, List<String>> kind : List.of(VALUES, AS_JSON)) {
            for (Map.Entry<String, List<String>> type : kind.entrySet()) {
                source.execute(
                        "CREATE TABLE " + table(type.getKey()) + " (id int PRIMARY KEY, v " + type.getKey() + ")");
                insert(source, type, 0);
            }
        }
        source.execute("CREATE TABLE edges.nothing ()");
    }

    @Override
    public void change(TestDatabase source) throws SQLException {
        for (Map<String, List<String>> kind : List.of(VALUES, AS_JSON)) {
            for (Map.Entry<String, List<String>> type : kind.entrySet()) {
                insert(source, type, 100);
                source.execute("UPDATE " + table(type.getKey()) + " SET id = id + 1000 WHERE id = 0; UPDATE "
                        + table(type.getKey()) + " SET v = (SELECT v FROM " + table(type.getKey())
                        + " WHERE id = 100) WHERE id = 101");
            }
        }
        source.execute("INSERT INTO edges.nothing DEFAULT VALUES");
    }

    private static void insert(TestDatabase source, Map.Entry<String, List<String>> type, int first)
            throws SQLException {
        StringBuilder rows = new StringBuilder("(" + (first + 99) + ", NULL)");
        for (int i = 0; i < type.getValue().size(); i++) {
            rows.append(", (")
                    .append(first + i)
                    .append(", ")
                    .append(type.getValue().get(i))
                    .append(")");
        }
        source.execute("INSERT INTO " + table(type.getKey()) + " VALUES " + rows);
    }

    private static String table(String type) {
        return "edges.\"" + type + "\"";
    }

    @Override
    public void compare(Connection source, Connection destination, boolean duckdb) throws SQLException {
        try (Statement here = source.createStatement();
                Statement there = destination.createStatement()) {
            here.execute("SET TimeZone = 'UTC'; SET intervalstyle = 'iso_8601'; SET lc_monetary = 'C'");
            there.execute("SET TimeZone = 'UTC'");
        }
        for (String type : VALUES.keySet()) {
            same(source, destination, type, here(type, duckdb), duckdb ? inDuckDb(type) : inPostgres(type));
        }
        for (String type : AS_JSON.keySet()) {
            String json = "replace(replace(to_jsonb(v)::text, ', ', ','), ': ', ':')";
            same(source, destination, type, json, duckdb ? "v::text" : json);
        }
    }

    private static String here(String type, boolean duckdb) {
        return switch (type) {
            case "money" -> "v::numeric::text";
            case "real" -> duckdb ? "v::text" : "encode(float4send(v), 'hex')";
            case "double precision" -> duckdb ? "v::text" : "encode(float8send(v), 'hex')";
            case "bytea" -> "encode(v, 'hex')";
            case "char(5)" -> duckdb ? "rpad(v, 5)" : "v::text"; // there padding is data
            case "inet" ->
                "host(v) || CASE WHEN masklen(v) < CASE family(v) WHEN 4 THEN 32 ELSE 128 END THEN '/' || masklen(v) ELSE '' END";
            default -> "v::text";
        };
    }

    private static String inPostgres(String type) {
        return switch (type) {
            case "money", "inet" -> "v::text";
            default -> here(type, false);
        };
    }

    private static String inDuckDb(String type) {
        return switch (type) {
            case "real", "double precision" ->
                "CASE WHEN isnan(v) THEN 'NaN' WHEN isinf(v) THEN CASE WHEN v > 0 THEN '' ELSE '-' END || 'Infinity'"
                        + " ELSE regexp_replace(v::text, '\\.0$', '') END";
            case "bytea" -> "lower(hex(v))";
            case "numeric(3,5)" -> "regexp_replace(v::text, '^(-?)\\.', '\\10.')";
            case "date", "timestamp", "timestamptz" -> "regexp_replace(v::text, '^(.*) \\(BC\\)(.*)$', '\\1\\2 BC')";
            default -> "v::text";
        };
    }

    private static void same(Connection source, Connection destination, String type, String here, String there)
            throws SQLException {
        String from = "FROM " + table(type);
        Stage.assertSame(
                Stage.rows(source, "SELECT id || '|' || coalesce(" + here + ", '∅') " + from),
                Stage.rows(destination, "SELECT id || '|' || coalesce(" + there + ", '∅') " + from),
                type);
    }
}
